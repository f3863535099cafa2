"""AWS's clock, which a test can move; signatures and the Date header keep the real one."""

import time
from datetime import UTC, datetime
from time import struct_time


class Clock:
    """The moved clock, with the few functions of the `time` module that ministack takes from it."""

    def __init__(self) -> None:
        self.offset = 0.0

    def time(self) -> float:
        """Return AWS's present time in seconds since 1970."""
        return time.time() + self.offset

    def gmtime(self, seconds: float | None = None) -> struct_time:
        return time.gmtime(self.time() if seconds is None else seconds)

    def strftime(self, pattern: str, moment: struct_time) -> str:
        return time.strftime(pattern, moment)

    def time_ns(self) -> int:
        return int(self.time() * 1_000_000_000)

    def now(self) -> datetime:
        """Return AWS's present time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.time(), UTC)

    def stamp(self, seconds_from_now: float = 0) -> str:
        """Return a moment as AWS writes it, `2026-11-24T09:00:00Z`."""
        return stamp(self.time() + seconds_from_now)


def stamp(seconds: float) -> str:
    """Return seconds since 1970 as AWS writes them, `2026-11-24T09:00:00Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
