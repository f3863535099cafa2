"""Checks for condition values that can never match: invalid dates, numbers, networks and ARNs."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from access.explain.conditions import operator_parts
from access.explain.finding import Finding, Weight, text
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
        is_good, fix = _KINDS[kind]
        if kind == "Date" and one.key.lower() == "aws:epochtime":
            is_good, fix = _is_seconds, "fix_seconds"
        for value in one.values:
            if not is_good(value) and not _VARIABLE.search(value):
                yield Finding(
                    Weight.MEDIUM if statement.allows else Weight.HIGH,
                    f"bad-{kind.lower()}",
                    text(f"bad_{kind.lower()}", value=value, key=one.key),
                    text(fix),
                    statement.where,
                )


def find_open_networks(statement: Statement) -> Iterator[Finding]:
    """Find addresses that take in the whole internet."""
    for one in statement.conditions:
        if _kind(one) == "IpAddress" and any(value in {"0.0.0.0/0", "::/0"} for value in one.values):
            said = text("open_network", key=one.key)
            yield Finding(Weight.MEDIUM, "open-network", said, text("fix_name_networks"), statement.where)


def is_date(value: str) -> bool:
    """Return whether IAM reads the value as a moment: ISO 8601 as W3C has it, or seconds since 1970."""
    if _is_seconds(value):
        return True
    if not _DATE.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_seconds(value: str) -> bool:
    return _EPOCH.match(value) is not None


def _is_network(value: str) -> bool:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return False
    return True


def _is_arn(value: str) -> bool:
    return value == "*" or (value.startswith("arn:") and value.count(":") >= 5) or value.startswith("arn:*")


def _is_number(value: str) -> bool:
    return _NUMBER.match(value) is not None


def _is_yes_or_no(value: str) -> bool:
    return value.lower() in {"true", "false"}


# How a value is recognised, and the code of what to write instead.
_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "Date": (is_date, "fix_date"),
    "Numeric": (_is_number, "fix_number"),
    "IpAddress": (_is_network, "fix_network"),
    "Arn": (_is_arn, "fix_arn"),
    "Bool": (_is_yes_or_no, "fix_true_or_false"),
    "Null": (_is_yes_or_no, "fix_true_or_false"),
}


def _kind(one: Condition) -> str | None:
    """Return the family of the condition's operator, where its values have a form of their own."""
    _, name, _ = operator_parts(one.operator)
    name = name.removeprefix("Not")
    return next((kind for kind in _KINDS if name.startswith(kind)), None)
