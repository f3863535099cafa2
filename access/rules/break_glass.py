"""Break-glass: who makes, confirms and withdraws break-glass policies, who uses one, and who reviews that
afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts, is_over
from access.rules.checks import check_can_see, check_reason
from access.rules.facts import LONGEST_BREAK_GLASS, PersonFacts, Refused, RequestFacts, RoleSettings, in_words, passes
from access.rules.people import check_can_administer, check_proposer

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
    """Raise Refused unless a rule may say this: internal users alone, at most an hour, an end, a role that works so."""
    if any(person.contractor_id is not None for person in people):
        raise Refused("Contractors never use break-glass. Choose internal users.")
    if not people or not all(person.is_active for person in people):
        raise Refused("Choose at least one person, and nobody who is disabled.")
    if not SHORTEST_BREAK_GLASS <= longest <= LONGEST_BREAK_GLASS:
        raise Refused(f"A use lasts from {in_words(SHORTEST_BREAK_GLASS)} to {in_words(LONGEST_BREAK_GLASS)}.")
    if not now < expires_at <= now + LONGEST_BREAK_GLASS_POLICY:
        raise Refused(
            f"A rule ends within {LONGEST_BREAK_GLASS_POLICY.days} days, and not in the past. Make it anew then."
        )
    check_role_works(role)


def check_role_works(role: RoleSettings) -> None:
    """Raise Refused unless the portal can hand out sessions of this role: no internal user has an AWS identity here."""
    if not role.is_active:
        raise Refused("This role is disabled.")
    if not (role.allows_portal_issued or role.allows_console):
        raise Refused("The portal hands out no sessions of this role. Let it do so first, or choose another role.")
    if role.source_rule == "always":
        raise Refused("This role is given to named source addresses alone, and break-glass names none.")


def check_can_confirm_break_glass_policy(
    person: PersonFacts, policy: BreakGlassPolicyFacts, *, proposer: PersonFacts, now: datetime
) -> None:
    """Raise Refused unless this is an administrator who neither made the rule nor is named in it."""
    if person.user_id == policy.made_by_id:
        raise Refused("Nobody confirms his own rule. Another administrator has to.")
    if person.user_id in policy.person_ids:
        raise Refused("This rule names you. Another administrator has to confirm it.")
    check_can_administer(person)
    if policy.is_confirmed or policy.is_withdrawn or now >= policy.expires_at:
        raise Refused("This rule waits for nobody: it is confirmed, withdrawn or over.")
    check_proposer(proposer)


def check_can_withdraw_break_glass_policy(person: PersonFacts, policy: BreakGlassPolicyFacts) -> None:
    """Raise Refused unless this is an administrator, and the rule not withdrawn already."""
    check_can_administer(person)
    if policy.is_withdrawn:
        raise Refused("This rule is withdrawn already.")


def check_can_use_break_glass(
    person: PersonFacts, policy: BreakGlassPolicyFacts, *, unreviewed: bool, now: datetime
) -> None:
    """Raise Refused unless this person inside is named in a rule in force, and nothing of his waits for a review."""
    if person.contractor_id is not None:
        raise Refused("Contractors never use break-glass. Ask for access.")
    if not person.is_active or person.user_id not in policy.person_ids:
        raise Refused("No rule lets you do this.")
    if not policy.is_confirmed or policy.is_withdrawn or now >= policy.expires_at:
        raise Refused("This rule is not in force: it is not confirmed, withdrawn or over. Speak to an administrator.")
    if unreviewed:
        raise Refused("Your last use was not reviewed yet. Somebody else has to review it first.")
    check_role_works(policy.role)


def check_break_glass_request(policy: BreakGlassPolicyFacts, *, length: timedelta, reason: str) -> None:
    """Raise Refused unless a use is as long as the rule lets it be, and has a reason."""
    if not SHORTEST_BREAK_GLASS <= length <= min(policy.longest, LONGEST_BREAK_GLASS):
        raise Refused(f"A use lasts from {in_words(SHORTEST_BREAK_GLASS)} to {in_words(policy.longest)}.")
    check_reason(reason)


def check_can_review_break_glass(
    person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime
) -> None:
    """Raise Refused unless this person answers for the role, it was somebody else who used it, and it is over."""
    if person.user_id == request.requester_id or person.contractor_id is not None:
        raise Refused("Somebody else reviews this, and an internal user.")
    check_can_see(person, request, now=now)
    if not is_over(grant, now=now):
        raise Refused("The access is still open. Stop it, or review it afterwards.")


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
