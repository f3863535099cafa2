"""Change fields of a role: immediately, or with a second administrator if the role has live grants."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from access import tasks
from access.ledger.conflicts import Conflict
from access.ledger.notifications import create_change_notifications
from access.ledger.role_changes import record_proposed_change, settle_change
from access.ledger.roles import change_role
from access.models import CHANGEABLE, OPEN_FOR, Account, BreakGlassPolicy, Grant, Role, RoleChange, User, stages
from access.models.changes import STAGES, frozen, lists_rows, put, rows_of, value_in
from access.rules.accounts import check_connected
from access.rules.deciding import check_stages
from access.rules.facts import Refused
from access.rules.people import check_can_administer, check_can_confirm, check_can_decide_again

# Changes that give nobody access: the description, and disabling the role.
_ALONE = frozenset({"description"})


@transaction.atomic
def change(*, by: User, role: Role, fields: Mapping[str, Any], now: datetime) -> RoleChange | None:
    """Change the fields of a role that differ from `fields`, which are values as a form cleans them.

    Give None when that is done (or nothing differs), and the proposal when it waits for a second administrator because
    live grants depend on the role.
    """
    check_can_administer(by.facts())
    role = locked(role)
    before, after = _difference(role, fields)
    if not after:
        return None
    if after.get("is_active") is not False or len(after) > 1:  # disabling a role is always possible
        check_can_decide_again(by.facts(), now=now)
    _check_possible(role, after)
    if needs_second(role, after, now=now):
        return _propose(role, before, after, by=by, now=now)
    change_role(role, before, after, by=by, now=now)
    tasks.enqueue(role.pk)
    return None


@transaction.atomic
def confirm(*, by: User, change: RoleChange, content_hash: str, now: datetime) -> None:
    """Make a proposed change true, as somebody else than who proposed it and on what was shown."""
    role = locked(change.role)
    change = RoleChange.objects.select_related("proposed_by").get(pk=change.pk)
    check_can_confirm(by.facts(), proposer=change.proposed_by.facts(), now=now)
    if content_hash != change.content_hash:
        raise Conflict("page_outdated_change")
    if any(value_in(role, name) != value for name, value in change.before.items()):
        raise Conflict("role_changed_since_proposal")
    _check_possible(role, change.after)
    settle_change(change, RoleChange.Outcome.CONFIRMED, by=by, now=now)
    proposed_by = change.proposed_by.email
    change_role(role, change.before, change.after, by=by, now=now, proposed_by=proposed_by)
    tasks.enqueue(role.pk)


@transaction.atomic
def withdraw(*, by: User, change: RoleChange, now: datetime) -> None:
    """Take a proposal back, one's own or that of another administrator."""
    check_can_administer(by.facts())
    locked(change.role)
    settle_change(change, RoleChange.Outcome.WITHDRAWN, by=by, now=now)


def needs_second(role: Role, names: Iterable[str] | Mapping[str, Any], *, now: datetime) -> bool:
    """Return whether changing these fields needs a second administrator: live grants depend on the role, or a
    break-glass policy does, which two administrators approved.

    With a mapping of values, disabling a role is distinguished from enabling it: disabling needs nobody else.
    """
    is_disabling = isinstance(names, Mapping) and names.get("is_active") is False
    opens = set(names) - _ALONE - ({"is_active"} if is_disabling else set())
    return bool(opens) and (rests_on(role, now=now).exists() or _has_break_glass_policy(role, now=now))


def check_can_be_granted(role: Role, *, expiry_not_enforceable: bool) -> None:
    """Raise Refused unless an imported role was read in AWS, and its end holds or is known not to."""
    if role.is_managed:
        return
    if role.state.observed_at is None or role.state.permissions_read_at is None:
        raise Refused("role_not_read")
    if role.state.can_bypass_expiry and not expiry_not_enforceable:
        raise Refused("role_can_bypass_own_expiry", actions=tuple(role.state.can_bypass_expiry[:3]))


