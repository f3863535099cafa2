"""One writer per role: a lease with an expiry in the role's state, acquired and renewed with conditional UPDATEs.

IAM has no conditional write. So before each write, a worker makes sure that its lease lasts longer than the write can
take. A worker that was paused, and continues after a takeover, may still write once. Until this is no longer possible,
the role is `settling`: the new worker reports no grant as ended, and then reads the role again.
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
    """Another worker has taken over the role, so this worker must not write any more."""


@dataclass(slots=True)
class Lease:
    """The lease of one worker for a role. Before `until`, nobody else can take over the role, so no query is needed."""

    role_id: int
    holder: str
    until: datetime
    is_over: bool = False

    def renew(self, *, now: Clock) -> None:
        """Make the lease last for one more write; raises LeaseLost if another worker has taken over the role.

        A lease that has expired is renewed if no other worker has taken over the role, because then nobody has written
        since. Between this call and the write, nothing must wait, for example for a row in the database.
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
        """Return whether at least this part of a whole lease is left.

        If the end is too far in the future, a wrong clock has set it, and other workers treat the lease as expired.
        """
        return at + part * length() <= self.until <= at + length() + pauses.LARGEST_SKEW

    def release_if_reconciled(self, generation: int) -> bool:
        """End the lease if the generation is still `generation`, and return whether the lease has ended.

        The lease has also ended if another worker has taken over the role.
        """
        self.is_over = role_states.end_lease(self.role_id, holder=self.holder, generation=generation)
        return self.is_over

    def await_late_write(self, *, now: Clock) -> None:
        """Record that AWS did not answer a write, which may therefore still take effect, as after a takeover."""
        role_states.store_settling(self.role_id, settle_until=now() + longest_settling())

    def release(self) -> None:
        """End the lease, unless it is over."""
        if not self.is_over:
            role_states.end_lease(self.role_id, holder=self.holder)


def length() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def longest_settling() -> timedelta:
    """Return how long Daypass reports no grant as ended after a write that may still take effect."""
    return length() * 2


@contextmanager
def lease(role_id: int, *, now: Clock) -> Iterator[Lease | None]:
    """Hold the role's lease during the block. Yield None if another worker has the lease."""
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
