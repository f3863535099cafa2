"""Break-glass: who makes, confirms and withdraws break-glass policies, who uses one, and who reviews that
afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts, is_over
from access.rules.checks import check_can_see, check_reason
from access.rules.facts import LONGEST_BREAK_GLASS, PersonFacts, Refused, RequestFacts, RoleSettings, passes
from access.rules.people import check_can_administer, check_can_decide_again, check_proposer

LONGEST_BREAK_GLASS_POLICY = timedelta(days=366)
SHORTEST_BREAK_GLASS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class BreakGlassPolicyFacts:
    """One break-glass policy as the rules see it."""

    role: RoleSettings
    person_ids: frozenset[int]
    longest: timedelta
    expires_at: datetime
    made_by_id: int
    is_confirmed: bool
    is_withdrawn: bool


def check_break_glass_policy(
    role: RoleSettings, people: Collection[PersonFacts], *, longest: timedelta, expires_at: datetime, now: datetime
) -> None:
    """Raise Refused unless the policy is allowed: only internal users, at most an hour, an end, a suitable role."""
    if any(person.contractor_id is not None for person in people):
        raise Refused("break_glass_internal_only", field="people")
    if not people or not all(person.is_active for person in people):
        raise Refused("break_glass_users_invalid", field="people")
    if not SHORTEST_BREAK_GLASS <= longest <= LONGEST_BREAK_GLASS:
        raise Refused(
            "break_glass_policy_length_invalid",
            field="minutes",
            shortest=SHORTEST_BREAK_GLASS,
            longest=LONGEST_BREAK_GLASS,
        )
    if not now < expires_at <= now + LONGEST_BREAK_GLASS_POLICY:
        raise Refused("break_glass_policy_end_invalid", field="expires_at", days=LONGEST_BREAK_GLASS_POLICY.days)
    check_role_works(role)


def check_role_works(role: RoleSettings) -> None:
    """Raise Refused unless the portal can issue sessions of this role: no internal user has an AWS identity here."""
    if not role.is_active:
        raise Refused("role_disabled")
    if not (role.allows_portal_issued or role.allows_console):
        raise Refused("role_not_portal_issued")
    if role.source_rule == "always":
        raise Refused("break_glass_sources_required")


def check_can_confirm_break_glass_policy(
    person: PersonFacts, policy: BreakGlassPolicyFacts, *, proposer: PersonFacts, now: datetime
) -> None:
    """Raise Refused unless this is an administrator who neither made the policy nor is named in it."""
    if person.user_id == policy.made_by_id:
        raise Refused("break_glass_own_policy")
    if person.user_id in policy.person_ids:
        raise Refused("break_glass_policy_names_you")
    check_can_administer(person)
    if policy.is_confirmed or policy.is_withdrawn or now >= policy.expires_at:
        raise Refused("break_glass_policy_not_pending")
    check_proposer(proposer)
    check_can_decide_again(person, now=now)


def check_can_withdraw_break_glass_policy(person: PersonFacts, policy: BreakGlassPolicyFacts) -> None:
    """Raise Refused unless this is an administrator, and the policy is not withdrawn."""
    check_can_administer(person)
    if policy.is_withdrawn:
        raise Refused("break_glass_policy_withdrawn")


def check_can_use_break_glass(
    person: PersonFacts, policy: BreakGlassPolicyFacts, *, unreviewed: bool, now: datetime
) -> None:
    """Raise Refused unless a policy in force names this internal user, and none of their grants needs a review."""
    if person.contractor_id is not None:
        raise Refused("break_glass_contractor")
    if not person.is_active or person.user_id not in policy.person_ids:
        raise Refused("break_glass_not_permitted")
    if not policy.is_confirmed or policy.is_withdrawn or now >= policy.expires_at:
        raise Refused("break_glass_policy_not_active")
    if unreviewed:
        raise Refused("break_glass_review_pending")
    check_can_decide_again(person, now=now)
    check_role_works(policy.role)


def check_break_glass_request(policy: BreakGlassPolicyFacts, *, length: timedelta, reason: str) -> None:
    """Raise Refused unless a use is no longer than the policy allows, and has a reason."""
    if not SHORTEST_BREAK_GLASS <= length <= min(policy.longest, LONGEST_BREAK_GLASS):
        raise Refused(
            "break_glass_length_invalid", field="minutes", shortest=SHORTEST_BREAK_GLASS, longest=policy.longest
        )
    check_reason(reason)


def check_can_review_break_glass(
    person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime
) -> None:
    """Raise Refused unless this person answers for the role, it was somebody else who used it, and it is over."""
    if person.user_id == request.requester_id or person.contractor_id is not None:
        raise Refused("break_glass_own_review")
    check_can_see(person, request, now=now)
    if not is_over(grant, now=now):
        raise Refused("break_glass_still_open")
    check_can_decide_again(person, now=now)


def can_confirm_break_glass_policy(
    person: PersonFacts, policy: BreakGlassPolicyFacts, *, proposer: PersonFacts, now: datetime
) -> bool:
    return passes(lambda: check_can_confirm_break_glass_policy(person, policy, proposer=proposer, now=now))


def can_withdraw_break_glass_policy(person: PersonFacts, policy: BreakGlassPolicyFacts) -> bool:
    return passes(lambda: check_can_withdraw_break_glass_policy(person, policy))


def can_use_break_glass(person: PersonFacts, policy: BreakGlassPolicyFacts, *, unreviewed: bool, now: datetime) -> bool:
    return passes(lambda: check_can_use_break_glass(person, policy, unreviewed=unreviewed, now=now))


def can_review_break_glass(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_review_break_glass(person, request, grant, now=now))
