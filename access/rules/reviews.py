"""Who may look through the lists, and who may say that something may stay."""

from datetime import datetime

from access.lifecycle import GrantFacts, is_over
from access.rules.checks import check_can_take_evidence
from access.rules.facts import PersonFacts, Refused, RequestFacts, RoleSettings, passes


def check_can_review(person: PersonFacts, *, decides: bool, is_sponsoring: bool) -> None:
    """Raise Refused unless this person answers for something: for everything, for a role, or for a contractor.

    `decides` says whether he approves for some role, `is_sponsoring` whether some contractor has him as sponsor.
    """
    if not person.is_active or person.contractor_id is not None:
        raise Refused("Only internal users look through the reviews.")
    if not (person.is_administrator or person.is_sponsor or decides or is_sponsoring):
        raise Refused("You answer for no role and for no contractor.")


def check_can_certify_grant(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused unless this person answers for an access that is not his own and not over."""
    if person.user_id == request.requester_id:
        raise Refused("Nobody reviews his own access.")
    check_can_take_evidence(person, request, now=now)
    if is_over(grant, now=now):
        raise Refused("This access is already over.")


def check_can_certify_role(person: PersonFacts, role: RoleSettings) -> None:
    """Raise Refused unless this person decides about the role or is an administrator."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("Only internal users review roles.")
    if person.user_id not in role.approver_ids and not person.is_administrator:
        raise Refused("You are not an approver of this role.")


def can_review(person: PersonFacts, *, decides: bool, is_sponsoring: bool) -> bool:
    return passes(lambda: check_can_review(person, decides=decides, is_sponsoring=is_sponsoring))


def can_certify_grant(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_certify_grant(person, request, grant, now=now))


def can_certify_role(person: PersonFacts, role: RoleSettings) -> bool:
    return passes(lambda: check_can_certify_role(person, role))
