"""Who may decide in somebody's place, and for how long."""

from datetime import datetime, timedelta

from access.rules.facts import PersonFacts, Refused

LONGEST_DELEGATION = timedelta(days=90)


def check_can_delegate(
    person: PersonFacts, delegate: PersonFacts, *, from_at: datetime, until_at: datetime, now: datetime
) -> None:
    """Raise Refused unless this person may let the other one decide in his place in that time."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("Only internal users decide, so only they name a delegate.")
    if not delegate.is_active or delegate.contractor_id is not None:
        raise Refused("A delegate is an internal user who is enabled. Choose one from the list.")
    if delegate.user_id == person.user_id:
        raise Refused("You cannot be your own delegate. Choose somebody else.")
    if until_at <= max(from_at, now):
        raise Refused("The last moment must be after the first one, and in the future.")
    if until_at - max(from_at, now) > LONGEST_DELEGATION or from_at > now + LONGEST_DELEGATION:
        raise Refused(
            f"A delegate is named for at most {LONGEST_DELEGATION.days} days, and no earlier than that ahead."
        )
