"""Delegations: who decides in whose place, each change with its event."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from access.ledger.chain import Entry, append
from access.ledger.spool import record_all
from access.ledger.subjects import person_subject
from access.models import Delegation, User


@transaction.atomic
def record_delegation(row: Delegation, *, by: User, now: datetime) -> Delegation:
    """Store who decides in somebody's place."""
    row.save(force_insert=True)
    append(
        verb="delegation.created",
        subject=person_subject(row.approver),
        by=by,
        now=now,
        delegate=row.delegate.email,
        from_at=row.from_at,
        until_at=row.until_at,
    )
    return row


@transaction.atomic
def record_delegations_ended(rows: Iterable[Delegation], *, at: datetime, by: User | str, now: datetime) -> None:
    """Record that delegates decide in nobody's place any more; those that somebody else ended are left alone."""
    ended = [row for row in rows if Delegation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)]
    entries = [
        Entry("delegation.ended", person_subject(row.approver), {"delegate": row.delegate.email}) for row in ended
    ]
    record_all(entries, by=by, now=now)


def end_expired_delegations(*, now: datetime) -> None:
    """End the delegates whose time is over; they decide nothing from that moment on, whenever this runs."""
    over = Delegation.objects.filter(ended_at=None, until_at__lte=now).select_related("approver", "delegate")
    rows = list(over.order_by("pk")[:100])
    if rows:
        record_delegations_ended(rows, at=now, by="daypass", now=now)
