"""Checks for condition operators that do not fit the type of their key: IAM takes them, and they never match.

Access Analyzer has the same checks. [IAM User Guide, "Access Analyzer policy check reference"]
"""

from collections.abc import Iterator

from access.explain.conditions import operator_parts
from access.explain.finding import Finding, Weight
from access.explain.service_catalog import key_type
from access.explain.statements import Condition, Statement

# Which operators compare with a key of which type. ARNs and texts compare with each other: AWS does so in its own
# policies.
_FAMILIES = {
    "ARN": ("Arn", "String"),
    "Bool": ("Bool", "String"),
    "Date": ("Date", "Numeric"),
    "IPAddress": ("Ip",),
    "Numeric": ("Numeric",),
    "String": ("String", "Binary", "Arn"),
}
_DATES_ONLY = ("aws:currenttime", "aws:tokenissuetime")


def find_wrong_operators(statement: Statement) -> Iterator[Finding]:
    """Find operators of another type than their key's, and keys of many values without ForAnyValue or ForAllValues."""
    for one in statement.conditions:
        quantifier, name, _ = operator_parts(one.operator)
        kind = key_type(one.key)
        if not name or not kind or name == "Null":
            continue
        if not _fits(one, name, kind.removeprefix("ArrayOf")):
            yield Finding(
                Weight.MEDIUM,
                "operator-type",
                f"{one.operator} does not compare with {one.key}, which is a {_TOLD[kind.removeprefix('ArrayOf')]}.",
                f"Use an operator for it, such as {_USUAL[kind.removeprefix('ArrayOf')]}.",
                statement.where,
            )
        elif kind.startswith("ArrayOf") and not quantifier:
            yield Finding(
                Weight.LOW,
                "no-set-operator",
                f"{one.key} can have many values, and {one.operator} does not say whether one or all must match.",
                f"Write ForAnyValue:{one.operator}, or ForAllValues:{one.operator} with Null {one.key} false.",
                statement.where,
            )


_USUAL = {
    "ARN": "ArnLike", "Bool": "Bool", "Date": "DateLessThan", "IPAddress": "IpAddress", "Numeric": "NumericLessThan",
    "String": "StringEquals",
}  # fmt: skip
_TOLD = {
    "ARN": "ARN", "Bool": "yes or no", "Date": "date", "IPAddress": "network address", "Numeric": "number",
    "String": "text",
}  # fmt: skip


def _fits(one: Condition, name: str, kind: str) -> bool:
    if kind not in _FAMILIES:
        return True
    family = name.removeprefix("Not") if name.startswith("NotIp") else name
    if one.key.lower() in _DATES_ONLY:
        return family.startswith("Date")
    return family.startswith(_FAMILIES[kind])
