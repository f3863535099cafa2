"""IAM's condition operators, as far as trust policies use them. [IAM User Guide, condition operators]"""

import fnmatch
import functools
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any


class UnknownOperator(Exception):
    """A condition that this evaluator cannot decide; the caller counts it on the unsafe side."""


Test = Callable[[str, str], bool]


@functools.lru_cache(maxsize=1024)
def _instant(text: str) -> datetime:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return datetime.fromtimestamp(float(text), tz=UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnknownOperator(text) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UnknownOperator(text) from error


def _like(value: str, pattern: str) -> bool:
    # fnmatch knows [sets], IAM does not: a bracket stands for itself.
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), value) is not None


def _in_network(value: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise UnknownOperator(network) from error


_POSITIVE: dict[str, Test] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
    "ipaddress": _in_network,
    "dateequals": lambda value, wanted: _instant(value) == _instant(wanted),
    "datelessthan": lambda value, wanted: _instant(value) < _instant(wanted),
    "datelessthanequals": lambda value, wanted: _instant(value) <= _instant(wanted),
    "dategreaterthan": lambda value, wanted: _instant(value) > _instant(wanted),
    "dategreaterthanequals": lambda value, wanted: _instant(value) >= _instant(wanted),
    "numericequals": lambda value, wanted: _number(value) == _number(wanted),
    "numericlessthan": lambda value, wanted: _number(value) < _number(wanted),
    "numericlessthanequals": lambda value, wanted: _number(value) <= _number(wanted),
    "numericgreaterthan": lambda value, wanted: _number(value) > _number(wanted),
    "numericgreaterthanequals": lambda value, wanted: _number(value) >= _number(wanted),
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "datenotequals": "dateequals",
    "numericnotequals": "numericequals",
}


def holds(condition: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Say whether every test of a Condition element holds for the (lower-case) context keys; raises UnknownOperator."""
    return all(
        _test_holds(str(operator).lower(), str(key).lower(), values, context)
        for operator, tests in condition.items()
        for key, values in tests.items()
    )


def _test_holds(operator: str, key: str, values: Any, context: Mapping[str, str]) -> bool:
    wanted = [str(value) for value in (values if isinstance(values, list) else [values])]
    if operator == "null":
        return any((key not in context) == (value.lower() == "true") for value in wanted)
    if any("${" in value for value in wanted):
        raise UnknownOperator("policy variable")
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    negated = operator in _NEGATED
    test = _POSITIVE.get(_NEGATED.get(operator, operator))
    if test is None:
        raise UnknownOperator(operator)
    if key not in context:
        # A missing key fails a positive test, and passes a negated one and any …IfExists.
        return negated or if_exists
    return any(test(context[key], value) for value in wanted) != negated
