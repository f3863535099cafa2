"""Store delegations: who decides in place of whom. Each change has an event."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from access.ledger.chain import Entry, append
from access.ledger.spool import record_all
from access.ledger.subjects import person_subject
from access.models import Delegation, User


@transaction.atomic
def record_delegation(row: Delegation, *, by: User, now: datetime) -> Delegation:
    """Store that a delegate decides in place of an approver."""
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
    """Record the end of these delegations, except those that somebody else has already ended."""
    ended = [row for row in rows if Delegation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)]
    entries = [
        Entry("delegation.ended", person_subject(row.approver), {"delegate": row.delegate.email}) for row in ended
    ]
    record_all(entries, by=by, now=now)


def end_expired_delegations(*, now: datetime) -> None:
    """Record the end of expired delegations. A delegate cannot decide after the end, even if this runs later."""
    over = Delegation.objects.filter(ended_at=None, until_at__lte=now).select_related("approver", "delegate")
    rows = list(over.order_by("pk")[:100])
    if rows:
        record_delegations_ended(rows, at=now, by="daypass", now=now)
