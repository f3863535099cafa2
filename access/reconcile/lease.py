"""One writer per role: a lease in the role's state, with an expiry, acquired and renewed by conditional UPDATEs.

IAM has no conditional write. A writer therefore makes sure before each write that its lease lasts longer than that
write can take. A writer that was stopped in between and continues after a takeover may still write once: until then the
role is `settling`: the newcomer calls nothing ended before, and reads the role again afterwards.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from access import pauses
from access.ledger import role_states

Clock = Callable[[], datetime]

# How much of a lease must be left for one write. The time-outs of the write and of assuming the spoke role before it
# are shorter together (`access.aws.clients`).
LONGEST_WRITE = 24 / 25
# The same for a write without assuming the spoke role first.
_ONLY_WRITE = 0.7
_RENEWALS = 3  # how often to renew a lease again if it has nearly expired when the database answers


class LeaseLost(Exception):
    """Somebody else has taken the role over; this holder must write nothing more."""


@dataclass(slots=True)
class Lease:
    """What one holder has of a role. Nobody else can take it before `until`, so until then it need not ask."""

    role_id: int
    holder: str
    until: datetime
    is_over: bool = False

    def renew(self, *, now: Clock) -> None:
        """Make the lease last for one more write; raises LeaseLost when somebody else has taken it.

        One that has run out and that nobody has taken is renewed: nobody has written since. Nothing that can wait, such
        as for a row in the database, may come between this and the write.
        """
        if self._lasts(LONGEST_WRITE, at=now()):
            return
        for _ in range(_RENEWALS):
            until = now() + length()
            if not role_states.renew_lease(self.role_id, holder=self.holder, until=until):
                raise LeaseLost(f"role {self.role_id}")
            self.until = until
            # An approval that waits for the audit log can lock the row for longer than a lease lasts.
            if self._lasts(_ONLY_WRITE, at=now()):
                return
        if not self._lasts(0, at=now()):
            raise LeaseLost(f"role {self.role_id}: it runs out while it is renewed")

    def _lasts(self, part: float, *, at: datetime) -> bool:
        """Return whether this part of a lease is left.

        An end that is too far ahead was written by a clock that was wrong: others count it as over.
        """
        return at + part * length() <= self.until <= at + length() + pauses.LARGEST_SKEW

    def release_if_reconciled(self, generation: int) -> bool:
        """End the lease unless what should be has changed since `generation` was read; say whether it is over.

        It is over as well when somebody else has taken it.
        """
        self.is_over = role_states.end_lease(self.role_id, holder=self.holder, generation=generation)
        return self.is_over

    def await_late_write(self, *, now: Clock) -> None:
        """Note that a write of ours was given up unanswered: like one after a takeover, it may yet take effect."""
        role_states.store_settling(self.role_id, settle_until=now() + longest_settling())

    def release(self) -> None:
        """End the lease, unless it is over."""
        if not self.is_over:
            role_states.end_lease(self.role_id, holder=self.holder)


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
    is_taken = role_states.take_lease(
        role_id, holder=taken.holder, until=taken.until, at=at, length=length(), settling=longest_settling()
    )
    if not is_taken:
        yield None
        return
    try:
        yield taken
    finally:
        taken.release()
