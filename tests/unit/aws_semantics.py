"""A small judge of trust policies that knows what AWS documents and one request in full; no code of Daypass is used.

It decides a concrete request, while `access.verify` decides what a caller could do. Grounds: IAM User Guide, "AWS JSON
policy elements: Principal", "Condition operators", "Multivalued context keys", "Policy variables and tags".
"""

import fnmatch
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Value = str | list[str]


@dataclass(frozen=True)
class Request:
    """One call of sts:AssumeRole: all names of the caller, and all context keys, in lower case."""

    names: frozenset[str]
    context: dict[str, Value]


def admits(document: dict[str, Any], request: Request) -> bool:
    """Return whether AWS admits the request: some Allow applies and no Deny does."""
    statements = _list(document["Statement"])
    variables = document.get("Version") == "2012-10-17"
    applying = [one["Effect"] for one in statements if _applies(one, request, variables)]
    return "Allow" in applying and "Deny" not in applying


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _applies(statement: dict[str, Any], request: Request, variables: bool) -> bool:
    conditions = statement.get("Condition", {})
    return (
        _names_action(statement)
        and _names_caller(statement, request)
        and all(
            _test(operator, key.lower(), _list(values), request.context, variables)
            for operator, keys in conditions.items()
            for key, values in keys.items()
        )
    )


def _names_action(statement: dict[str, Any]) -> bool:
    element = "NotAction" if "NotAction" in statement else "Action"
    named = any(_like("sts:assumerole", pattern.lower()) for pattern in _list(statement[element]))
    return named != (element == "NotAction")


def _names_caller(statement: dict[str, Any], request: Request) -> bool:
    if "NotPrincipal" in statement:
        return not set(_list(statement["NotPrincipal"]["AWS"])) & request.names
    principal = statement["Principal"]
    if principal == "*":
        return True
    return bool(set(_list(principal.get("AWS", []))) & request.names)


def _test(operator: str, key: str, values: list[Any], context: dict[str, Value], variables: bool) -> bool:
    present = context.get(key)
    quantifier, _, name = operator.rpartition(":")
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    if name == "Null":
        return any((present is None) == (_text(value).lower() == "true") for value in values)
    if present is None:
        return optional or quantifier == "ForAllValues" or ("Not" in name and quantifier != "ForAnyValue")
    wanted = [_filled(_text(value), context) if variables else _text(value) for value in values]
    meets = [_compare(name, one, [value for value in wanted if value is not None]) for one in _list(present)]
    return all(meets) if quantifier == "ForAllValues" else any(meets)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(text: str, context: dict[str, Value]) -> str | None:
    """Return the text with its variables replaced, or None when a key is missing: then nothing matches."""
    for whole, key, default in re.findall(r"(\$\{([^},]+)(?:, '([^']*)')?\})", text):
        value = key if key in "*?$" else context.get(key.lower(), default or None)
        if not isinstance(value, str):
            return None
        text = text.replace(whole, value)
    return text


def _compare(name: str, value: str, wanted: list[str]) -> bool:
    positive = name.replace("Not", "")
    compare = _FAMILIES[positive]
    matched = any(compare(value, one) for one in wanted)
    return matched != ("Not" in name)


def _like(value: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _arn_like(value: str, pattern: str) -> bool:
    return all(map(_like, value.split(":", 5), pattern.split(":", 5)))


def _instant(text: str) -> datetime:
    if re.fullmatch(r"\d+", text):
        return datetime.fromtimestamp(int(text), tz=UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_FAMILIES: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, one: value == one,
    "StringEqualsIgnoreCase": lambda value, one: value.lower() == one.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda value, one: value.lower() == one.lower(),
    "IpAddress": lambda value, one: ipaddress.ip_address(value) in ipaddress.ip_network(one),
    "DateEquals": lambda value, one: _instant(value) == _instant(one),
    "DateLessThan": lambda value, one: _instant(value) < _instant(one),
    "DateLessThanEquals": lambda value, one: _instant(value) <= _instant(one),
    "DateGreaterThan": lambda value, one: _instant(value) > _instant(one),
    "DateGreaterThanEquals": lambda value, one: _instant(value) >= _instant(one),
    "NumericEquals": lambda value, one: float(value) == float(one),
    "NumericLessThan": lambda value, one: float(value) < float(one),
    "NumericLessThanEquals": lambda value, one: float(value) <= float(one),
    "NumericGreaterThan": lambda value, one: float(value) > float(one),
    "NumericGreaterThanEquals": lambda value, one: float(value) >= float(one),
}
