"""Checks for delegations: who can be a delegate, and for how long."""

from datetime import datetime, timedelta

from access.rules.facts import PersonFacts, Refused
from access.rules.people import check_can_decide_again

LONGEST_DELEGATION = timedelta(days=90)


def check_can_delegate(
    person: PersonFacts, delegate: PersonFacts, *, from_at: datetime, until_at: datetime, now: datetime
) -> None:
    """Raise Refused unless this person can make the other one their delegate for that time."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("delegation_internal_only")
    if not delegate.is_active or delegate.contractor_id is not None:
        raise Refused("delegate_not_active", field="delegate")
    if delegate.user_id == person.user_id:
        raise Refused("delegate_is_yourself", field="delegate")
    if until_at <= max(from_at, now):
        raise Refused("delegation_window_invalid", field="until_at")
    if until_at - max(from_at, now) > LONGEST_DELEGATION or from_at > now + LONGEST_DELEGATION:
        raise Refused("delegation_too_long", field="until_at", days=LONGEST_DELEGATION.days)
    check_can_decide_again(person, now=now)
