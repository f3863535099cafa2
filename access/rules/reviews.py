"""Checks for reading reports, and for certifying in access reviews."""

from datetime import datetime

from access.lifecycle import GrantFacts, is_over
from access.rules.checks import check_can_take_evidence
from access.rules.facts import PersonFacts, Refused, RequestFacts, RoleSettings, passes


def check_can_review(person: PersonFacts, *, decides: bool, is_sponsoring: bool) -> None:
    """Raise Refused unless this person is responsible for everything, for a role, or for a contractor.

    `decides` says whether they approve for some role, `is_sponsoring` whether they sponsor some contractor.
    """
    if not person.is_active or person.contractor_id is not None:
        raise Refused("reviews_internal_only")
    if not (person.is_administrator or person.is_sponsor or decides or is_sponsoring):
        raise Refused("nothing_to_review")


def check_can_search(person: PersonFacts, *, decides: bool) -> None:
    """Raise Refused unless this person administers the portal, or approves for some role, which `decides` says."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("reviews_internal_only")
    if not (person.is_administrator or decides):
        raise Refused("not_an_approver_of_any_role")


def check_can_certify_grant(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused unless this person is responsible for the grant, it is not their own, and it has not ended."""
    if person.user_id == request.requester_id:
        raise Refused("own_access_review")
    check_can_take_evidence(person, request, now=now)
    if is_over(grant, now=now):
        raise Refused("grant_over")


def check_can_certify_role(person: PersonFacts, role: RoleSettings) -> None:
    """Raise Refused unless this person decides about the role or is an administrator."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("role_reviews_internal_only")
    if person.user_id not in role.approver_ids and not person.is_administrator:
        raise Refused("not_an_approver")


def can_review(person: PersonFacts, *, decides: bool, is_sponsoring: bool) -> bool:
    return passes(lambda: check_can_review(person, decides=decides, is_sponsoring=is_sponsoring))


def can_search(person: PersonFacts, *, decides: bool) -> bool:
    return passes(lambda: check_can_search(person, decides=decides))


def can_certify_grant(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_certify_grant(person, request, grant, now=now))


def can_certify_role(person: PersonFacts, role: RoleSettings) -> bool:
    return passes(lambda: check_can_certify_role(person, role))
