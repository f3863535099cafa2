"""Describe the conditions of a statement. The text names the key and every value, so that nothing is hidden."""

import re
from collections.abc import Sequence
from typing import Any

from access.explain.statements import Condition
from access.texts.conditions import KEYS
from access.texts.text import Listed, Text
from access.uploads import ACL_KEY, OWNER_HAS_ALL

# What an operator asks of a key: the code of its test. The names are IAM's. [IAM User Guide, "IAM JSON policy elements:
# Condition operators"]
OPERATORS = {
    "StringEquals": "is",
    "StringNotEquals": "not",
    "StringEqualsIgnoreCase": "is_in_any_case",
    "StringNotEqualsIgnoreCase": "not_in_any_case",
    "StringLike": "matches",
    "StringNotLike": "not_matches",
    "NumericEquals": "is",
    "NumericNotEquals": "not",
    "NumericLessThan": "less_than",
    "NumericLessThanEquals": "at_most",
    "NumericGreaterThan": "more_than",
    "NumericGreaterThanEquals": "at_least",
    "DateEquals": "is",
    "DateNotEquals": "not",
    "DateLessThan": "before",
    "DateLessThanEquals": "not_after",
    "DateGreaterThan": "after",
    "DateGreaterThanEquals": "not_before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "in",
    "NotIpAddress": "not_in",
    "ArnEquals": "matches",
    "ArnLike": "matches",
    "ArnNotEquals": "not_matches",
    "ArnNotLike": "not_matches",
    "Null": "is",
}
EACH, ANY = "ForAllValues", "ForAnyValue"
# Keys that every call brings along. A negated operator on any other key is met too when the key is absent.
_ALWAYS_GIVEN = {
    "aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
    "aws:principaltype", "aws:requestedregion", "aws:securetransport", "aws:userid", "aws:viaawsservice",
}  # fmt: skip
_YES_OR_NO = {"aws:multifactorauthpresent", "aws:securetransport", "aws:viaawsservice"}


def conditions_in_words(conditions: Sequence[Condition]) -> Listed:
    """Return the tests of a statement, all of which must be met, as clauses of its sentence."""
    said = [condition_in_words(one, beside="_beside" if len(conditions) > 1 else "") for one in conditions]
    return Listed(tuple(said), "long_clauses" if any(map(_offers_a_choice, said[:-1])) else "clauses")


def condition_in_words(one: Condition, *, beside: str = "") -> Text:
    """Return one key's test: in words where the key is common, and always with the key itself.

    What an absent key does is explained where it meets the test: with IfExists, with ForAllValues and with a negation.
    """
    over, name, optional = operator_parts(one.operator)
    small, key = tuple(value.lower() for value in one.values), one.key.lower()
    if (name, one.key, one.values) == ("StringEquals", ACL_KEY, (OWNER_HAS_ALL,)) and not over and not optional:
        said = Text("handed_over", {"key": one.key, "value": OWNER_HAS_ALL})
    elif name == "Null":
        said = _presence(one.key, small)
    elif name == "Bool" and key in _YES_OR_NO and small in {("true",), ("false",)}:
        said = Text(f"{key} {small[0]}", {"key": one.key, "value": small[0]})
    else:
        said = _test(one, name, _subject(one.key, over))
    absent = _when_absent(one, name, over, optional=optional)
    return Text(f"{absent}{beside}", {"test": said}) if absent else said


def _offers_a_choice(test: Text) -> bool:
    """Return whether a test says "or": another one that follows it with "and" needs a comma."""
    values = test.facts.get("test", test).facts.get("values")
    several = isinstance(values, Listed) and (len(values.words) > 1 or " or " in values.words[0])
    return several or test.code == "key_either"


def operator_parts(operator: str) -> tuple[str, str, bool]:
    """Split `ForAllValues:StringLikeIfExists` into the set operator, IAM's own name or "", and what is optional.

    Case counts: IAM refuses `stringEquals` with "Invalid Condition type".
    """
    quantifier, _, rest = operator.rpartition(":")
    optional = rest.endswith("IfExists")
    name = rest.removesuffix("IfExists")
    if quantifier not in {"", EACH, ANY} or name not in OPERATORS or (optional and name == "Null"):
        return "", "", False
    return quantifier, name, optional


def _presence(key: str, values: tuple[str, ...]) -> Text:
    """Return what Null asks; its values are read whatever their capitals."""
    if set(values) == {"true"}:
        return Text("key_absent", {"key": key})
    if set(values) == {"false"}:
        return Text("key_present", {"key": key})
    return Text("key_either", {"key": key, "values": Listed(values, "or")})


def _when_absent(one: Condition, name: str, over: str, *, optional: bool) -> str:
    """Return the code of what an absent key does, "" where it does not meet the test."""
    if name == "Null":
        return ""
    if over == EACH:
        return "or_none"
    negated = "Not" in name and not over and one.key.lower() not in _ALWAYS_GIVEN
    return "or_absent" if optional or negated else ""


def _subject(key: str, over: str) -> Text | str:
    named = Text(f"key_{key.lower()}", {"key": key}) if key.lower() in KEYS else key
    return Text("each_value" if over == EACH else "some_value", {"key": named}) if over else named


def _test(one: Condition, name: str, subject: Text | str) -> Text:
    """Return operator and values: any of them will do, but for a negated operator none."""
    code, values = OPERATORS.get(name, "other"), tuple(_quoted(value) for value in one.values)
    facts: dict[str, Any] = {"key": subject} | ({} if name else {"operator": one.operator})
    if not values:
        return Text(f"test_{code}", facts | {"values": Text("no_value")})
    if "Not" not in name or len(values) == 1:
        return Text(f"test_{code}", facts | {"values": Listed(values, "or")})
    return Text(f"test_{code}_several", facts | {"values": Listed(values, "nor")})


def _quoted(value: str) -> str:
    """Return the value, between quotation marks where its end would not be seen: an empty one, one with spaces."""
    return value if value and not re.search(r"[\s,]", value) else f"“{value}”"
