"""Stops: who can stop access in a scope, who can lift a stop, and what is refused while one is open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from access.rules.deciding import decides_about
from access.rules.facts import PersonFacts, Refused, RoleSettings, passes
from access.rules.people import can_administer, check_can_administer, check_can_decide_again, check_can_manage
from access.texts.text import Text


class Scope(StrEnum):
    """What a stop is about."""

    ROLE = "role"
    ACCOUNT = "account"
    COMPANY = "company"
    PERSON = "person"
    SPONSOR = "sponsor"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class StopFacts:
    """One open stop: its scope, and the database id of the role, account, company or person; None for everything."""

    scope: Scope
    object_id: int | None


@dataclass(frozen=True, slots=True)
class Concerned:
    """The database ids of what a request, grant or policy is about; None for what it has not."""

    role_id: int | None = None
    account_id: int | None = None
    company_id: int | None = None
    person_id: int | None = None
    sponsor_id: int | None = None

    def is_in(self, stop: StopFacts) -> bool:
        """Return whether the stop covers this."""
        if stop.scope is Scope.EVERYTHING:
            return True
        return stop.object_id is not None and stop.object_id == getattr(self, f"{stop.scope}_id")


@dataclass(frozen=True, slots=True)
class LiftFacts:
    """How far the lifting of a stop is: who proposed it, as they are now, and whether it is done."""

    proposer: PersonFacts | None
    is_lifted: bool


def check_not_stopped(stops: Collection[StopFacts], concerned: Concerned) -> None:
    """Raise Refused if a stop covers what somebody requests, approves, uses or confirms."""
    for stop in stops:
        if concerned.is_in(stop):
            raise Refused("access_stopped", scope=Text(f"stopped_{stop.scope}"))


def check_can_stop_role(person: PersonFacts, role: RoleSettings, *, now: datetime) -> None:
    """Raise Refused unless this person is an administrator, or decides about the role now."""
    decides = person.is_active and person.contractor_id is None and decides_about(person.user_id, role, now=now)
    if not (decides or can_administer(person)):
        raise Refused("not_an_approver")


def check_can_stop_contractor(person: PersonFacts, sponsor_id: int) -> None:
    """Raise Refused unless this person is the contractor's sponsor, or an administrator."""
    check_can_manage(person, sponsor_id)


def check_can_stop_sponsored(person: PersonFacts, sponsor_id: int) -> None:
    """Raise Refused unless this person is the sponsor whose contractors are stopped, or an administrator."""
    check_can_manage(person, sponsor_id)


def check_can_stop_anything(person: PersonFacts) -> None:
    """Raise Refused unless this person can stop accounts, companies, internal users and everything."""
    check_can_administer(person)


def check_can_lift(person: PersonFacts, lift: LiftFacts, *, now: datetime) -> bool:
    """Return whether this person's confirmation lifts the stop; otherwise it is the proposal that somebody else
    confirms. Raises Refused when they can do neither.
    """
    check_can_administer(person)
    if lift.is_lifted:
        raise Refused("stop_lifted")
    check_can_decide_again(person, now=now)
    # A proposal counts only while who made it is an administrator.
    if lift.proposer is None or not can_administer(lift.proposer):
        return False
    if lift.proposer.user_id == person.user_id:
        raise Refused("own_lift")
    return True


def can_lift(person: PersonFacts, lift: LiftFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_lift(person, lift, now=now))
