"""Unmanaged statements of trust and expiry policies: found, accepted and settled, each with its event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_dirty
from access.ledger.spool import record
from access.ledger.subjects import role_subject
from access.models import Notification, Role, UnmanagedStatement, User
from access.trust import TEXT_LIMIT, Unmanaged

AGAIN = timedelta(hours=1)  # a second removal of the same text within it is urgent
EMAILS_AN_HOUR = 5  # about one role; its page shows every statement
_SETTLED = {
    UnmanagedStatement.Outcome.REMOVED: "role.statement_removed",
    UnmanagedStatement.Outcome.GONE: "role.statement_gone",
    UnmanagedStatement.Outcome.ACCEPTED: "role.default_deny_removed",
}


@transaction.atomic
def find_statement(role: Role, found: Unmanaged, *, by: str, now: datetime) -> UnmanagedStatement | None:
    """Record an unmanaged statement, and write emails to administrators. Return None if it is already recorded."""
    # Lock the role before the audit chain, like all other code that changes both.
    Role.objects.lock().get(pk=role.pk)
    known = UnmanagedStatement.objects.filter(role=role, sha256=found.sha256)
    if known.open().exists():
        return None
    removed = known.filter(outcome=UnmanagedStatement.Outcome.REMOVED, settled_at__gt=now - AGAIN)
    row = UnmanagedStatement.objects.create(
        role=role,
        kind=found.fate.value,
        sid=found.sid[:128],
        is_in_expiry_policy=found.in_expiry,
        text=found.text[:TEXT_LIMIT],
        is_cut=len(found.text) > TEXT_LIMIT,
        sha256=found.sha256,
        is_urgent=found.fate.value == UnmanagedStatement.Kind.REMOVED and removed.exists(),
        found_at=now,
    )
    record(verb="role.unmanaged_statement", subject=role_subject(role), by=by, now=now, **_facts(row))
    lately = UnmanagedStatement.objects.filter(role=role, found_at__gt=now - AGAIN)
    if lately.count() <= EMAILS_AN_HOUR:
        _write_emails(row, now=now)
    return row


@transaction.atomic
def settle_statement(row: UnmanagedStatement, outcome: UnmanagedStatement.Outcome, *, by: str, now: datetime) -> None:
    """Record what happened to a statement, unless this is already recorded."""
    Role.objects.lock().get(pk=row.role_id)
    if UnmanagedStatement.objects.open().filter(pk=row.pk).update(outcome=outcome, settled_at=now):
        record(verb=_SETTLED[outcome], subject=role_subject(row.role), by=by, now=now, **_facts(row))


@transaction.atomic
def accept_statement(row: UnmanagedStatement, *, by: User, now: datetime) -> None:
    """Record that an administrator accepts the statement with this hash; raises Conflict if it is not waiting."""
    waiting = UnmanagedStatement.objects.open().filter(pk=row.pk, kind=row.Kind.HELD, accepted_at=None)
    if not waiting.update(accepted_by=by, accepted_at=now):
        raise Conflict("statement_not_pending")
    append(verb="role.statement_accepted", subject=role_subject(row.role), by=by, now=now, **_facts(row))
    mark_dirty(row.role, now=now)


def _facts(row: UnmanagedStatement) -> Mapping[str, Any]:
    return {
        "kind": row.kind,
        "policy": "expiry" if row.is_in_expiry_policy else "trust",
        "sid": row.sid,
        "statement": row.text,
        "is_cut": row.is_cut,
        "sha256": row.sha256,
        "urgent": row.is_urgent,
    }


def _write_emails(row: UnmanagedStatement, *, now: datetime) -> None:
    administrators = User.objects.filter(is_staff=True, is_active=True, contractor=None)
    emails = [
        Notification(kind=Notification.Kind.STATEMENT, statement=row, person=one, made_at=now) for one in administrators
    ]
    Notification.objects.bulk_create(emails, ignore_conflicts=True)
