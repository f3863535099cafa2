"""Moments as policies write them, relative to now."""

import time
from datetime import UTC, datetime

HOUR = 3600


def at(seconds: float) -> str:
    """Return the moment so many seconds from now as `2026-11-24T09:00:00Z`."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(seconds: float) -> str:
    """Return the moment so many seconds from now in seconds since 1970."""
    return str(int(time.time() + seconds))
