"""Who may open a session of what was given, and how many."""

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
    """Raise Refused unless the portal may open a session of this grant for this person now.

    `is_own` says whether the grant is that person's, `is_offered` whether its role can be used in the way asked for,
    `is_break_glass` whether an internal user gave it to himself by a break-glass policy.
    """
    # Contractors use what they were given, internal users what they gave themselves: never the other way round.
    if not is_own or (person.contractor_id is None) is not is_break_glass:
        raise Refused("Only the person who has the access can use it.")
    if is_break_glass:
        check_is_here(person)
    else:
        check_contract(person, now=now)
    if not grant.portal_issued:
        raise Refused("This access is used from your own AWS identity; the portal hands out no credentials for it.")
    if not is_offered:
        raise Refused("This role cannot be used in this way. Choose the other one on the request's page.")
    match grant_state(grant, now=now):
        case GrantState.ACTIVE:
            return
        case GrantState.SCHEDULED:
            raise Refused("The access has not begun yet. Come back at its start.")
        case GrantState.ACTIVATING:
            raise Refused("The access is not ready yet. Try again in a few seconds.")
        case GrantState.BLOCKED:
            raise Refused("Something keeps the access from working; the request's page says what.")
        case _:
            raise Refused("The access is over. Ask for a new one.")


def check_is_here(person: PersonFacts) -> None:
    """Raise Refused when somebody is disabled."""
    if not person.is_active:
        raise Refused("Your account is disabled.")


def check_contract(person: PersonFacts, *, now: datetime) -> None:
    """Raise Refused unless a contractor is active and his contract runs."""
    if not (person.is_active and person.contractor_is_active):
        raise Refused("Your contractor account is disabled. Speak to your sponsor.")
    if person.contract_ends_at is None or now >= person.contract_ends_at:
        raise Refused("Your contract has ended. Speak to your sponsor.")


def check_issue_limits(limits: IssueLimits, *, in_last_hour: int, live: int) -> None:
    """Raise Refused when the grant has opened as many sessions as its role lets it."""
    if in_last_hour >= limits.per_hour:
        raise Refused(f"{in_last_hour} sessions were opened in the last hour, which is the limit. Use one of those.")
    if live >= limits.live:
        raise Refused(f"{live} sessions are open, which is the limit. Wait until one expires.")
