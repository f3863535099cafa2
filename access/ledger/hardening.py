"""Store hardening changes of unmanaged statements: requested and settled, each with its event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_dirty
from access.ledger.subjects import role_subject
from access.models import HardeningChange, Role, RoleState, User
from access.models.texts import reason_columns
from access.texts import stored
from access.texts.text import Text


@transaction.atomic
def request_hardening(change: HardeningChange, *, by: User, now: datetime) -> HardeningChange:
    """Store a hardening change for the worker; raises Conflict if another one of the role is waiting."""
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:
        raise Conflict("hardening_in_progress") from None
    append(
        verb="role.hardening_requested",
        subject=role_subject(change.role),
        by=by,
        now=now,
        how=change.how,
        statement=change.statement,
        external_id=change.value,
        document_hash=change.document_hash,
    )
    mark_dirty(change.role, now=now)
    return change


@transaction.atomic
def settle_hardening(
    change: HardeningChange,
    outcome: HardeningChange.Outcome,
    *,
    text: Text | None = None,
    after: Mapping[str, Any] | None = None,
    by: str,
    now: datetime,
) -> None:
    """Record the result of a hardening change; `after` is the trust policy that was read back from AWS."""
    # Lock the role before the audit chain, as always, so that there are no deadlocks.
    Role.objects.lock().get(pk=change.role_id)
    open_changes = HardeningChange.objects.filter(pk=change.pk, settled_at=None)
    if not open_changes.update(settled_at=now, outcome=outcome, **reason_columns(text)):
        return
    if after is not None:
        RoleState.objects.filter(pk=change.role_id).update(observed_trust=after, observed_at=now)
    append(
        verb=f"role.hardening_{outcome}",
        subject=role_subject(change.role),
        by=by,
        now=now,
        requested_by=change.requested_by.email,
        how=change.how,
        text=stored.dump(text) if text else None,
        trust_before=change.document,
        trust_after=after,
    )
