"""Who may decide in somebody's place, and for how long."""

from datetime import datetime, timedelta

from access.rules.facts import PersonFacts, Refused

LONGEST_ABSENCE = timedelta(days=90)


def check_can_name_deputy(
    person: PersonFacts, deputy: PersonFacts, *, from_at: datetime, until_at: datetime, now: datetime
) -> None:
    """Raise Refused unless this person may let the other one decide in his place in that time."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("Only people inside decide, so only they name a deputy.")
    if not deputy.is_active or deputy.contractor_id is not None:
        raise Refused("A deputy is somebody inside who is switched on. Choose one from the list.")
    if deputy.user_id == person.user_id:
        raise Refused("You cannot be your own deputy. Choose somebody else.")
    if until_at <= max(from_at, now):
        raise Refused("The last moment must be after the first one, and in the future.")
    if until_at - max(from_at, now) > LONGEST_ABSENCE or from_at > now + LONGEST_ABSENCE:
        raise Refused(f"A deputy is named for at most {LONGEST_ABSENCE.days} days, and no earlier than that ahead.")
