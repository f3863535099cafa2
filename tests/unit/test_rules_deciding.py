"""Whose yes counts: stages in their order, distinct people, and delegates who are nobody's second vote."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access.rules.checks import can_approve, can_decide, can_see, check_can_approve, check_can_decide
from access.rules.deciding import (
    check_stages,
    is_decided_by,
    present_stage,
    shortfall,
    stages_of,
    still_needed,
    who_can_decide,
)
from access.rules.delegations import check_can_delegate
from access.rules.facts import (
    CastVote,
    DelegationFacts,
    IdentityFacts,
    PersonFacts,
    Refused,
    RequestFacts,
    StageFacts,
    Vote,
)
from access.rules.reminding import pause_after
from tests.refusals import refusing
from tests.unit.facts import ADA, ALICE, BOB, DAY, HOUR, MALLORY, NOON, PROVEN, REQUEST, RULES, SECOND, between

CAROL = PersonFacts(user_id=7, is_active=True)
DAN = PersonFacts(user_id=8, is_active=True)
TEAM = StageFacts(2, frozenset({ALICE.user_id, BOB.user_id, CAROL.user_id}))
SECURITY = StageFacts(1, frozenset({DAN.user_id, CAROL.user_id}))
EVERYBODY = TEAM.approver_ids | SECURITY.approver_ids
STAGED = replace(REQUEST, role=replace(RULES, quorum=2, approver_ids=EVERYBODY, stages=(TEAM, SECURITY)))
DELEGATION = DelegationFacts(ALICE.user_id, MALLORY.user_id, NOON, NOON + DAY)


def with_delegations(request: RequestFacts, *delegations: DelegationFacts) -> RequestFacts:
    return replace(request, role=replace(request.role, delegations=delegations))


def voted(request: RequestFacts, *votes: CastVote) -> RequestFacts:
    return replace(request, votes=votes)


def refusal(person: PersonFacts, request: RequestFacts, *, at: timedelta = timedelta(0)) -> str:
    with pytest.raises(Refused) as refused:
        check_can_decide(person, request, now=NOON + at)
    assert not can_decide(person, request, now=NOON + at)
    return refused.value.code


class TestWhichStages:
    """Stages that nobody could pass are refused where they are made."""

    A, B, C, D = ALICE.user_id, BOB.user_id, CAROL.user_id, DAN.user_id

    @pytest.mark.parametrize(
        ("stages", "sentence"),
        [
            ([(2, {A, B}), (1, {A, B}), (1, {C, D})], "stages_too_few_approvers"),
            ([(1, {A, B}), (1, {C}), (1, {A, B}), (1, {A, B, C})], "stages_too_few_approvers"),
            ([(1, {C, D}), (3, {A, B})], "stage_too_few_approvers"),
            ([(1, set()), (2, {A, B})], "stage_too_few_approvers"),
            ([(1, set()), (1, {A, B})], "stage_too_few_approvers"),
            ([(1, {A, B}), (1, set())], "stage_too_few_approvers"),
        ],
    )
    def test_a_request_that_nobody_could_approve_names_the_stages(
        self, stages: list[tuple[int, set[int]]], sentence: str
    ) -> None:
        with refusing(sentence):
            check_stages(numbered(stages))

    @pytest.mark.parametrize(
        "stages",
        [
            [(1, {A, B}), (1, {A, B}), (2, {C, D})],
            [(1, {A, B, C, D}), (1, {A}), (1, {B, C})],
            [(1, set())],
            [],
        ],
    )
    def test_a_request_that_can_be_approved_is_accepted(self, stages: list[tuple[int, set[int]]]) -> None:
        check_stages(numbered(stages))


def numbered(stages: list[tuple[int, set[int]]]) -> dict[int, tuple[int, frozenset[int]]]:
    return {number: (needed, frozenset(people)) for number, (needed, people) in enumerate(stages, 1)}


class TestStages:
    def test_a_role_without_further_stages_has_one_with_all_approvers(self) -> None:
        assert stages_of(RULES) == (StageFacts(1, RULES.approver_ids),)
        assert present_stage(REQUEST) == 1

    def test_only_approvers_of_the_current_stage_can_decide(self) -> None:
        assert check_can_decide(ALICE, STAGED, now=NOON) == Vote(1, None)
        assert refusal(DAN, STAGED) == "not_at_your_stage"
        second = voted(STAGED, CastVote(ALICE.user_id), CastVote(BOB.user_id))
        assert present_stage(second) == 2
        assert check_can_decide(DAN, second, now=NOON) == Vote(2, None)
        third = replace(ADA, user_id=9)
        team = replace(second, role=replace(second.role, approver_ids=EVERYBODY | {9}))
        assert refusal(third, team) == "not_at_your_stage"

    def test_nobody_decides_in_two_stages(self) -> None:
        second = voted(STAGED, CastVote(ALICE.user_id), CastVote(CAROL.user_id))
        assert refusal(CAROL, second) == "already_decided_by_you"

    def test_only_the_last_approval_of_the_last_stage_decides_it(self) -> None:
        first = check_can_decide(ALICE, STAGED, now=NOON)
        assert not is_decided_by(STAGED, first)
        one = voted(STAGED, CastVote(ALICE.user_id))
        assert (still_needed(STAGED), still_needed(one)) == (2, 1)
        assert not is_decided_by(one, check_can_decide(BOB, one, now=NOON))
        two = voted(STAGED, CastVote(ALICE.user_id), CastVote(BOB.user_id))
        assert is_decided_by(two, check_can_decide(DAN, two, now=NOON))

    def test_an_approval_of_another_stage_does_not_count_here(self) -> None:
        elsewhere = voted(STAGED, CastVote(ALICE.user_id, stage=2), CastVote(DAN.user_id, stage=1))
        assert present_stage(elsewhere) == 1
        assert still_needed(elsewhere) == 2

    def test_a_later_stage_with_its_approval_waits_for_the_one_before(self) -> None:
        reduced = voted(STAGED, CastVote(DAN.user_id, stage=2), CastVote(ALICE.user_id))
        vote = check_can_decide(BOB, reduced, now=NOON)
        assert is_decided_by(reduced, vote)

    def test_the_approval_of_somebody_who_left_no_longer_counts(self) -> None:
        left = voted(STAGED, CastVote(ADA.user_id), CastVote(BOB.user_id))
        assert still_needed(left) == 1


class TestWhoIsNeededLater:
    """Nobody decides twice, so an approver whom a later stage needs does not approve before it."""

    KEPT = replace(
        STAGED, role=replace(STAGED.role, stages=(replace(TEAM, needed=1), StageFacts(1, frozenset({CAROL.user_id}))))
    )

    def refused_approval(self, person: PersonFacts, request: RequestFacts) -> str:
        with pytest.raises(Refused) as refused:
            check_can_approve(person, request, now=NOON)
        assert not can_approve(person, request, now=NOON)
        return refused.value.code

    def test_an_approval_that_others_can_give_is_refused_and_a_denial_is_not(self) -> None:
        said = self.refused_approval(CAROL, self.KEPT)
        assert said == "needed_at_another_stage"
        assert can_decide(CAROL, self.KEPT, now=NOON)
        assert who_can_decide(self.KEPT, now=NOON) == {ALICE.user_id, BOB.user_id}
        first = check_can_approve(BOB, self.KEPT, now=NOON)
        second = voted(self.KEPT, CastVote(BOB.user_id, first.stage))
        assert is_decided_by(second, check_can_approve(CAROL, second, now=NOON))

    def test_with_another_approver_in_the_later_stage_they_can_approve(self) -> None:
        assert can_approve(CAROL, STAGED, now=NOON)
        by_dan = replace(STAGED, identity=replace(PROVEN, is_proven=False, voucher_id=DAN.user_id))
        by_dan = replace(by_dan, role=replace(by_dan.role, allows_vouched=True))
        assert self.refused_approval(CAROL, by_dan) == "needed_at_another_stage"

    def test_all_stages_are_considered_together(self) -> None:
        """Two later stages share two people, so neither of them has one to spare."""
        both = StageFacts(1, frozenset({BOB.user_id, CAROL.user_id}))
        shared = replace(STAGED, role=replace(STAGED.role, stages=(replace(TEAM, needed=1), both, both)))
        assert self.refused_approval(BOB, shared) == "needed_at_another_stage"
        assert can_approve(ALICE, shared, now=NOON)

    def test_an_empty_stage_blocks_nobody_before_it(self) -> None:
        empty = replace(self.KEPT, role=replace(self.KEPT.role, stages=(TEAM, StageFacts(1, frozenset()))))
        assert can_approve(CAROL, empty, now=NOON)
        assert shortfall(empty) == 1
        assert shortfall(STAGED) == shortfall(voted(STAGED, CastVote(CAROL.user_id))) == 0

    def test_a_delegate_decides_no_earlier_than_their_approver(self) -> None:
        instead = DelegationFacts(CAROL.user_id, MALLORY.user_id, NOON, NOON + DAY)
        said = self.refused_approval(MALLORY, with_delegations(self.KEPT, instead))
        assert said == "needed_at_another_stage_as_delegate"
        for_alice = replace(instead, approver_id=ALICE.user_id, delegate_id=CAROL.user_id)
        assert self.refused_approval(CAROL, with_delegations(self.KEPT, for_alice)) == "needed_at_another_stage"

    def test_a_delegate_of_two_decides_for_the_approver_who_is_not_needed_later(self) -> None:
        early, late = (DelegationFacts(one.user_id, MALLORY.user_id, NOON, NOON + DAY) for one in (ALICE, BOB))
        stages = (StageFacts(1, frozenset({ALICE.user_id, BOB.user_id})), StageFacts(1, frozenset({ALICE.user_id})))
        both = with_delegations(replace(STAGED, role=replace(STAGED.role, stages=stages)), early, late)
        assert check_can_approve(MALLORY, both, now=NOON) == Vote(1, BOB.user_id)


class TestDelegates:
    def test_a_delegate_decides_for_the_absent_approver(self) -> None:
        assert refusal(MALLORY, REQUEST) == "not_an_approver"
        away = with_delegations(REQUEST, DELEGATION)
        assert check_can_decide(MALLORY, away, now=NOON) == Vote(1, ALICE.user_id)
        assert can_see(MALLORY, away, now=NOON)

    @pytest.mark.parametrize("at", [-SECOND, DAY])
    def test_before_and_after_the_absence_a_delegate_cannot_decide(self, at: timedelta) -> None:
        away = with_delegations(between(REQUEST, NOON, NOON + 2 * DAY), DELEGATION)
        assert refusal(MALLORY, away, at=at) == "not_an_approver"
        assert not can_see(MALLORY, away, now=NOON + at)

    def test_an_approver_and_their_delegate_have_one_vote_in_either_order(self) -> None:
        away = with_delegations(replace(REQUEST, role=replace(RULES, quorum=2)), DELEGATION)
        delegate_first = voted(away, CastVote(MALLORY.user_id, delegate_of=ALICE.user_id))
        assert refusal(ALICE, delegate_first) == "delegate_decided"
        assert still_needed(delegate_first) == 1
        alice_first = voted(away, CastVote(ALICE.user_id))
        assert refusal(MALLORY, alice_first) == "delegator_decided"

    def test_a_delegate_of_two_has_one_vote(self) -> None:
        both = with_delegations(
            replace(REQUEST, role=replace(RULES, quorum=2)), DELEGATION, replace(DELEGATION, approver_id=BOB.user_id)
        )
        vote = check_can_decide(MALLORY, both, now=NOON)
        assert vote == Vote(1, ALICE.user_id)
        once = voted(both, CastVote(MALLORY.user_id, delegate_of=vote.delegate_of))
        assert refusal(MALLORY, once) == "already_decided_by_you"
        assert is_decided_by(once, check_can_decide(BOB, once, now=NOON))

    def test_a_delegate_of_two_decides_for_the_approver_who_has_not_voted(self) -> None:
        two_needed = replace(REQUEST, role=replace(RULES, quorum=2))
        both = with_delegations(two_needed, DELEGATION, replace(DELEGATION, approver_id=BOB.user_id))
        alice_first = voted(both, CastVote(ALICE.user_id))
        assert check_can_decide(MALLORY, alice_first, now=NOON) == Vote(1, BOB.user_id)

    def test_an_approver_who_is_also_a_delegate_has_a_vote_of_their_own(self) -> None:
        both = with_delegations(REQUEST, replace(DELEGATION, delegate_id=BOB.user_id))
        assert check_can_decide(BOB, both, now=NOON) == Vote(1, None)

    def test_a_delegate_of_a_delegate_cannot_decide(self) -> None:
        chain = with_delegations(REQUEST, DELEGATION, DelegationFacts(MALLORY.user_id, DAN.user_id, NOON, NOON + DAY))
        assert refusal(DAN, chain) == "not_an_approver_at_stage"

    def test_no_delegate_decides_a_request_that_they_or_their_approver_vouched_for(self) -> None:
        word = IdentityFacts(11, "user", "aws", is_proven=False, voucher_id=ALICE.user_id)
        by_alice = with_delegations(replace(REQUEST, identity=word), DELEGATION)
        assert refusal(MALLORY, by_alice) == "not_an_approver_at_stage"
        by_mallory = with_delegations(replace(REQUEST, identity=replace(word, voucher_id=MALLORY.user_id)), DELEGATION)
        assert refusal(MALLORY, by_mallory) == "own_vouch"

    def test_the_approval_of_a_disabled_delegate_no_longer_counts(self) -> None:
        away = with_delegations(replace(REQUEST, role=replace(RULES, quorum=2)), DELEGATION)
        gone = voted(away, CastVote(MALLORY.user_id, delegate_of=ALICE.user_id, is_active=False))
        assert still_needed(gone) == 2

    def test_an_approval_by_a_delegate_still_counts_when_the_approver_is_back(self) -> None:
        said = voted(REQUEST, CastVote(MALLORY.user_id, delegate_of=ALICE.user_id))
        assert still_needed(said) == 0

    def test_the_people_who_can_decide_are_the_stage_without_voters_and_their_delegates(self) -> None:
        two = replace(REQUEST, role=replace(RULES, quorum=2), identity=replace(PROVEN, voucher_id=None))
        assert who_can_decide(two, now=NOON) == {ALICE.user_id, BOB.user_id}
        away = with_delegations(two, DELEGATION)
        assert who_can_decide(away, now=NOON) == {ALICE.user_id, BOB.user_id, MALLORY.user_id}
        assert who_can_decide(voted(away, CastVote(ALICE.user_id)), now=NOON) == {BOB.user_id}
        assert who_can_decide(STAGED, now=NOON) == TEAM.approver_ids

    @pytest.mark.parametrize(
        ("delegate", "starts", "ends", "sentence"),
        [
            (ALICE, 0, 1, "delegate_is_yourself"),
            (replace(BOB, is_active=False), 0, 1, "delegate_not_active"),
            (replace(BOB, contractor_id=11), 0, 1, "delegate_not_active"),
            (BOB, 2, 1, "delegation_window_invalid"),
            (BOB, -3, -1, "delegation_window_invalid"),
            (BOB, 0, 91, "delegation_too_long"),
            (BOB, 91, 92, "delegation_too_long"),
        ],
    )
    def test_these_people_cannot_be_named_as_delegate(
        self, delegate: PersonFacts, starts: int, ends: int, sentence: str
    ) -> None:
        with refusing(sentence):
            check_can_delegate(ALICE, delegate, from_at=NOON + starts * DAY, until_at=NOON + ends * DAY, now=NOON)

    def test_these_people_can_be_named_as_delegate(self) -> None:
        check_can_delegate(ALICE, BOB, from_at=NOON - HOUR, until_at=NOON + 90 * DAY, now=NOON)


class TestTheTimeToDecide:
    def test_nobody_decides_an_expired_request_even_if_housekeeping_did_not_run(self) -> None:
        soon = replace(REQUEST, expires_at=NOON + HOUR / 2)
        check_can_decide(ALICE, soon, now=NOON + HOUR / 2 - SECOND)
        assert refusal(ALICE, soon, at=HOUR / 2) == "request_expired"
        assert refusal(ALICE, REQUEST, at=HOUR) == "request_expired"

    @pytest.mark.parametrize(
        ("told", "pause"), [(1, HOUR), (2, 4 * HOUR), (3, DAY), (4, 2 * DAY), (5, 4 * DAY), (6, 7 * DAY), (60, 7 * DAY)]
    )
    def test_reminders_follow_growing_pauses(self, told: int, pause: timedelta) -> None:
        assert pause_after(told, first_pause=HOUR) == pause

    def test_no_pause_is_longer_than_a_week(self) -> None:
        assert pause_after(2, first_pause=3 * DAY) == 7 * DAY
