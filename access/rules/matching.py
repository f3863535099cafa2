"""Decide whether there are enough different people for all stages: a bipartite matching of people and approvals."""

from collections.abc import Collection, Mapping

Stages = Mapping[int, tuple[int, Collection[int]]]


def missing(stages: Stages) -> tuple[int, frozenset[int]]:
    """Return how many approvals nobody is left for, and the numbers of stages that have too few people together.

    `stages` maps the number of a stage to how many approvals it needs and the ids of who can give one. Nobody approves
    twice, so each person counts for one stage.
    """
    assigned: dict[int, int] = {}
    count, short = 0, frozenset[int]()
    for number, (needed, _) in sorted(stages.items()):
        for _approval in range(needed):
            tried: set[int] = set()
            if not _assign(number, stages, assigned, tried):
                count, short = count + 1, short or frozenset(tried)
    return count, short


def _assign(number: int, stages: Stages, assigned: dict[int, int], tried: set[int]) -> bool:
    """Assign one more person to a stage, and return whether that was possible.

    When all its people are assigned, one of them is moved here from a stage that can have somebody else instead.
    `assigned` maps people to their stage; `tried` gets the stages that were asked for somebody.
    """
    tried.add(number)
    _, people = stages[number]
    free = set(people) - assigned.keys()
    if free:
        assigned[min(free)] = number
        return True
    for person in sorted(people):
        other = assigned[person]
        if other not in tried and _assign(other, stages, assigned, tried):
            assigned[person] = number
            return True
    return False
