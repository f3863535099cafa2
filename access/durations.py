"""Lengths of time in words."""

from datetime import timedelta


def in_words(length: timedelta) -> str:
    """Return a length of time as people say it: "8 hours", "1 hour 30 minutes", "2 days"."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count) or "0 seconds"
