"""The columns of a window, and the form in which hashes and records contain it."""

from datetime import datetime, timedelta

from access.rules.windows import AnyWindow, Window


def window_columns(window: AnyWindow) -> dict[str, datetime | timedelta]:
    """Return a window as the columns of a request hold it."""
    if isinstance(window, Window):
        return {"starts_at": window.starts_at, "ends_at": window.ends_at}
    return {"length": window.length, "latest_start": window.latest_start, "latest_end": window.latest_end}


def window_content(window: AnyWindow) -> dict[str, str | int]:
    """Return a window as hashes and the record hold it: ISO 8601 in UTC, the length in seconds."""
    if isinstance(window, Window):
        return {"starts_at": window.starts_at.isoformat(), "ends_at": window.ends_at.isoformat()}
    return {
        "length": int(window.length.total_seconds()),
        "latest_start": window.latest_start.isoformat(),
        "latest_end": window.latest_end.isoformat(),
    }
