"""Checks for condition operators that do not fit the type of their key. IAM accepts them, but they never match.

Access Analyzer has the same checks. [IAM User Guide, "Access Analyzer policy check reference"]
"""

from collections.abc import Iterator

from access.explain.conditions import operator_parts
from access.explain.finding import Finding, Weight, text
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
                text(f"operator_type_{kind.removeprefix('ArrayOf')}", operator=one.operator, key=one.key),
                text("fix_operator_type", operator=_USUAL[kind.removeprefix("ArrayOf")]),
                statement.where,
            )
        elif kind.startswith("ArrayOf") and not quantifier:
            yield Finding(
                Weight.LOW,
                "no-set-operator",
                text("no_set_operator", key=one.key, operator=one.operator),
                text("fix_set_operator", key=one.key, operator=one.operator),
                statement.where,
            )


_USUAL = {
    "ARN": "ArnLike", "Bool": "Bool", "Date": "DateLessThan", "IPAddress": "IpAddress", "Numeric": "NumericLessThan",
    "String": "StringEquals",
}  # fmt: skip


def _fits(one: Condition, name: str, kind: str) -> bool:
    if kind not in _FAMILIES:
        return True
    family = name.removeprefix("Not") if name.startswith("NotIp") else name
    if one.key.lower() in _DATES_ONLY:
        return family.startswith("Date")
    return family.startswith(_FAMILIES[kind])
