"""Changes of roles that people make, each with its event: what a field was and what it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append, role_subject
from access.ledger.changes import Conflict, want
from access.models import Role, RoleChange, User
from access.models.changes import lists_rows, put, rows_of

# What twins have from the role whose twins they are.
_OF_TWINS = (
    "description",
    "external_id",
    "longest_window",
    "max_session_seconds",
    "permissions",
    "permissions_name",
    "policy_arns",
    "requires_mfa",
    "tags",
)


@transaction.atomic
def change_role(
    role: Role, before: Mapping[str, Any], after: Mapping[str, Any], *, by: User, now: datetime, **details: Any
) -> None:
    """Store the fields of a role that `after` names; its twins follow. The role's row is locked by the caller."""
    _save(role, after)
    for twin in role.twins.select_related("account"):
        _save(twin, {name: value for name, value in after.items() if name in _OF_TWINS})
    append(
        verb="role.changed",
        subject=role_subject(role),
        by=by,
        now=now,
        before=told(before),
        after=told(after),
        **details,
    )
    want(role, now=now)


@transaction.atomic
def propose_change(change: RoleChange, *, now: datetime) -> RoleChange:
    """Store a change that waits for a second administrator."""
    change.save(force_insert=True)
    append(
        verb="role.change_proposed",
        subject=role_subject(change.role),
        by=change.proposed_by,
        now=now,
        change=change.public_id,
        before=told(change.before),
        after=told(change.after),
        content_hash=change.content_hash,
    )
    return change


@transaction.atomic
def settle_change(change: RoleChange, outcome: RoleChange.Outcome, *, by: User, now: datetime) -> None:
    """Record how a proposal was settled; raises Conflict when somebody was faster or it has lapsed."""
    waiting = RoleChange.objects.waiting(now=now).filter(pk=change.pk)
    if not waiting.update(outcome=outcome, settled_by=by, settled_at=now):
        raise Conflict("This proposal was settled already, or has lapsed.")
    append(
        verb=f"role.change_{outcome}",
        subject=role_subject(change.role),
        by=by,
        now=now,
        change=change.public_id,
        content_hash=change.content_hash,
    )


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields as the record holds them: people and groups by name, because ids outlive nobody."""
    return {
        name: [str(one) for one in _named(name, value)] if lists_rows(name) else value for name, value in values.items()
    }


def _named(name: str, keys: Any) -> list[Any]:
    return [getattr(row, "email", row) for row in rows_of(name, keys)]


def _save(role: Role, values: Mapping[str, Any]) -> None:
    put(role, values)
    columns = [name for name in values if not lists_rows(name)]
    if columns:
        role.save(update_fields=columns)
    for name in (name for name in values if lists_rows(name)):
        getattr(role, name).set(rows_of(name, values[name]))
