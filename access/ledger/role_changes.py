"""Store changes of roles that wait for a second administrator, each with its event."""

from datetime import datetime

from django.db import transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.roles import recorded_values
from access.ledger.subjects import role_subject
from access.models import RoleChange, User


@transaction.atomic
def record_proposed_change(change: RoleChange, *, now: datetime) -> RoleChange:
    """Store a change that waits for a second administrator."""
    change.save(force_insert=True)
    append(
        verb="role.change_proposed",
        subject=role_subject(change.role),
        by=change.proposed_by,
        now=now,
        change=change.public_id,
        before=recorded_values(change.before),
        after=recorded_values(change.after),
        content_hash=change.content_hash,
    )
    return change


@transaction.atomic
def settle_change(change: RoleChange, outcome: RoleChange.Outcome, *, by: User, now: datetime) -> None:
    """Record the result of a proposal; raises Conflict if somebody else settled it first or it has expired."""
    waiting = RoleChange.objects.waiting(now=now).filter(pk=change.pk)
    if not waiting.update(outcome=outcome, settled_by=by, settled_at=now):
        raise Conflict("role_change_settled")
    append(
        verb=f"role.change_{outcome}",
        subject=role_subject(change.role),
        by=by,
        now=now,
        change=change.public_id,
        content_hash=change.content_hash,
    )
