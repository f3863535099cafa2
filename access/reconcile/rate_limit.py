"""Write more slowly to an account in which AWS throttles calls, revocations first."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from access import aws, pauses
from access.ledger.accounts import store_throttling, take_slot
from access.models import Account
from access.reconcile.lease import Clock

CALM = timedelta(minutes=1)  # time without throttling before the limit is removed
SLOT = timedelta(milliseconds=200)  # at most five writes a second
PATIENCE = 15  # slots that a revocation waits for before it lets other work continue
KEEP_AT_IT = 5  # slots that a role waits for if it has already had one in this attempt


class RateLimited(aws.Throttled):
    """Daypass itself delays the write. AWS has not refused it."""


def record_throttling(account: Account, error: Exception, *, now: Clock) -> None:
    """Record that AWS throttles calls to this account, if this is the error."""
    if not isinstance(error, aws.Throttled):
        return
    at = now()
    store_throttling(account, at=at, next_write_at=at + SLOT)


def is_throttled(account: Account, *, at: datetime) -> bool:
    """Return whether AWS had throttled any worker in this account less than a minute before the row was read."""
    return pauses.is_recent(account.throttled_at, within=CALM, now=at)


@dataclass(slots=True)
class Slots:
    """The slots of one attempt to update a role in a throttled account."""

    account: Account
    had_one: bool = False

    def await_next(self, *, urgent: bool, now: Clock) -> None:
        """Return when a write can be sent.

        Only a revocation waits for its first slot. Every other attempt raises RateLimited if no slot is free and is
        repeated later, so that no revocation queues behind it. An attempt that has had a slot waits a little for the
        next one. Otherwise, an attempt that needs two writes, or that retries without a missing principal, might never
        finish.
        """
        for _ in range(PATIENCE if urgent else KEEP_AT_IT if self.had_one else 1):
            if take_slot(self.account, at=now(), length=SLOT):
                self.had_one = True
                return
            if urgent or self.had_one:
                time.sleep(SLOT.total_seconds())
        raise RateLimited("rate_limited")
