"""Checks for opening sessions of a grant: by whom, and how many."""

from datetime import datetime

from access.lifecycle import GrantFacts, GrantState, grant_state
from access.rules.facts import IssueLimits, PersonFacts, Refused


def check_can_use(
    person: PersonFacts,
    grant: GrantFacts,
    *,
    is_own: bool,
    is_offered: bool,
    now: datetime,
    is_break_glass: bool = False,
) -> None:
    """Raise Refused unless the portal can open a session of this grant for this person now.

    `is_own` says whether the grant is that person's, `is_offered` whether its role has the access method asked for,
    `is_break_glass` whether it is a break-glass grant.
    """
    # Contractors use approved grants, and internal users use break-glass grants. Neither can use the other kind.
    if not is_own or (person.contractor_id is None) is not is_break_glass:
        raise Refused("not_grant_holder")
    if is_break_glass:
        check_is_here(person)
    else:
        check_contract(person, now=now)
    if not grant.portal_issued:
        raise Refused("own_identity_grant")
    if not is_offered:
        raise Refused("access_method_not_allowed")
    match grant_state(grant, now=now):
        case GrantState.ACTIVE:
            return
        case GrantState.SCHEDULED:
            raise Refused("grant_not_started")
        case GrantState.ACTIVATING:
            raise Refused("grant_not_ready")
        case GrantState.BLOCKED:
            raise Refused("grant_blocked")
        case _:
            raise Refused("grant_over_for_use")


def check_is_here(person: PersonFacts) -> None:
    """Raise Refused when somebody is disabled."""
    if not person.is_active:
        raise Refused("account_disabled")


def check_contract(person: PersonFacts, *, now: datetime) -> None:
    """Raise Refused when a contractor is disabled or their contract has ended."""
    if not (person.is_active and person.contractor_is_active):
        raise Refused("contractor_disabled")
    if person.contract_ends_at is None or now >= person.contract_ends_at:
        raise Refused("contract_ended")


def check_issue_limits(limits: IssueLimits, *, in_last_hour: int, live: int) -> None:
    """Raise Refused when the grant has opened as many sessions as its role lets it."""
    if in_last_hour >= limits.per_hour:
        raise Refused("too_many_sessions_in_hour", count=in_last_hour)
    if live >= limits.live:
        raise Refused("too_many_open_sessions", count=live)
