"""Write more slowly to an account in which AWS throttles calls, revocations first."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from access import aws, pauses
from access.ledger.accounts import store_throttling, take_slot
from access.models import Account
from access.reconcile.lease import Clock

CALM = timedelta(minutes=1)  # without throttling, before the limit is lifted
SLOT = timedelta(milliseconds=200)  # five writes a second
PATIENCE = 15  # slots that a revocation waits for before it lets other work continue
KEEP_AT_IT = 5  # slots that a role waits for if it has already had one in this attempt


class RateLimited(aws.Throttled):
    """It is us who hold back, not AWS."""


def record_throttling(account: Account, error: Exception, *, now: Clock) -> None:
    """Record that AWS throttles this account, if that is the error."""
    if not isinstance(error, aws.Throttled):
        return
    at = now()
    store_throttling(account, at=at, next_write_at=at + SLOT)


def is_throttled(account: Account, *, at: datetime) -> bool:
    """Return whether AWS had answered with throttling, to whichever worker, less than a minute ago when it was read."""
    return pauses.is_recent(account.throttled_at, within=CALM, now=at)


@dataclass(slots=True)
class Slots:
    """The turns of one attempt at a role in an account that is throttled."""

    account: Account
    had_one: bool = False

    def await_next(self, *, urgent: bool, now: Clock) -> None:
        """Return when a write can be sent.

        Only a revocation waits for its first slot. Everything else raises RateLimited when there is none at this moment
        and is tried again later, so that revocations never queue behind it. A role that had a slot waits a little for
        the next: otherwise one that needs two writes, or a retry without a missing principal, would restart forever.
        """
        for _ in range(PATIENCE if urgent else KEEP_AT_IT if self.had_one else 1):
            if take_slot(self.account, at=now(), length=SLOT):
                self.had_one = True
                return
            if urgent or self.had_one:
                time.sleep(SLOT.total_seconds())
        raise RateLimited("rate_limited")
