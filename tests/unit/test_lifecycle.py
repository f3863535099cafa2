"""The states of a grant follow from its facts and the time; the table of moves says neither less nor more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from access.lifecycle import (
    GRANT_MOVES,
    PASSING_PROBLEMS,
    REQUEST_MOVES,
    GrantFacts,
    GrantState,
    Problem,
    RequestState,
    grant_state,
    is_over,
    mermaid,
    next_change,
)
from tests.unit.facts import DAY, HOUR, NOON, SECOND, grant

BEFORE, START, END = NOON - HOUR, NOON, NOON + HOUR
TABLE = {
    "approved, before its start": (grant(), BEFORE, "scheduled"),
    "in AWS before its start": (grant(applied_at=BEFORE), BEFORE, "scheduled"),
    "one second before its start": (grant(), START - SECOND, "scheduled"),
    "at its start, not yet in AWS": (grant(), START, "activating"),
    "at its start, in AWS": (grant(applied_at=BEFORE), START, "active"),
    "one second before its end": (grant(applied_at=START), END - SECOND, "active"),
    "at its end": (grant(applied_at=START), END, "ending"),
    "one second after its end": (grant(applied_at=START), END + SECOND, "ending"),
    "past its end and never in AWS": (grant(), END, "ending"),
    "past its end and out of AWS": (grant(applied_at=START, removed_at=END), END, "ended"),
    "years after its end": (grant(applied_at=START, removed_at=END), END + 3650 * DAY, "ended"),
    "revoked before its start": (grant(revoked_at=BEFORE), BEFORE, "ending"),
    "revoked inside its window": (grant(applied_at=START, revoked_at=START), START, "ending"),
    "revoked and out of AWS": (grant(revoked_at=START, removed_at=START), START, "ended"),
    "without its principal": (grant(problem=Problem.PRINCIPAL_MISSING), START, "blocked"),
    "without its principal, before its start": (grant(problem=Problem.PRINCIPAL_MISSING), BEFORE, "blocked"),
    "while AWS is down": (grant(problem=Problem.AWS_UNAVAILABLE), START, "activating"),
    "while AWS is down, in AWS": (grant(problem=Problem.AWS_UNAVAILABLE, applied_at=START), START, "active"),
    "blocked, past its end": (grant(problem=Problem.PRINCIPAL_DELETED), END, "ending"),
    "blocked and revoked": (grant(problem=Problem.ADMITTED_BY_UNMANAGED, revoked_at=START), START, "ending"),
}


@pytest.mark.parametrize(("facts", "now", "state"), TABLE.values(), ids=TABLE.keys())
def test_the_state_of_a_grant_follows_from_its_facts(facts: GrantFacts, now: datetime, state: str) -> None:
    assert grant_state(facts, now=now) == state


@pytest.mark.parametrize("problem", Problem)
def test_a_problem_blocks_unless_it_resolves_itself(problem: Problem) -> None:
    blocked = grant_state(grant(problem=problem), now=START) is GrantState.BLOCKED
    assert blocked == (problem not in PASSING_PROBLEMS)


@pytest.mark.parametrize(("now", "over"), [(END - SECOND, False), (END, True), (END + SECOND, True)])
def test_the_end_is_outside_the_window(now: datetime, over: bool) -> None:
    assert is_over(grant(), now=now) is over


def test_time_changes_a_grant_at_its_end_and_never_again() -> None:
    assert next_change(grant(), now=START) == END
    assert next_change(grant(), now=END) is None
    assert next_change(grant(revoked_at=START), now=START) is None


@dataclass(frozen=True)
class Moment:
    """A grant as the database has it at one time."""

    facts: GrantFacts
    now: datetime

    @property
    def state(self) -> GrantState:
        return grant_state(self.facts, now=self.now)


def happenings(moment: Moment) -> Iterator[Moment]:
    """Yield everything that can happen next: a second edge passes, the worker reports, somebody revokes."""
    facts, now = moment.facts, moment.now
    yield Moment(facts, START if now < START else END)
    if is_over(facts, now=now):
        yield Moment(replace(facts, removed_at=facts.removed_at or now, problem=""), now)
    else:
        yield Moment(replace(facts, applied_at=facts.applied_at or now, problem=""), now)
        yield Moment(replace(facts, revoked_at=now), now)
        yield Moment(replace(facts, problem=""), now)
    for problem in (Problem.AWS_UNAVAILABLE, Problem.PRINCIPAL_MISSING):
        yield Moment(replace(facts, problem=problem), now)
        yield Moment(replace(facts, problem=problem, applied_at=None), now)


def reachable() -> set[Moment]:
    """Return every moment that a grant can come to, from its approval before or inside its window."""
    found: set[Moment] = set()
    waiting = [Moment(grant(), BEFORE), Moment(grant(), START)]
    while waiting:
        moment = waiting.pop()
        if moment not in found:
            found.add(moment)
            waiting += happenings(moment)
    return found


def moves() -> set[tuple[GrantState, GrantState]]:
    pairs = {(moment.state, after.state) for moment in reachable() for after in happenings(moment)}
    return {(source, target) for source, target in pairs if source is not target}


def test_every_transition_of_the_table_is_possible_and_no_other_is() -> None:
    assert moves() == {(source, target) for source, _, target in GRANT_MOVES}


def test_an_ended_grant_stays_ended_whatever_happens() -> None:
    ended = [moment for moment in reachable() if moment.state is GrantState.ENDED]
    assert ended
    assert {after.state for moment in ended for after in happenings(moment)} == {GrantState.ENDED}


def test_a_revoked_grant_is_never_active_again() -> None:
    revoked = [moment for moment in reachable() if moment.facts.revoked_at is not None]
    assert {moment.state for moment in revoked} == {GrantState.ENDING, GrantState.ENDED}


def test_a_request_changes_once_and_only_from_pending() -> None:
    assert {source for source, _ in REQUEST_MOVES.values()} == {RequestState.PENDING}
    targets = [target for _, target in REQUEST_MOVES.values()]
    assert sorted(targets) == sorted(set(RequestState) - {RequestState.PENDING})


def test_the_diagram_shows_every_transition() -> None:
    drawn = mermaid()
    for source, fact, target in GRANT_MOVES:
        assert f"    {source} --> {target}: {fact}\n" in drawn
    for name, (request_source, request_target) in REQUEST_MOVES.items():
        assert f"    {request_source} --> {request_target}: {name}\n" in drawn
