"""Store roles: created, imported, renamed and changed, each with an event that contains the old and new values."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from access.ledger.chain import append
from access.ledger.spool import record
from access.ledger.subjects import role_subject
from access.models import PermissionsSnapshot, PermissionsVersion, Role, RoleState, Stage, User, stages
from access.models.changes import STAGES, lists_rows, put, rows_of
from access.models.versions import policy_name

# What overflow roles have from the role whose overflow roles they are.
_COPIED_TO_OVERFLOW = (
    "description",
    "external_id",
    "longest_window",
    "max_session_seconds",
    "permissions",
    "permissions_name",
    "policy_arns",
    "requires_mfa",
    "tags",
    "to_update",
)
_VERSIONED = {"permissions", "policy_arns"}
_BUILT = {*_VERSIONED, "description", "max_session_seconds"}  # the fields that the builder writes to AWS


@transaction.atomic
def add_overflow_role(role: Role, *, by: User | str, now: datetime) -> None:
    """Store an overflow role of a full role. The builder creates it in AWS."""
    role.save(force_insert=True)
    append(verb="role.overflow_role_added", subject=role_subject(role), by=by, now=now, arn=role.arn)


def mark_dirty(role: Role, *, now: datetime) -> None:
    """Increment the role's generation, because its desired state changed. Sweeps find the role until it is updated."""
    RoleState.objects.filter(pk=role.pk).update(
        generation=F("generation") + 1, waiting_since=Coalesce("waiting_since", now), retry_at=None
    )


def mark_all_dirty(role_ids: Collection[int], *, now: datetime) -> None:
    """Do what `mark_dirty` does for each of these roles, in one query."""
    RoleState.objects.filter(pk__in=role_ids).update(
        generation=F("generation") + 1, waiting_since=Coalesce("waiting_since", now), retry_at=None
    )


@transaction.atomic
def store_imported_role(role: Role, *, by: User, now: datetime) -> Role:
    """Store a role that already exists in AWS. Nothing about it changes there."""
    role.save(force_insert=True)
    append(verb="role.imported", subject=role_subject(role), by=by, now=now, arn=role.arn, description=role.description)
    mark_dirty(role, now=now)
    return role


@transaction.atomic
def make_role(role: Role, *, by: User, now: datetime) -> Role:
    """Store a role that the builder must create, with the first version of its permissions."""
    role.permissions_name = policy_name(role.name, 1, role.permissions)
    role.save(force_insert=True)
    _keep_version(role, number=1, by=by, now=now)
    append(
        verb="role.made",
        subject=role_subject(role),
        by=by,
        now=now,
        arn=role.arn,
        description=role.description,
        permissions=role.permissions,
        policy_arns=role.policy_arns,
        max_session_seconds=role.max_session_seconds,
        tags=role.tags,
    )
    mark_dirty(role, now=now)
    return role


@transaction.atomic
def rename_role(role: Role, before: str, *, version: int, by: User, now: datetime) -> None:
    """Store the new name of a role that is not in AWS yet. The audit log contains both names."""
    role.permissions_name = policy_name(role.name, version or 1, role.permissions)
    role.save(update_fields=["name", "permissions_name"])
    account_id = role.account.account_id
    for subject in (f"role:{account_id}/{before}", role_subject(role)):
        append(verb="role.renamed", subject=subject, by=by, now=now, before=before, after=role.name)
    mark_dirty(role, now=now)


@transaction.atomic
def change_role(
    role: Role, before: Mapping[str, Any], after: Mapping[str, Any], *, by: User, now: datetime, **details: Any
) -> None:
    """Store the fields of a role in `after`, and change its overflow roles too.

    The caller has locked the role's row.
    """
    after_all = {**after, **_for_builder(role, after)}
    if _VERSIONED & set(after):
        number = _next_version(role, now=now)
        after_all["permissions_name"] = policy_name(role.name, number, after.get("permissions", role.permissions))
    _save(role, after_all)
    if _VERSIONED & set(after):
        _keep_version(role, number=number, by=by, now=now)
        details["version"] = number
    for overflow_role in role.overflow_roles.select_related("account"):
        _save(overflow_role, {name: value for name, value in after_all.items() if name in _COPIED_TO_OVERFLOW})
        mark_dirty(overflow_role, now=now)
    # Disabling a role gives nobody access.
    store = record if after == {"is_active": False} else append
    store(
        verb="role.changed",
        subject=role_subject(role),
        by=by,
        now=now,
        before=recorded_values(before),
        after=recorded_values(after),
        **details,
    )
    mark_dirty(role, now=now)


def mark_built(role: Role, *, by: str, now: datetime) -> bool:
    """Record that a role is in AWS; return False if its row has another name in the meantime."""
    with transaction.atomic():
        if not Role.objects.filter(pk=role.pk, name=role.name).update(to_build=False):
            return False
        record(verb="role.built", subject=role_subject(role), by=by, now=now, arn=role.arn)
    return True


