"""IAM's condition operators, as far as trust policies use them. [IAM User Guide, condition operators]

Every test has three answers: it holds, it does not, or that cannot be decided from what is known of the caller.
"""

import functools
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from access.verify.matching import ANY, Answer, agreed, any_of, arn_like, equals, like

# The values that each condition key of a call can have; None means that the key can be absent. A key that is not in the
# context can be absent or have any value.
Possible = tuple[str | None, ...]
Context = Mapping[str, Possible]
Test = Callable[[str, str], Answer]

_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?\Z"
)
# Seconds since 1970, for the years 1973 to 2286. A number outside this range is a year, or milliseconds.
_SECONDS = re.compile(r"[0-9]{9,10}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_NETWORK = re.compile(r"[0-9a-fA-F:.]{2,45}(/[0-9]{1,3})?\Z")
_LARGEST = 10**15
_LAST_SECOND = 253402300798  # of the year 9999, but one
_TIMES = ("aws:currenttime", "aws:epochtime")


@functools.lru_cache(maxsize=1024)
def instant(text: str) -> datetime | None:
    """Return the instant that a date of a condition names, or None when it is no date that AWS documents."""
    if _SECONDS.match(text):
        return datetime.fromtimestamp(int(text), tz=UTC)
    if not _DATE.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(value: str, wanted: str) -> Answer:
        if value.isdigit() and not wanted.isdigit():
            return None  # aws:EpochTime holds seconds; AWS does not document a date for it
        one, other = instant(value), instant(wanted)
        return None if one is None or other is None else compare(one, other)

    return test


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    def test(value: str, wanted: str) -> Answer:
        if not _NUMBER.match(value) or not _NUMBER.match(wanted):
            return None
        return compare(float(value), float(wanted))

    return test


def _ignoring_case(value: str, wanted: str) -> Answer:
    return equals(value.lower(), wanted.lower())


def _bool(value: str, wanted: str) -> Answer:
    return value.lower() == wanted.lower() if wanted.lower() in ("true", "false") else None


def _in_network(value: str, network: str) -> Answer:
    if not _NETWORK.match(network):
        return None
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return None


_POSITIVE: dict[str, Test] = {
    "stringequals": equals,
    "stringequalsignorecase": _ignoring_case,
    "stringlike": like,
    "arnequals": arn_like,
    "arnlike": arn_like,
    "bool": _bool,
    "ipaddress": _in_network,
    "dateequals": _date(lambda value, wanted: value == wanted),
    "datelessthan": _date(lambda value, wanted: value < wanted),
    "datelessthanequals": _date(lambda value, wanted: value <= wanted),
    "dategreaterthan": _date(lambda value, wanted: value > wanted),
    "dategreaterthanequals": _date(lambda value, wanted: value >= wanted),
    "numericequals": _numeric(lambda value, wanted: value == wanted),
    "numericlessthan": _numeric(lambda value, wanted: value < wanted),
    "numericlessthanequals": _numeric(lambda value, wanted: value <= wanted),
    "numericgreaterthan": _numeric(lambda value, wanted: value > wanted),
    "numericgreaterthanequals": _numeric(lambda value, wanted: value >= wanted),
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
    """One test of a Condition element, in lower case, read once to be asked many times.

    `over` is "forallvalues", "foranyvalue" or ""; a wanted value of None is one that cannot be read.
    """

    operator: str
    key: str
    wanted: tuple[str | None, ...]
    if_exists: bool = False
    over: str = ""

    def answer(self, context: Context) -> Answer:
        """Return whether the test holds for the (lower-case) context keys."""
        possible = context.get(self.key)
        if possible is None or not self.wanted or self._compares_a_time_as_text():
            return None
        if len(possible) == 1:
            return self._answer_for(possible[0])
        return agreed(self._answer_for(value) for value in possible)

    def _compares_a_time_as_text(self) -> bool:
        """Return whether this is a time under an operator for texts: AWS does not say how it writes the time then."""
        return self.key in _TIMES and not self.operator.startswith(("date", "numeric", "null"))

    def _answer_for(self, value: str | None) -> Answer:
        if self.operator == "null":
            return None if self.if_exists or self.over else any_of(_is_null(value, wanted) for wanted in self.wanted)
        negated = self.operator in _NEGATED
        test = _POSITIVE.get(_NEGATED.get(self.operator, self.operator))
        if test is None:
            return None
        if value is None:
            return self._answer_for_absent(negated=negated)
        matched = any_of(None if wanted is None else test(value, wanted) for wanted in self.wanted)
        return matched if matched is None else matched != negated

    def _answer_for_absent(self, *, negated: bool) -> bool:
        """A missing key fails a positive test and ForAnyValue, and passes a negated one, ForAllValues and …IfExists."""
        if self.if_exists or self.over == "forallvalues":
            return True
        return negated and self.over != "foranyvalue"


# A placeholder for a Condition element that is not valid. No context contains its key, so it stays undecided.
_UNREADABLE = Question(operator="", key="", wanted=())


def questions(condition: Any) -> tuple[Question, ...]:
    """Return the tests of a Condition element; what is malformed becomes a test that nothing decides."""
    if not isinstance(condition, Mapping):
        return (_UNREADABLE,)
    return tuple(question for operator, tests in condition.items() for question in _of_operator(str(operator), tests))


def dates(asked: tuple[Question, ...]) -> Iterator[datetime]:
    """Return the instants that tests of the time name, at which an answer can change."""
    for question in asked:
        if question.key in _TIMES:
            yield from (at for wanted in question.wanted if wanted is not None for at in _instants(question, wanted))


def _instants(question: Question, wanted: str) -> Iterator[datetime]:
    """Yield the instant of a date; of a number, which needs no nine digits, the seconds on both sides."""
    if question.operator.startswith("numeric"):
        if _NUMBER.match(wanted) and 0 <= float(wanted) <= _LAST_SECOND:
            second = int(float(wanted))
            yield from (datetime.fromtimestamp(one, tz=UTC) for one in (second, second + 1))
    elif (at := instant(wanted)) is not None:
        yield at


def _of_operator(operator: str, tests: Any) -> Iterator[Question]:
    if not isinstance(tests, Mapping):
        yield _UNREADABLE
        return
    over, _, plain = operator.lower().rpartition(":")
    name = plain.removesuffix("ifexists")
    if over not in ("", "forallvalues", "foranyvalue"):
        name = ""
    for key, values in tests.items():
        listed = values if isinstance(values, list) else [values]
        wanted = tuple(_wanted(value) for value in listed)
        yield Question(name, str(key).lower(), wanted, plain.endswith("ifexists"), over)


def _wanted(value: Any) -> str | None:
    """Return the text of a wanted value, or None for what is no such value or replaces an unknown one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGEST else None
    return value if isinstance(value, str) and "${" not in value and ANY not in value else None


def _is_null(value: str | None, wanted: str | None) -> Answer:
    if wanted is None or wanted.lower() not in ("true", "false"):
        return None
    return (value is None) == (wanted.lower() == "true")
