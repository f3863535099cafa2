"""One writer per role: a lease in the role's row, with an expiry, taken and kept by conditional UPDATEs.

IAM has no conditional write. A writer therefore makes sure before each write that its lease lasts longer than that
write can take. A writer that was stopped in between and goes on after a takeover may still write once: until then the
role is `settling`: the newcomer calls nothing ended before, and reads the role again afterwards.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from access import pauses
from access.models import Role

Clock = Callable[[], datetime]

# The part of a lease that has to be left for one write: the time-outs of it and of the way into a spoke, which may come
# before it, are together less (`access.aws.clients`).
LONGEST_WRITE = 24 / 25


class LeaseLost(Exception):
    """Somebody else has taken the role over; nothing more may be written by this holder."""


@dataclass(slots=True)
class Lease:
    """What one holder has of a role. Nobody else can take it before `until`, so until then it need not ask."""

    role_id: int
    holder: str
    until: datetime
    is_over: bool = False

    def renew(self, *, now: Clock) -> None:
        """Make the lease last for one more write; raises LeaseLost when it has run out or is somebody else's."""
        at = now()
        # An end that is too far ahead was written by a clock that was wrong: others count it as over.
        if at + LONGEST_WRITE * length() <= self.until <= at + length() + pauses.LARGEST_SKEW:
            return
        mine = Role.objects.filter(pk=self.role_id, lease_holder=self.holder, leased_until__gt=at)
        if not mine.update(leased_until=at + length()):
            raise LeaseLost(f"role {self.role_id}")
        self.until = at + length()

    def release_if_reconciled(self, generation: int) -> bool:
        """End the lease unless what should be has changed since `generation` was read; say whether it is over.

        It is over as well when somebody else has taken it.
        """
        mine = Role.objects.filter(pk=self.role_id, lease_holder=self.holder)
        ended = mine.filter(generation=generation).update(lease_holder="", leased_until=None)
        self.is_over = bool(ended) or not mine.exists()
        return self.is_over

    def await_late_write(self, *, now: Clock) -> None:
        """Note that a write of ours was given up unanswered: like one after a takeover, it may yet take effect."""
        Role.objects.filter(pk=self.role_id).update(settle_until=now() + longest_settling())

    def release(self) -> None:
        """End the lease, unless it is over."""
        if self.is_over:
            return
        Role.objects.filter(pk=self.role_id, lease_holder=self.holder).update(lease_holder="", leased_until=None)


def length() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def longest_settling() -> timedelta:
    """Return for how long nothing is called ended after a write that may yet take effect."""
    return length() * 2


@contextmanager
def lease(role_id: int, *, now: Clock) -> Iterator[Lease | None]:
    """Hold the role's lease for the block, or give None when somebody else has it."""
    at = now()
    taken = Lease(role_id, secrets.token_hex(8), until=at + length())
    if not _take(taken, at=at):
        yield None
        return
    try:
        yield taken
    finally:
        taken.release()


def _take(wanted: Lease, *, at: datetime) -> bool:
    row = Role.objects.filter(pk=wanted.role_id)
    if row.filter(lease_holder="").update(lease_holder=wanted.holder, leased_until=wanted.until):
        return True
    # The last holder did not return it: it died, or it is stopped and may yet make the write it was about to make.
    expired = row.filter(~Q(lease_holder=""), leased_until__lte=at)
    mine = {"lease_holder": wanted.holder, "leased_until": wanted.until}
    if expired.update(**mine, settle_until=F("leased_until") + longest_settling()):
        return True
    # A wrong clock wrote its end, so nobody knows when it began.
    odd = row.filter(~Q(lease_holder="")).filter(pauses.reached("leased_until", longest=length(), now=at))
    return bool(odd.update(**mine, settle_until=at + longest_settling()))
