"""Auto-approval policies: what they approve, and who can create and confirm one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access.rules.checks import check_is_possible
from access.rules.facts import PersonFacts, Refused, RequestFacts, passes
from access.rules.hours import OfficeHours
from access.rules.people import check_can_administer, check_can_decide_again, check_proposer

LONGEST_AUTO_APPROVAL_POLICY = timedelta(days=366)
BUDGET_PERIOD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AutoApprovalPolicyFacts:
    """A rule for one role and one company. `confirmed_by` is None until a second administrator has confirmed it.

    `per_week` counts requests and `hours_per_week` is their windows added up; None where the policy sets no such limit.
    """

    role_id: int
    company_id: int
    longest_window: timedelta
    hours: OfficeHours | None
    per_week: int | None
    hours_per_week: timedelta | None
    expires_at: datetime
    made_by: int
    confirmed_by: int | None
    is_ended: bool

    def is_in_force(self, *, now: datetime) -> bool:
        """Return whether it approves anything now."""
        return self.confirmed_by is not None and not self.is_ended and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Spent:
    """What a rule has approved in the last seven days."""

    count: int
    length: timedelta


def check_policy_covers(
    policy: AutoApprovalPolicyFacts, request: RequestFacts, *, company_id: int, spent: Spent, now: datetime
) -> None:
    """Raise Refused, with what a person has to decide, unless the policy approves this request now."""
    if not policy.is_in_force(now=now):
        raise Refused("auto_approval_not_active")
    if (policy.role_id, policy.company_id) != (request.role.role_id, company_id):
        raise Refused("auto_approval_other_scope")
    if request.identity is not None and request.identity.voucher_id in {policy.made_by, policy.confirmed_by}:
        raise Refused("auto_approval_vouched")
    window = request.window_now(now=now)
    if window.length > policy.longest_window:
        raise Refused("auto_approval_too_long", longest=policy.longest_window)
    if policy.hours is not None and not policy.hours.hold(window.starts_at, window.ends_at):
        raise Refused("auto_approval_outside_hours", hours=policy.hours.text)
    if policy.per_week is not None and spent.count >= policy.per_week:
        raise Refused("auto_approval_requests_used")
    if policy.hours_per_week is not None and spent.length + window.length > policy.hours_per_week:
        raise Refused("auto_approval_hours_used")
    check_is_possible(request, now=now)


def policy_covers(
    policy: AutoApprovalPolicyFacts, request: RequestFacts, *, company_id: int, spent: Spent, now: datetime
) -> bool:
    return passes(lambda: check_policy_covers(policy, request, company_id=company_id, spent=spent, now=now))


def check_can_create_auto_approval_policy(
    person: PersonFacts, policy: AutoApprovalPolicyFacts, *, longest_window: timedelta, now: datetime
) -> None:
    """Raise Refused unless this administrator can make this policy for a role with this longest window."""
    check_can_administer(person)
    check_can_decide_again(person, now=now)
    if policy.longest_window > longest_window:
        raise Refused("auto_approval_longer_than_role", field="longest_window", longest=longest_window)
    if policy.per_week is None and policy.hours_per_week is None:
        raise Refused("auto_approval_without_budget", field="per_week")
    if not now < policy.expires_at <= now + LONGEST_AUTO_APPROVAL_POLICY:
        raise Refused("auto_approval_end_invalid", field="expires_at", days=LONGEST_AUTO_APPROVAL_POLICY.days)


def check_can_confirm_auto_approval_policy(
    person: PersonFacts, policy: AutoApprovalPolicyFacts, *, proposer: PersonFacts, now: datetime
) -> None:
    """Raise Refused unless the policy still waits, and this administrator is not the one who created it."""
    check_can_administer(person)
    if person.user_id == policy.made_by:
        raise Refused("auto_approval_own")
    if policy.confirmed_by is not None or policy.is_ended or now >= policy.expires_at:
        raise Refused("auto_approval_not_pending")
    check_proposer(proposer)
    check_can_decide_again(person, now=now)


def can_confirm_auto_approval_policy(
    person: PersonFacts, policy: AutoApprovalPolicyFacts, *, proposer: PersonFacts, now: datetime
) -> bool:
    return passes(lambda: check_can_confirm_auto_approval_policy(person, policy, proposer=proposer, now=now))
