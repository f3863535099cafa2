"""While the audit chain accepts no events, the worker gives nobody new or longer access.

What it ends, it ends all the same. `access.reconcile.degraded` holds the grants back.
"""

from datetime import datetime

from access.ledger.chain import AuditUnavailable
from access.ledger.chaining import takes_events


def check(*, now: datetime) -> None:
    """Raise AuditUnavailable unless the chain takes events: before a change that ends nothing."""
    if not takes_events(now=now):
        raise AuditUnavailable("the audit chain takes no events")
