"""Whether there are enough different people for all stages, compared with trying every choice of people."""

import itertools
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from access.rules.deciding import check_stages
from access.rules.facts import Refused
from access.rules.matching import missing

Stages = dict[int, tuple[int, frozenset[int]]]

PEOPLE = range(1, 7)
STAGES = st.lists(st.tuples(st.integers(0, 3), st.frozensets(st.sampled_from(PEOPLE))), max_size=4).map(
    lambda some: dict(enumerate(some, 1))
)


def most_filled(stages: Stages) -> int:
    """Return how many approvals different people can give, by trying everything: each person votes at one stage."""
    return max(
        sum(min(needed, votes.count(number)) for number, (needed, _) in stages.items()) for votes in choices(stages)
    )


def choices(stages: Stages) -> Iterator[tuple[int, ...]]:
    """Yield every way in which people can vote: for each person a stage of theirs, or 0 for none."""
    theirs = ([0, *(number for number, (_, people) in stages.items() if one in people)] for one in PEOPLE)
    return itertools.product(*theirs)


def needed_by(stages: Stages) -> int:
    return sum(needed for needed, _ in stages.values())


@given(STAGES)
def test_the_matching_equals_an_exhaustive_search(stages: Stages) -> None:
    count, short = missing(stages)
    assert count == needed_by(stages) - most_filled(stages)
    assert bool(short) == bool(count)


@given(STAGES)
def test_stages_that_name_somebody_and_cannot_be_passed_are_refused(stages: Stages) -> None:
    refused = refusal(stages)
    named = any(people for _, people in stages.values())
    assert (refused is not None) == (named and most_filled(stages) < needed_by(stages))
    if refused is None:
        return
    facts = refused.text.facts
    numbers = map(int, facts["stages"].words if "stages" in facts else [facts["stage"]])
    told = {number: stages[number] for number in numbers}
    assert (facts["needed"], facts["named"]) == (needed_by(told), len(named_in(told)))
    assert facts["needed"] > facts["named"]


def refusal(stages: Stages) -> Refused | None:
    try:
        check_stages(stages)
    except Refused as refused:
        return refused
    return None


def named_in(stages: Stages) -> frozenset[int]:
    return frozenset[int]().union(*(people for _, people in stages.values()))


def test_many_stages_with_many_people_are_fast() -> None:
    everybody = frozenset(range(400))
    assert missing(dict.fromkeys(range(1, 21), (20, everybody))) == (0, frozenset())
    assert missing({number: (20, everybody - {0}) for number in range(1, 21)}) == (1, frozenset(range(1, 21)))