def rests_on(role: Role, *, now: datetime) -> QuerySet[Grant]:
    """Return the live grants of a role and its overflow roles: those in force, those that are to begin, and
    those past their end that the worker has not yet seen gone.
    """
    family = Q(role=role) | Q(role__overflow_of=role)
    return Grant.objects.filter(family).to_end(now=now)


def _has_break_glass_policy(role: Role, *, now: datetime) -> bool:
    """Return whether a break-glass policy could be used for the role, once the role is enabled."""
    confirmed = BreakGlassPolicy.objects.filter(role=role, confirmed_at__isnull=False, withdrawn_at=None)
    return confirmed.filter(expires_at__gt=now).exists()


def _difference(role: Role, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return those of the fields that are to be other than they are: as they are, and as they are to be."""
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise ValueError(f"nobody changes {', '.join(sorted(unknown))} of a role")
    pairs = {name: (value_in(role, name), frozen(name, value)) for name, value in fields.items()}
    differing = {name: pair for name, pair in sorted(pairs.items()) if pair[0] != pair[1]}
    return {name: one for name, (one, _) in differing.items()}, {name: other for name, (_, other) in differing.items()}


def _check_possible(role: Role, after: Mapping[str, Any]) -> None:
    """Raise Refused unless the role can be like that; the role itself is left as it is."""
    if role.overflow_of_id is not None:
        raise Refused("overflow_role_not_changeable", role=str(role.overflow_of))
    for name in filter(lists_rows, after):
        if rows_of(name, after[name]).count() != len(after[name]):
            raise Refused("person_gone")
    if after.get("is_active"):
        check_connected(is_connected=role.account.is_connected)
        check_can_be_granted(
            role, expiry_not_enforceable=bool(after.get("expiry_not_enforceable", role.expiry_not_enforceable))
        )
    _check_approvers(role, after)
    wanted = Role.objects.select_related("account").get(pk=role.pk)
    put(wanted, after)
    try:
        wanted.full_clean()
    except ValidationError as error:
        # The name of an existing role cannot change. It matters only if the role is going to have overflow roles.
        said = [
            text
            for name, texts in error.message_dict.items()
            if name != "name" or "allows_overflow" in after
            for text in texts
        ]
        if said:
            raise Refused("invalid_values", problems=" ".join(said)) from error


def _check_approvers(role: Role, after: Mapping[str, Any]) -> None:
    """Raise Refused when some stage would need more people than it has; the members of a group can change any time."""
    deciding = ("quorum", "approvers", "approver_groups", STAGES)
    if not set(deciding) & set(after):
        return
    quorum, approvers, groups, further = (after.get(name, value_in(role, name)) for name in deciding)
    first = {"name": "", "quorum": quorum, "approvers": approvers, "approver_groups": groups}
    check_stages(
        {
            number: (one["quorum"], frozenset(stages.people_of(one).values_list("pk", flat=True)))
            for number, one in enumerate((first, *further), 1)
            if not one["approver_groups"]
        }
    )


def _propose(role: Role, before: dict[str, Any], after: dict[str, Any], *, by: User, now: datetime) -> RoleChange:
    proposal = RoleChange(
        role=role, before=before, after=after, proposed_by=by, proposed_at=now, expires_at=now + OPEN_FOR
    )
    proposal.content_hash = proposal.compute_hash()
    record_proposed_change(proposal, now=now)
    create_change_notifications(proposal, now=now)
    tasks.enqueue_notifications()
    return proposal


def lock_connected(account: Account) -> None:
    """Lock an account in which a role is to be stored; raises Refused if it is disconnected."""
    locked_account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    check_connected(is_connected=locked_account.is_connected)


def locked(role: Role) -> Role:
    """Return the role read again, locked with its overflow roles: approvals lock them too, so one of the two waits."""
    list(Role.objects.lock().filter(Q(pk=role.pk) | Q(overflow_of=role.pk)).order_by("pk"))
    return Role.objects.select_related("account", "overflow_of").get(pk=role.pk)
