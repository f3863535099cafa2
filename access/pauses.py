"""Check whether a waiting time is over, such as the time before a retry. A time from a wrong clock blocks nothing.

A time that a wrong clock wrote must not stay in force when the clock is right again. So each stored time has a longest
pause, and one that lies further ahead than that counts as over; something that is said to have happened more than
30 seconds in the future counts as not having happened lately. The same two questions are asked in Python and, as
conditions, in SQL.
"""

from datetime import datetime, timedelta

from django.db.models import Q

# Clocks can differ by this much. Only a larger difference means that a clock is wrong.
LARGEST_SKEW = timedelta(seconds=30)


def holds(until: datetime | None, *, longest: timedelta, now: datetime) -> bool:
    """Return whether what waits until then still waits; `longest` is the longest pause that is ever written."""
    return until is not None and now < until <= now + longest + LARGEST_SKEW


def over(field: str, *, longest: timedelta, now: datetime) -> Q:
    """Return the condition for rows whose `field` holds nothing back: empty, reached, or too far ahead."""
    return Q(**{field: None}) | reached(field, longest=longest, now=now)


def reached(field: str, *, longest: timedelta, now: datetime) -> Q:
    """Return the condition for rows that have waited until `field`, or wait for what is too far ahead."""
    return Q(**{f"{field}__lte": now}) | Q(**{f"{field}__gt": now + longest + LARGEST_SKEW})


def held(field: str, *, longest: timedelta, now: datetime) -> Q:
    """Return the condition for rows that wait until `field`."""
    return Q(**{f"{field}__gt": now}) & Q(**{f"{field}__lte": now + longest + LARGEST_SKEW})


def is_recent(at: datetime | None, *, within: timedelta, now: datetime) -> bool:
    """Return whether it happened at most so long ago; what lies further in the future than clocks differ did not."""
    return at is not None and now - within < at <= now + LARGEST_SKEW


def recent(field: str, *, within: timedelta, now: datetime) -> Q:
    """Return the condition for rows in which `field` is at most so long ago."""
    return Q(**{f"{field}__gt": now - within}) & Q(**{f"{field}__lte": now + LARGEST_SKEW})


def not_recent(field: str, *, within: timedelta, now: datetime) -> Q:
    """Return the condition for rows in which `field` is longer ago, or in the future; empty ones are not among them."""
    return Q(**{f"{field}__lte": now - within}) | Q(**{f"{field}__gt": now + LARGEST_SKEW})
