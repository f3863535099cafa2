"""Refuse to give anybody new or longer access while the audit chain accepts no events.

The worker still ends access meanwhile. `access.reconcile.degraded` holds back the grants.
"""

from datetime import datetime

from access.ledger.chain import AuditUnavailable
from access.ledger.chaining import takes_events


def check(*, now: datetime) -> None:
    """Raise AuditUnavailable unless the audit chain accepts events.

    Call this before every change that does not end access.
    """
    if not takes_events(now=now):
        raise AuditUnavailable("the audit chain takes no events")
