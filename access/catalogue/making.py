"""Create a role, or give a role new permissions. The actions store both, and the builder writes them to AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from access import explain, tasks
from access.catalogue.changes import change, lock_connected, locked
from access.ledger.conflicts import Conflict
from access.ledger.roles import make_role, rename_role
from access.models import Account, Role, RoleChange, User
from access.rules.facts import Refused
from access.rules.people import check_can_administer
from access.workload_identities import MANAGED_TAG

MOST_POLICIES = 10  # attached to one role [IAM User Guide, "IAM and AWS STS quotas"]
MOST_TAGS = 49  # of the 50 that IAM takes, one is ours


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a role may do: managed policies by their ARNs, and a policy of its own or {}."""

    policy_arns: Sequence[str]
    policy: Mapping[str, Any]


def plan(
    *,
    account: Account,
    name: str,
    description: str,
    permissions: Permissions,
    max_session_seconds: int,
    tags: Mapping[str, str],
) -> Role:
    """Return the role as it would be made, not yet stored; raises Refused when it cannot be."""
    check_permissions(permissions, account)
    _check_tags(tags)
    if not account.boundary_arn:
        raise Refused("account_without_boundary")
    role = Role.new(
        account=account,
        name=name,
        description=description.strip(),
        permissions=dict(permissions.policy),
        policy_arns=list(permissions.policy_arns),
        max_session_seconds=max_session_seconds,
        tags=dict(tags),
        to_build=True,
    )
    check_name(role)
    return role


@transaction.atomic
def make(*, by: User, role: Role, now: datetime) -> Role:
    """Store a planned role, which the builder then makes in AWS: closed, and with the account's boundary."""
    check_can_administer(by.facts())
    check_name(role)
    lock_connected(role.account)
    try:
        with transaction.atomic():
            make_role(role, by=by, now=now)
    except IntegrityError:
        raise Refused("role_name_taken", field="name") from None
    tasks.enqueue(role.pk)
    return role


@transaction.atomic
def rename(*, by: User, role: Role, name: str, now: datetime) -> Role:
    """Return a role another name while nobody knows it: it is not in AWS yet, and was never asked for."""
    check_can_administer(by.facts())
    role = Role.objects.lock().select_related("account").get(pk=role.pk)
    if not (role.is_managed and role.to_build) or role.overflow_of_id or role.requests.exists():
        raise Refused("role_name_fixed", field="name")
    if role.state.leased_until is not None and role.state.leased_until > now:
        raise Refused("role_being_created")
    before, role.name = role.name, name
    check_name(role)
    try:
        with transaction.atomic():
            rename_role(role, before, version=version_of(role), by=by, now=now)
    except IntegrityError:
        raise Refused("role_name_taken", field="name") from None
    tasks.enqueue(role.pk)
    return role


@transaction.atomic
def set_permissions(*, by: User, role: Role, permissions: Permissions, shown: int, now: datetime) -> RoleChange | None:
    """Return a role new permissions as its next version; give the proposal when another administrator must confirm it.

    `shown` is the number of the version that the page began with; raises Conflict when there is a newer one.
    """
    check_can_administer(by.facts())
    role = locked(role)
    if not role.is_managed:
        raise Refused("role_imported_permissions")
    check_permissions(permissions, role.account)
    if version_of(role) != shown:
        raise Conflict("permissions_changed_meanwhile")
    fields = {"permissions": dict(permissions.policy), "policy_arns": list(permissions.policy_arns)}
    return change(by=by, role=role, fields=fields, now=now)


def version_of(role: Role) -> int:
    """Return the number of the present version of a role's permissions; 0 when none was kept yet."""
    last = role.versions.order_by("-number").first()
    return last.number if last else 0


def check_name(role: Role) -> None:
    """Raise Refused unless the role, not yet stored, is one that IAM takes and the account does not have already."""
    try:
        role.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Refused("invalid_values", field=field, problems=" ".join(error.messages)) from error
    if Role.objects.filter(account=role.account, name__iexact=role.name).exclude(pk=role.pk).exists():
        raise Refused("role_name_taken", field="name")


def check_permissions(permissions: Permissions, account: Account) -> None:
    """Raise Refused unless the role would be permitted something, by policies that it can have."""
    if not permissions.policy and not permissions.policy_arns:
        raise Refused("role_without_permissions")
    if len(permissions.policy_arns) + bool(permissions.policy) > MOST_POLICIES:
        raise Refused("role_too_many_policies", field="managed", most=MOST_POLICIES)
    for arn in permissions.policy_arns:
        try:
            explain.check_managed_policy_arn(arn, account_id=account.account_id, partition=account.partition)
        except explain.PolicyError as error:
            raise Refused(error.code, field="managed", **error.text.facts) from error


def _check_tags(tags: Mapping[str, str]) -> None:
    if MANAGED_TAG[0] in {key.lower() for key in tags} or any(key.lower().startswith("aws:") for key in tags):
        raise Refused("role_tag_reserved", field="tags", tag=MANAGED_TAG[0])
    if len(tags) > MOST_TAGS:
        raise Refused("role_too_many_tags", field="tags", most=MOST_TAGS)
