"""Whose vote counts in a decision: stages in their order, quorums of distinct people, and delegates.

A delegate decides in their own name with the vote of the approver who is away: the two share one vote. A delegation
cannot be delegated again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from access.rules.facts import CastVote, PersonFacts, Refused, RequestFacts, RoleSettings, StageFacts, Vote, passes
from access.rules.matching import missing
from access.texts.text import Listed


def delegated_by(user_id: int, role: RoleSettings, *, now: datetime) -> frozenset[int]:
    """Return the approvers of the role in whose place this person can decide now."""
    return frozenset(
        one.approver_id for one in role.delegations if one.delegate_id == user_id and one.from_at <= now < one.until_at
    )


def decides_about(user_id: int, role: RoleSettings, *, now: datetime) -> bool:
    """Return whether this person is an approver in any stage of the role, or the delegate of one."""
    return user_id in role.approver_ids or bool(delegated_by(user_id, role, now=now))


def stages_of(role: RoleSettings) -> tuple[StageFacts, ...]:
    """Return the stages in their order; a role that names none has one, of all its approvers."""
    return role.stages or (StageFacts(role.quorum, role.approver_ids),)


def check_stages(stages: Mapping[int, tuple[int, frozenset[int]]]) -> None:
    """Raise Refused when the stages, by number how many are needed and who there is, could not all be passed: nobody
    decides twice about one request. A role for which nobody is named yet is not ready, and not wrong.
    """
    if not any(people for _, people in stages.values()):
        return
    count, short = missing(stages)
    if not count:
        return
    numbers = _fewest(stages, short)
    needed = sum(stages[number][0] for number in numbers)
    named = len(frozenset[int]().union(*(stages[number][1] for number in numbers)))
    if len(numbers) == 1:
        raise Refused("stage_too_few_approvers", stage=numbers[0], needed=needed, named=named)
    raise Refused("stages_too_few_approvers", stages=Listed(tuple(map(str, numbers))), needed=needed, named=named)


def _fewest(stages: Mapping[int, tuple[int, frozenset[int]]], short: frozenset[int]) -> list[int]:
    """Return, of stages that have too few people together, as few as still have too few."""
    for number in sorted(short):
        if missing({one: stages[one] for one in short - {number}})[0]:
            short -= {number}
    return sorted(short)


def longest_factor_age(wanted: timedelta | None, *, usual: timedelta) -> timedelta:
    """Return how old an approver's second factor can be: a role can only require a fresher one than usual."""
    return usual if wanted is None else min(wanted, usual)


def votes_in(request: RequestFacts, number: int) -> tuple[CastVote, ...]:
    """Return the approvals that count in a stage: those whose vote still belongs to it."""
    people = stages_of(request.role)[number - 1].approver_ids
    return tuple(v for v in request.votes if v.stage == number and v.voter_id in people and v.is_active)


def present_stage(request: RequestFacts) -> int:
    """Return the number of the first stage, counted from 1, that needs an approval; the last when none does."""
    stages = stages_of(request.role)
    wanting = (n for n, stage in enumerate(stages, 1) if len(votes_in(request, n)) < stage.needed)
    return next(wanting, len(stages))


def still_needed(request: RequestFacts) -> int:
    """Return how many more approvals the present stage needs."""
    number = present_stage(request)
    return max(0, stages_of(request.role)[number - 1].needed - len(votes_in(request, number)))


def is_decided_by(request: RequestFacts, vote: Vote) -> bool:
    """Return whether one more approval with this vote is the last that the role needs."""
    stages = enumerate(stages_of(request.role), 1)
    return all(len(votes_in(request, n)) + (n == vote.stage) >= stage.needed for n, stage in stages)


def find_vote(person: PersonFacts, request: RequestFacts, *, now: datetime) -> Vote:
    """Return the vote with which this person decides now; raises Refused when they have none in the present stage."""
    if person.user_id in {vote.approver_id for vote in request.votes}:
        raise Refused("already_decided_by_you")
    number, voted = present_stage(request), {vote.voter_id for vote in request.votes}
    people = stages_of(request.role)[number - 1].approver_ids
    if person.user_id in people:
        if person.user_id in voted:
            raise Refused("delegate_decided")
        return Vote(number, None)
    return Vote(number, _vote_of_another(person, request, people, voted, now=now))


def check_quorum_still_possible(person: PersonFacts, request: RequestFacts, vote: Vote) -> None:
    """Raise Refused when this approval would use a person whom another stage needs: nobody decides twice."""
    said = CastVote(person.user_id, vote.stage, vote.delegate_of)
    if shortfall(_with_vote(request, said)) > shortfall(request):
        if vote.delegate_of is None:
            raise Refused("needed_at_another_stage")
        raise Refused("needed_at_another_stage_as_delegate")


def shortfall(request: RequestFacts) -> int:
    """Return how many people are missing for the approvals that are still needed; 0 when all stages can be passed."""
    voted = {key for vote in request.votes for key in (vote.approver_id, vote.voter_id)}
    gone = voted | {request.requester_id, _voucher(request)}
    stages = enumerate(stages_of(request.role), 1)
    count, _ = missing(
        {n: (stage.needed - len(votes_in(request, n)), stage.approver_ids - gone) for n, stage in stages}
    )
    return count


def who_can_decide(request: RequestFacts, *, now: datetime) -> frozenset[int]:
    """Return the ids of the people whose approval would count now: the approvers of the present stage who have not
    voted and are not needed at another stage, and their delegates.
    """
    people = stages_of(request.role)[present_stage(request) - 1].approver_ids
    delegations = {one.delegate_id for one in request.role.delegations if one.from_at <= now < one.until_at}
    return frozenset(one for one in people | delegations if _has_vote(one, request, now=now))


def _has_vote(user_id: int, request: RequestFacts, *, now: datetime) -> bool:
    if user_id == request.requester_id or user_id == _voucher(request):
        return False
    person = PersonFacts(user_id, is_active=True)
    return passes(lambda: check_quorum_still_possible(person, request, find_vote(person, request, now=now)))


def _vote_of_another(
    person: PersonFacts, request: RequestFacts, people: frozenset[int], voted: set[int], *, now: datetime
) -> int:
    """Return the approver for whom this person decides: the first who has not voted, preferably one whom no other
    stage needs.
    """
    mine = delegated_by(person.user_id, request.role, now=now) & people - {_voucher(request), request.requester_id}
    if not mine and person.user_id in request.role.approver_ids:
        raise Refused("not_at_your_stage")
    if not mine:
        raise Refused("not_an_approver_at_stage")
    if not mine - voted:
        raise Refused("delegator_decided")
    number = present_stage(request)
    return min(
        mine - voted, key=lambda one: (shortfall(_with_vote(request, CastVote(person.user_id, number, one))), one)
    )


def _with_vote(request: RequestFacts, vote: CastVote) -> RequestFacts:
    """Return the request as it would be with one more approval."""
    return replace(request, votes=(*request.votes, vote))


def _voucher(request: RequestFacts) -> int | None:
    return request.identity.voucher_id if request.identity is not None else None
