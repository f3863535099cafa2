"""What AWS answered when the issuer asked for a session of an ended grant, with its event."""

from datetime import datetime

from django.db import transaction

from access.ledger.chain import subject_of
from access.ledger.changes import mark_dirty
from access.ledger.spool import record
from access.models import Grant


@transaction.atomic
def mark_refused(grant: Grant, sentence: str, *, by: str, now: datetime) -> None:
    """Record that AWS was seen to refuse; `sentence` is AWS's own. The first time counts."""
    if Grant.objects.filter(pk=grant.pk, refused_at=None).update(refused_at=now):
        record(verb="grant.refused", subject=subject_of(grant.request), by=by, now=now, sentence=sentence)


@transaction.atomic
def mark_admitted(grant: Grant, *, access_key_id: str, spreading: bool, by: str, now: datetime) -> None:
    """Record that AWS issued a session. Unless the change is still `spreading`, the role is read again."""
    if not spreading:
        mark_dirty(grant.role, now=now)
    record(
        verb="grant.admitted_after_end",
        subject=subject_of(grant.request),
        by=by,
        now=now,
        access_key_id=access_key_id,
        spreading=spreading,
    )
