"""Break-glass policies: one administrator creates a policy, another confirms it, and any of them can withdraw it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from access import stops, tasks
from access.actions.locking import lock_people, locked_grants
from access.ledger.break_glass import (
    record_break_glass_policy,
    record_break_glass_policy_confirmation,
    record_break_glass_policy_withdrawal,
)
from access.ledger.conflicts import Conflict
from access.ledger.grants import record_revocation
from access.models import BreakGlassPolicy, Grant, Role, User
from access.rules.break_glass import (
    check_break_glass_policy,
    check_can_confirm_break_glass_policy,
    check_can_withdraw_break_glass_policy,
)
from access.rules.checks import check_reason
from access.rules.facts import Refused
from access.rules.people import check_can_administer, check_can_decide_again
from access.texts.text import Text


@transaction.atomic
def create_break_glass_policy(
    *,
    by: User,
    role: Role,
    people: Collection[User],
    longest: timedelta,
    expires_at: datetime,
    reason: str,
    now: datetime,
) -> BreakGlassPolicy:
    """Store and return a policy that waits for another administrator."""
    check_can_administer(by.facts())
    check_can_decide_again(by.facts(), now=now)
    role = Role.objects.select_related("account", "overflow_of__account").get(pk=role.pk)
    if role.overflow_of is not None:
        raise Refused("overflow_role_not_changeable", role=str(role.overflow_of))
    if not role.account.issuer_arn:
        raise Refused("no_issuer")
    check_reason(reason)
    facts = [person.facts() for person in people]
    check_break_glass_policy(role.settings(), facts, longest=longest, expires_at=expires_at, now=now)
    policy = BreakGlassPolicy(
        role=role, longest=longest, reason=reason.strip(), expires_at=expires_at, made_by=by, made_at=now
    )
    record_break_glass_policy(policy, people, by=by, now=now)
    return policy


@transaction.atomic
def confirm_break_glass_policy(*, by: User, policy: BreakGlassPolicy, content_hash: str, now: datetime) -> None:
    """Put a rule into force; `content_hash` names what was shown."""
    policy = _locked(policy)
    lock_people(by)
    check_can_confirm_break_glass_policy(by.facts(), policy.facts(), proposer=policy.made_by.facts(), now=now)
    stops.check(role=policy.role)
    people = [person.facts() for person in policy.people.all()]
    check_break_glass_policy(
        policy.role.settings(), people, longest=policy.longest, expires_at=policy.expires_at, now=policy.made_at
    )
    if content_hash != policy.content_hash():
        raise Conflict("page_outdated_policy")
    record_break_glass_policy_confirmation(policy, by=by, now=now)


@transaction.atomic
def withdraw_break_glass_policy(*, by: User, policy: BreakGlassPolicy, now: datetime) -> None:
    """Let a rule be used no more, and end what is open by it."""
    policy = _locked(policy)
    check_can_withdraw_break_glass_policy(by.facts(), policy.facts())
    open_grants = Grant.objects.filter(break_glass_policy=policy).to_end(now=now)
    grants = locked_grants(open_grants.select_related("request"))
    record_break_glass_policy_withdrawal(policy, by=by, now=now)
    for grant in grants:
        record_revocation(grant, verb="grant.revoked", reason=Text("revoked_policy_withdrawn"), by=by, now=now)
        tasks.enqueue(grant.role_id, urgent=True)


def _locked(policy: BreakGlassPolicy) -> BreakGlassPolicy:
    """Return the policy, locked after its role and overflow roles, the order in which using it locks them."""
    family = Q(pk=policy.role_id) | Q(overflow_of=policy.role_id)
    list(Role.objects.lock().filter(family).order_by("pk"))
    BreakGlassPolicy.objects.select_for_update().get(pk=policy.pk)
    return BreakGlassPolicy.objects.select_related("role__account", "role__state", "made_by", "confirmed_by").get(
        pk=policy.pk
    )
