"""Checks for what conditions compare with: dates, numbers, networks and ARNs that are none and never match."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from access.explain.conditions import operator_parts
from access.explain.finding import Finding, Weight
from access.explain.statements import Condition, Statement

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?\Z", re.ASCII)
# Seconds of the years 1973 to 2286. With other numbers people mean just a year, or milliseconds.
_EPOCH = re.compile(r"\d{9,10}\Z", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z", re.ASCII)
_VARIABLE = re.compile(r"\$\{")


def find_bad_values(statement: Statement) -> Iterator[Finding]:
    """Find values that the operator cannot read."""
    for one in statement.conditions:
        kind = _kind(one)
        if kind is None:
            continue
        what, is_good, fix = _KINDS[kind]
        if kind == "Date" and one.key.lower() == "aws:epochtime":
            is_good, fix = _is_seconds, "Write the seconds since 1970, ten digits, or take aws:CurrentTime."
        for value in one.values:
            if not is_good(value) and not _VARIABLE.search(value):
                yield Finding(
                    Weight.MEDIUM if statement.allows else Weight.HIGH,
                    f"bad-{kind.lower()}",
                    f"“{value}” for {one.key} is no {what}.",
                    fix,
                    statement.where,
                )


def find_open_networks(statement: Statement) -> Iterator[Finding]:
    """Find addresses that take in the whole internet."""
    for one in statement.conditions:
        if _kind(one) == "IpAddress" and any(value in {"0.0.0.0/0", "::/0"} for value in one.values):
            said = f"{one.key} takes in every address there is."
            yield Finding(Weight.MEDIUM, "open-network", said, "Name the networks that are meant.", statement.where)


def is_date(text: str) -> bool:
    """Return whether IAM reads the text as a moment: ISO 8601 as W3C has it, or seconds since 1970."""
    if _is_seconds(text):
        return True
    if not _DATE.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_seconds(text: str) -> bool:
    return _EPOCH.match(text) is not None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_arn(text: str) -> bool:
    return text == "*" or (text.startswith("arn:") and text.count(":") >= 5) or text.startswith("arn:*")


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _is_yes_or_no(text: str) -> bool:
    return text.lower() in {"true", "false"}


_KINDS: dict[str, tuple[str, Callable[[str], bool], str]] = {
    "Date": ("date that IAM reads", is_date, "Write it as 2026-11-24T18:00:00Z."),
    "Numeric": ("number", _is_number, "Write only digits."),
    "IpAddress": (
        "network",
        _is_network,
        "Write an address or a network whose last bits are zero, such as 192.0.2.0/24.",
    ),
    "Arn": ("ARN", _is_arn, "Write all six parts: arn:aws:service:region:account:resource."),
    "Bool": ("yes or no", _is_yes_or_no, "Write true or false."),
    "Null": ("yes or no", _is_yes_or_no, "Write true or false."),
}


def _kind(one: Condition) -> str | None:
    """Return the family of the condition's operator, where its values have a form of their own."""
    _, name, _ = operator_parts(one.operator)
    name = name.removeprefix("Not")
    return next((kind for kind in _KINDS if name.startswith(kind)), None)