@transaction.atomic
def mark_updated(role: Role, *, by: str, now: datetime) -> None:
    """Record that AWS has the role's permissions, description and session length.

    A row that was changed again in the meantime stays marked.
    """
    if Role.objects.lock().get(pk=role.pk).state.generation == role.state.generation:
        Role.objects.filter(pk=role.pk).update(to_update=False)
        RoleState.objects.filter(pk=role.pk).update(permissions_read_at=None)
    record(
        verb="role.updated",
        subject=role_subject(role),
        by=by,
        now=now,
        policy_arns=role.policy_arns,
        permissions_name=role.permissions_name,
        max_session_seconds=role.max_session_seconds,
    )


@transaction.atomic
def mark_taken_away(role: Role, *, by: str, now: datetime) -> None:
    """Record that an overflow role was deleted from AWS. Its row stays, without the values read from AWS."""
    Role.objects.filter(pk=role.pk).update(to_build=True)
    RoleState.objects.filter(pk=role.pk).update(
        observed_trust=None,
        observed_expiry_policy=None,
        observed_at=None,
        write_intent=None,
        can_bypass_expiry=[],
        other_inline_size=0,
        permissions_read_at=None,
    )
    record(verb="role.taken_away", subject=role_subject(role), by=by, now=now, arn=role.arn)


def mark_idle(role: Role) -> None:
    """Store that the builder has nothing to do for a role that is neither in AWS nor needed."""
    if role.to_update:
        Role.objects.filter(pk=role.pk).update(to_update=False)


@transaction.atomic
def record_permissions(
    role: Role, can_bypass_expiry: Any, *, other_inline_size: int, snapshot: Mapping[str, Any], by: str, now: datetime
) -> bool:
    """Store a role's permissions, with an event if this changes whether the role can bypass its expiry.

    Return False, and store nothing, if the desired state has changed since the role was read.
    """
    read = {"can_bypass_expiry": can_bypass_expiry, "other_inline_size": other_inline_size, "permissions_read_at": now}
    # Lock the role with its state: the first snapshot refers to the role, so it waits for every lock on the role.
    if Role.objects.lock().get(pk=role.pk).state.generation != role.state.generation:
        return False
    RoleState.objects.filter(pk=role.pk).update(**read)
    PermissionsSnapshot.objects.update_or_create(role=role, defaults={**snapshot, "read_at": now})
    if can_bypass_expiry != role.state.can_bypass_expiry:
        subject = role_subject(role)
        record(verb="role.can_bypass_expiry", subject=subject, by=by, now=now, actions=can_bypass_expiry)
    return True


def recorded_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields for the audit log. People and groups are named, because IDs mean nothing after a deletion."""
    return {name: _recorded_value(name, value) for name, value in values.items()}


def _recorded_value(name: str, value: Any) -> Any:
    if name == STAGES:
        return [stages.with_names(one) for one in value]
    return [str(one) for one in _named(name, value)] if lists_rows(name) else value


def _for_builder(role: Role, after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mark for the builder if it must change something in AWS.

    A role that is not in AWS yet gets the mark too, because an interrupted attempt may have created an earlier version.
    """
    return {"to_update": True} if role.is_managed and _BUILT & set(after) else {}


def _next_version(role: Role, *, now: datetime) -> int:
    """Return the number after the last version.

    Permissions from before versions were stored become the first version.
    """
    last = role.versions.order_by("-number").first()
    if last is None:
        last = _keep_version(role, number=1, by=None, now=now)
    return last.number + 1


def _keep_version(role: Role, *, number: int, by: User | None, now: datetime) -> PermissionsVersion:
    return PermissionsVersion.objects.create(
        role=role,
        number=number,
        permissions_name=role.permissions_name,
        permissions=role.permissions,
        policy_arns=role.policy_arns,
        made_by=by,
        made_at=now,
    )


def _named(name: str, keys: Any) -> list[Any]:
    return [getattr(row, "email", row) for row in rows_of(name, keys)]


def _save(role: Role, values: Mapping[str, Any]) -> None:
    put(role, values)
    if STAGES in values:
        _replace_stages(role, values[STAGES])
    columns = [name for name in values if name != STAGES and not lists_rows(name)]
    if columns:
        role.save(update_fields=columns)
    for name in (name for name in values if lists_rows(name)):
        getattr(role, name).set(rows_of(name, values[name]))


def _replace_stages(role: Role, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Replace the later stages of a role with these, in this order."""
    role.further_stages.all().delete()
    for position, values in enumerate(wanted, 2):
        stage = Stage.objects.create(role=role, position=position, name=values["name"], quorum=values["quorum"])
        stage.approvers.set(values["approvers"])
        stage.approver_groups.set(values["approver_groups"])
