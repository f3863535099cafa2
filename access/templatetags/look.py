"""How facts are said on a page."""

from datetime import datetime, timedelta

from django import template

from access import durations

register = template.Library()


@register.filter
def in_words(length: timedelta) -> str:
    """Return a length of time as people say it, to the minute when it is longer than one: "1 hour 30 minutes"."""
    seconds = length.total_seconds()
    return durations.in_words(
        timedelta(seconds=round(seconds)) if seconds < 60 else timedelta(minutes=round(seconds / 60))
    )


@register.filter
def length_until(start: datetime, end: datetime) -> str:
    """Return how long it is from `start` to `end`, as people say it."""
    return str(in_words(end - start))


@register.filter
def seconds_in_words(seconds: int) -> str:
    """Return a number of seconds as people say it: "1 hour"."""
    return durations.in_words(timedelta(seconds=seconds))
