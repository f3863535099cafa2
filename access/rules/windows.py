"""The window of a request: chosen by the requester, or a length that begins with the approval."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when; the end itself is outside."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def if_approved(self, *, now: datetime) -> "Window":
        """Return the window of a grant that is approved at `now`: it never begins before that."""
        return Window(max(self.starts_at, up_to_second(now)), self.ends_at)


@dataclass(frozen=True, slots=True)
class WindowOnApproval:
    """A length of time that begins with the approval. The window starts by `latest_start` and ends by `latest_end`."""

    length: timedelta
    latest_start: datetime
    latest_end: datetime

    @property
    def last_start(self) -> datetime:
        """Return the last moment at which a window of this length can start."""
        return min(self.latest_start, self.latest_end - self.length)

    def if_approved(self, *, now: datetime) -> Window:
        """Return the window of a grant that is approved at `now`: always the whole length."""
        start = up_to_second(now)
        return Window(start, start + self.length)

    def contains(self, window: Window) -> bool:
        """Return whether a window is no longer than this one, and starts and ends in time."""
        in_time = window.starts_at <= self.latest_start and window.ends_at <= self.latest_end
        return in_time and window.length <= self.length


AnyWindow = Window | WindowOnApproval


def on_approval(length: timedelta, *, deadline: datetime, contract_ends_at: datetime | None) -> WindowOnApproval:
    """Return the window of this length whose approval is possible until `deadline`, unless the contract ends before."""
    last = deadline if contract_ends_at is None else min(deadline, contract_ends_at - length)
    latest_start = last.replace(microsecond=0)
    return WindowOnApproval(length, latest_start, latest_start + length)


def up_to_second(at: datetime) -> datetime:
    """Return the next whole second: IAM's dates have no fractions, and rounding down would grant access early."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)
