"""Resetting a lost second factor: two administrators, or a command where there are none, and a day without deciding."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access.rules.facts import PersonFacts, Refused, passes
from access.rules.people import check_can_administer, check_can_decide_again, check_proposer

DECIDES_AGAIN_AFTER = timedelta(hours=24)
PROPOSAL_LASTS = timedelta(hours=24)
ADMINISTRATORS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class ResetFacts:
    """One proposal: whose factors it removes, who made it, as they are now, and whether it is still open."""

    person_id: int
    proposer: PersonFacts
    proposed_at: datetime
    is_settled: bool

    def is_waiting(self, *, now: datetime) -> bool:
        """Return whether it can still be confirmed; a proposal of the future, by a wrong clock, cannot."""
        return not self.is_settled and self.proposed_at <= now < self.proposed_at + PROPOSAL_LASTS


def check_can_propose_reset(by: PersonFacts, person: PersonFacts, *, now: datetime) -> None:
    """Raise Refused unless this administrator can propose to reset the second factor of somebody else."""
    check_can_administer(by)
    if by.user_id == person.user_id:
        raise Refused("own_factor_reset")
    check_can_decide_again(by, now=now)


def check_can_confirm_reset(by: PersonFacts, reset: ResetFacts, *, now: datetime) -> None:
    """Raise Refused unless this is a second administrator, and neither of the two is the person concerned."""
    check_can_administer(by)
    if by.user_id == reset.person_id:
        raise Refused("own_factor_reset")
    if by.user_id == reset.proposer.user_id:
        raise Refused("own_proposal")
    check_proposer(reset.proposer)
    check_can_decide_again(by, now=now)
    check_can_decide_again(reset.proposer, now=now)
    if not reset.is_waiting(now=now):
        raise Refused("factor_reset_not_waiting")


def check_command_is_needed(administrators: int) -> None:
    """Raise Refused while so many other administrators have a second factor that two of them can do it."""
    if administrators >= ADMINISTRATORS_NEEDED:
        raise Refused("factor_reset_needs_administrators", count=administrators)


def can_propose_reset(by: PersonFacts, person: PersonFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_propose_reset(by, person, now=now))


def can_confirm_reset(by: PersonFacts, reset: ResetFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_confirm_reset(by, reset, now=now))
