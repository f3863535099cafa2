"""Checks for inviting and managing contractors, and for administering."""

from datetime import datetime

from access.rules.facts import LONGEST_CONTRACT, PersonFacts, Refused, passes


def check_contract_end(ends_at: datetime, *, now: datetime) -> None:
    """Raise Refused unless a contract ends in the future, and not so far away that nobody would look again."""
    if ends_at <= now:
        raise Refused("contract_end_in_past", field="contract_ends_at")
    if ends_at > now + LONGEST_CONTRACT:
        raise Refused("contract_too_long", field="contract_ends_at", days=LONGEST_CONTRACT.days)


def check_can_sponsor(person: PersonFacts) -> None:
    """Raise Refused unless this person can invite and sponsor contractors."""
    if not person.is_active or person.contractor_id is not None:
        raise Refused("sponsor_internal_only")
    if not (person.is_sponsor or person.is_administrator):
        raise Refused("not_a_sponsor")


def check_can_manage(person: PersonFacts, sponsor_id: int | None) -> None:
    """Raise Refused unless this person can sponsor, and is the contractor's sponsor or an administrator."""
    check_can_sponsor(person)
    if person.user_id != sponsor_id and not person.is_administrator:
        raise Refused("not_their_sponsor")


def check_can_administer(person: PersonFacts) -> None:
    """Raise Refused unless this person is an administrator of the portal."""
    if not (person.is_active and person.is_administrator) or person.contractor_id is not None:
        raise Refused("administrator_only")


def check_can_decide_again(person: PersonFacts, *, now: datetime) -> None:
    """Raise Refused while this person decides nothing, because their second factor was reset.

    Somebody else may have the account. They cannot approve, confirm or delegate before the reset is noticed.
    Ending access is no decision in this sense, and always possible.
    """
    if person.decides_again_at is not None and now < person.decides_again_at:
        raise Refused("factor_reset_lately", until=person.decides_again_at)


def check_can_confirm(person: PersonFacts, *, proposer: PersonFacts, now: datetime) -> None:
    """Raise Refused unless this person can confirm what another administrator proposed."""
    check_can_administer(person)
    if person.user_id == proposer.user_id:
        raise Refused("own_proposal")
    check_proposer(proposer)
    check_can_decide_again(person, now=now)


def check_proposer(person: PersonFacts) -> None:
    """Raise Refused unless who proposed something is still an administrator: two of them answer for it."""
    if not can_administer(person):
        raise Refused("proposer_not_administrator")


def can_sponsor(person: PersonFacts) -> bool:
    return passes(lambda: check_can_sponsor(person))


def can_manage(person: PersonFacts, sponsor_id: int | None) -> bool:
    return passes(lambda: check_can_manage(person, sponsor_id))


def can_administer(person: PersonFacts) -> bool:
    return passes(lambda: check_can_administer(person))


def can_confirm(person: PersonFacts, *, proposer: PersonFacts, now: datetime) -> bool:
    return passes(lambda: check_can_confirm(person, proposer=proposer, now=now))
