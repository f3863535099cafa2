"""Auto-approval policies: one administrator creates a policy, another confirms it, and any administrator can end it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, DurationField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from access import stops
from access.ledger.auto_approvals import (
    record_auto_approval_policy,
    record_auto_approval_policy_confirmation,
    record_auto_approval_policy_end,
)
from access.models import AutoApprovalPolicy, Company, Delegation, Request, Role, User
from access.rules.auto_approvals import (
    BUDGET_PERIOD,
    Spent,
    check_can_confirm_auto_approval_policy,
    check_can_create_auto_approval_policy,
    policy_covers,
)
from access.rules.people import check_can_administer

# The length of a request, whether its window was chosen or began with the approval.
_LENGTH = Coalesce(F("request__length"), F("request__ends_at") - F("request__starts_at"), output_field=DurationField())


@dataclass(frozen=True, slots=True)
class AutoApprovalLimits:
    """What a rule says. Without days there are no hours; at least one of the two budgets is there."""

    longest_window: timedelta
    expires_at: datetime
    per_week: int | None = None
    hours_per_week: timedelta | None = None
    office_days: str = ""
    office_opens: time | None = None
    office_closes: time | None = None
    office_zone: str = ""


@transaction.atomic
def create_auto_approval_policy(
    *, by: User, role: Role, company: Company, limits: AutoApprovalLimits, now: datetime
) -> AutoApprovalPolicy:
    """Store and return a policy that waits for a second administrator."""
    role = Role.objects.lock().select_related("account").get(pk=role.pk)
    facts = {name: getattr(limits, name) for name in AutoApprovalLimits.__slots__}
    policy = AutoApprovalPolicy(role=role, company=company, made_by=by, made_at=now, **facts)
    check_can_create_auto_approval_policy(by.facts(), policy.facts(), longest_window=role.longest_window, now=now)
    return record_auto_approval_policy(policy, by=by, now=now)


@transaction.atomic
def confirm_auto_approval_policy(*, by: User, policy: AutoApprovalPolicy, now: datetime) -> None:
    """Put a rule in force that another administrator made."""
    list(Role.objects.lock().filter(pk=policy.role_id))  # as a stop of the role locks it
    policy = _locked(policy)
    check_can_confirm_auto_approval_policy(by.facts(), policy.facts(), proposer=policy.made_by.facts(), now=now)
    stops.check(role=policy.role, company_id=policy.company_id)
    record_auto_approval_policy_confirmation(policy, by=by, now=now)


@transaction.atomic
def end_auto_approval_policy(*, by: User, policy: AutoApprovalPolicy, now: datetime) -> None:
    """Let a rule approve nothing any more; what it gave stays until it ends or is revoked."""
    check_can_administer(by.facts())
    record_auto_approval_policy_end(_locked(policy), by=by, now=now)


def lock_policies(roles: Collection[Role], *, by: User, now: datetime) -> list[AutoApprovalPolicy]:
    """Return the policies that can approve requests of this person for these roles, locked, with the overflow roles in
    which the grant can end up: before the audit chain, as everybody who changes both locks them.
    """
    in_force = AutoApprovalPolicy.objects.filter(role__in=roles, company__contractors__user=by, ended_at=None)
    rows = in_force.filter(expires_at__gt=now).exclude(confirmed_at=None).order_by("pk")
    locked = list(rows.select_for_update(of=("self",)).select_related("made_by", "confirmed_by"))
    if locked:
        list(Role.objects.lock().filter(overflow_of__in=roles).order_by("pk"))
    return locked


def matching_policy(
    request: Request, candidates: Collection[AutoApprovalPolicy], *, now: datetime
) -> AutoApprovalPolicy | None:
    """Return the first policy that approves this new request, or None. The rows of the role and of its policies are
    locked, so that two requests cannot both use the last of a budget.
    """
    if not candidates:
        return None
    company_id = request.contractor.company_id if request.contractor else None
    if company_id is None:
        return None
    facts = request.facts()
    return next(
        (
            policy
            for policy in candidates
            if policy_covers(policy.facts(), facts, company_id=company_id, spent=spent_by(policy, now=now), now=now)
        ),
        None,
    )


def people_to_notify(role: Role, *, now: datetime) -> QuerySet[User]:
    """Return everybody who could have decided in a person's way: the approvers of all stages, and their delegates."""
    all_approvers = role.all_approvers().values("pk")
    delegations = Delegation.objects.in_force(now=now).filter(approver__in=all_approvers).values("delegate")
    return User.objects.filter(Q(pk__in=all_approvers) | Q(pk__in=delegations))


def spent_by(policy: AutoApprovalPolicy, *, now: datetime) -> Spent:
    """Return what a rule has approved in the seven days before `now`."""
    lately = policy.decisions.filter(decided_at__gt=now - BUDGET_PERIOD)
    found = lately.aggregate(count=Count("pk"), length=Sum(_LENGTH))
    return Spent(found["count"], found["length"] or timedelta(0))


def _locked(policy: AutoApprovalPolicy) -> AutoApprovalPolicy:
    AutoApprovalPolicy.objects.select_for_update().get(pk=policy.pk)
    related = ("role__account", "role__state", "company", "made_by")
    return AutoApprovalPolicy.objects.select_related(*related).get(pk=policy.pk)
