"""While the audit chain takes no events the worker gives nobody new or longer access, and changes nothing else.

What it ends, it ends all the same. `access.reconcile.degraded` holds the grants back.
"""

from datetime import datetime

from access import ledger

SENTENCE = "The audit log accepts no entries, so nobody gets new or longer access. It is tried again by itself."


def check(*, now: datetime) -> None:
    """Raise ledger.AuditUnavailable unless the chain takes events: before a change that ends nothing."""
    if not ledger.takes_events(now=now):
        raise ledger.AuditUnavailable(SENTENCE)
