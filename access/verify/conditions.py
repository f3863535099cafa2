"""IAM's condition operators, as far as trust policies use them. [IAM User Guide, condition operators]"""

import fnmatch
import functools
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Question:
    """One test of a Condition element, in lower case, read once to be asked many times."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    if_exists: bool
    has_variable: bool

    def holds(self, context: Mapping[str, str]) -> bool:
        """Say whether the test holds for the (lower-case) context keys; raises UnknownOperator."""
        if self.operator == "null":
            return any((self.key not in context) == (value.lower() == "true") for value in self.wanted)
        negated = self.operator in _NEGATED
        test = _POSITIVE.get(_NEGATED.get(self.operator, self.operator))
        if test is None or self.has_variable:
            raise UnknownOperator(self.operator)
        value = context.get(self.key)
        if value is None:
            # A missing key fails a positive test, and passes a negated one and any …IfExists.
            return negated or self.if_exists
        return any(test(value, wanted) for wanted in self.wanted) != negated


def questions(condition: Mapping[str, Any]) -> Iterator[Question]:
    """Give the tests of a Condition element; raises AttributeError where it is none."""
    for operator, tests in condition.items():
        name = str(operator).lower()
        for key, values in tests.items():
            wanted = tuple(str(value) for value in (values if isinstance(values, list) else [values]))
            has_variable = any("${" in value for value in wanted)
            yield Question(
                name.removesuffix("ifexists"), str(key).lower(), wanted, name.endswith("ifexists"), has_variable
            )
