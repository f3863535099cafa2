"""While the audit chain takes no events the worker gives nobody new or longer access, and changes nothing else.

What it ends, it ends all the same. `access.reconcile.degraded` holds the grants back.
"""

from datetime import datetime

from access.ledger.chain import AuditUnavailable
from access.ledger.chaining import takes_events

SENTENCE = "The audit log accepts no entries, so nobody gets new or longer access. It is tried again by itself."


def check(*, now: datetime) -> None:
    """Raise AuditUnavailable unless the chain takes events: before a change that ends nothing."""
    if not takes_events(now=now):
        raise AuditUnavailable(SENTENCE)
