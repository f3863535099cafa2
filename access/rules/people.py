"""Who may invite and look after contractors, and who may administer."""

from datetime import datetime

from access.rules.facts import LONGEST_CONTRACT, PersonFacts, Refused, passes


def check_contract_end(ends_at: datetime, *, now: datetime) -> None:
    """Raise Refused unless a contract ends in the future, and not so far away that nobody would look again."""
    if ends_at <= now:
        raise Refused("The end of the contract is in the past. Choose a later one.")
    if ends_at > now + LONGEST_CONTRACT:
        raise Refused(f"A contract runs for at most {LONGEST_CONTRACT.days} days. It can be made longer later.")


def check_can_sponsor(person: PersonFacts) -> None:
    """Raise Refused unless this person may invite contractors and look after them."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("Only internal users look after contractors.")
    if not (person.is_sponsor or person.is_administrator):
        raise Refused("You are not a sponsor. An administrator can make you one.")


def check_can_manage(person: PersonFacts, sponsor_id: int | None) -> None:
    """Raise Refused unless this person looks after somebody whose sponsor that is, or is an administrator."""
    check_can_sponsor(person)
    if person.user_id != sponsor_id and not person.is_administrator:
        raise Refused("Somebody else looks after this person.")


def check_can_administer(person: PersonFacts) -> None:
    """Raise Refused unless this person is an administrator of the portal."""
    if not (person.is_active and person.is_administrator) or person.contractor_id is not None:
        raise Refused("Only administrators may do this.")


def check_can_confirm(person: PersonFacts, *, proposer: PersonFacts) -> None:
    """Raise Refused unless this person may confirm what another administrator proposed."""
    check_can_administer(person)
    if person.user_id == proposer.user_id:
        raise Refused("You proposed this yourself. Another administrator confirms it.")
    check_proposer(proposer)


def check_proposer(person: PersonFacts) -> None:
    """Raise Refused unless who proposed something is still an administrator: two of them answer for it."""
    if not can_administer(person):
        raise Refused(
            "Who proposed this is no administrator any more. Propose it yourself, and let another one confirm it."
        )


def can_sponsor(person: PersonFacts) -> bool:
    return passes(lambda: check_can_sponsor(person))


def can_manage(person: PersonFacts, sponsor_id: int | None) -> bool:
    return passes(lambda: check_can_manage(person, sponsor_id))


def can_administer(person: PersonFacts) -> bool:
    return passes(lambda: check_can_administer(person))


def can_confirm(person: PersonFacts, *, proposer: PersonFacts) -> bool:
    return passes(lambda: check_can_confirm(person, proposer=proposer))
