"""Who can do what, and the sentence that everybody else reads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from access.lifecycle import RequestState
from access.rules.checks import (
    can_approve,
    can_ask,
    can_decide,
    can_revoke,
    can_see,
    can_withdraw,
    check_can_approve,
    check_can_decide,
    check_can_revoke,
    check_can_see,
    check_can_submit,
    check_can_withdraw,
)
from access.rules.facts import CastVote, IdentityFacts, PersonFacts, Refused, RequestFacts, RoleSettings, Terms
from access.rules.people import can_administer, check_can_administer
from access.rules.windows import Window
from access.texts.language import ENGLISH
from tests.unit.facts import (
    ADA,
    ALICE,
    BOB,
    DAY,
    HOUR,
    MALLORY,
    NOON,
    PROVEN,
    REQUEST,
    RICHARD,
    RITA,
    RULES,
    SECOND,
    grant,
)

PORTAL_ISSUED = replace(RULES, allows_own_identity=False, allows_portal_issued=True)
SELF_APPROVING_RULES = replace(RULES, approver_ids=frozenset({ALICE.user_id, RICHARD.user_id, ADA.user_id}))


def refusal(check: Callable[[], object]) -> str:
    """Return the sentence of a refusal; a check that lets pass fails the test."""
    with pytest.raises(Refused) as refused:
        check()
    return refused.value.code


def submit(
    person: PersonFacts = RICHARD,
    role: RoleSettings = RULES,
    *,
    starts_at: datetime = NOON,
    ends_at: datetime = NOON + HOUR,
    reason: str = "upload the file",
    identity: IdentityFacts | None = PROVEN,
    pending: int = 0,
) -> None:
    check_can_submit(
        person,
        role,
        Terms(Window(starts_at, ends_at)),
        reason=reason,
        ticket="",
        identity=identity,
        pending=pending,
        now=NOON,
    )


class TestAsking:
    def test_richard_can_request_a_role(self) -> None:
        submit()
        assert can_ask(RICHARD, RULES)

    @pytest.mark.parametrize(
        ("person", "sentence"),
        [
            (ALICE, "contractor_only"),
            (ADA, "contractor_only"),
            (replace(RICHARD, is_active=False), "contractor_only"),
            (replace(RICHARD, contractor_is_active=False), "contractor_disabled"),
            (RITA, "role_not_yours"),
        ],
    )
    def test_others_cannot_request_it(self, person: PersonFacts, sentence: str) -> None:
        assert refusal(lambda: submit(person)) == sentence
        assert not can_ask(person, RULES)

    def test_a_disabled_role_cannot_be_requested(self) -> None:
        assert refusal(lambda: submit(role=replace(RULES, is_active=False))) == "role_not_yours"

    @pytest.mark.parametrize(
        ("start", "end", "sentence"),
        [
            (NOON, NOON, "end_before_start"),
            (NOON + HOUR, NOON, "end_before_start"),
            (NOON - SECOND, NOON + HOUR, "start_in_past"),
            (NOON + 90 * DAY + SECOND, NOON + 90 * DAY + HOUR, "start_too_far"),
            (NOON, NOON + 8 * HOUR + SECOND, "window_too_long"),
            (NOON, NOON + 3650 * DAY, "window_too_long"),
        ],
    )
    def test_an_impossible_window_is_refused(self, start: datetime, end: datetime, sentence: str) -> None:
        assert refusal(lambda: submit(starts_at=start, ends_at=end)) == sentence

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (NOON, NOON + SECOND),
            (NOON, NOON + 8 * HOUR),
            (NOON + 90 * DAY, NOON + 90 * DAY + HOUR),
        ],
    )
    def test_the_longest_and_the_shortest_window_can_be_requested(self, start: datetime, end: datetime) -> None:
        submit(starts_at=start, ends_at=end)

    def test_no_window_outlives_the_contract(self) -> None:
        leaving = replace(RICHARD, contract_ends_at=NOON + HOUR)
        submit(leaving, ends_at=NOON + HOUR)
        assert refusal(lambda: submit(leaving, ends_at=NOON + HOUR + SECOND)) == "end_after_contract"
        without = replace(RICHARD, contract_ends_at=None)
        assert refusal(lambda: submit(without)) == "contract_ended"

    @pytest.mark.parametrize(
        ("reason", "sentence"),
        [
            ("", "reason_missing"),
            (" \n\t ", "reason_missing"),
            ("x" * 2001, "reason_too_long"),
            ("bell \x07", "reason_control_characters"),
            ("null \x00", "reason_control_characters"),
            ("escape \x1b[2J", "reason_control_characters"),
        ],
    )
    def test_a_reason_is_required(self, reason: str, sentence: str) -> None:
        assert refusal(lambda: submit(reason=reason)) == sentence

    @pytest.mark.parametrize(
        "reason", ["x" * 2000, "two\nlines\tand a tab", "naïve 文 🙂", '","Effect":"Allow"', "{{7*7}}"]
    )
    def test_any_text_is_accepted_as_a_reason(self, reason: str) -> None:
        submit(reason=reason)

    def test_the_role_determines_whose_identity_assumes_it(self) -> None:
        assert refusal(lambda: submit(identity=None)) == "identity_required"
        assert refusal(lambda: submit(role=PORTAL_ISSUED)) == "identity_not_used"
        submit(role=PORTAL_ISSUED, identity=None)

    def test_five_requests_can_wait_and_a_sixth_cannot(self) -> None:
        submit(pending=4)
        assert refusal(lambda: submit(pending=5)) == "too_many_pending"


class TestDeciding:
    def test_alice_can_approve_and_deny(self) -> None:
        check_can_approve(ALICE, REQUEST, now=NOON)
        check_can_decide(ALICE, REQUEST, now=NOON)
        assert can_approve(ALICE, REQUEST, now=NOON)
        assert can_decide(ALICE, REQUEST, now=NOON)

    @pytest.mark.parametrize(
        ("person", "sentence"),
        [
            (MALLORY, "not_an_approver"),
            (ADA, "not_an_approver"),
            (replace(ALICE, is_active=False), "not_an_approver"),
            (RITA, "own_request"),
            (RICHARD, "own_request"),
        ],
    )
    def test_others_cannot_decide_it(self, person: PersonFacts, sentence: str) -> None:
        assert refusal(lambda: check_can_approve(person, REQUEST, now=NOON)) == sentence
        assert refusal(lambda: check_can_decide(person, REQUEST, now=NOON)) == sentence
        assert not can_approve(person, REQUEST, now=NOON)
        assert not can_decide(person, REQUEST, now=NOON)

    def test_richard_cannot_decide_richards_request_even_as_an_approver(self) -> None:
        own = replace(REQUEST, role=SELF_APPROVING_RULES)
        assert refusal(lambda: check_can_approve(RICHARD, own, now=NOON)) == "own_request"

    def test_richard_cannot_decide_it_even_as_a_superuser_and_approver(self) -> None:
        own = replace(REQUEST, role=SELF_APPROVING_RULES, requester_id=ADA.user_id)
        assert refusal(lambda: check_can_approve(ADA, own, now=NOON)) == "own_request"
        assert refusal(lambda: check_can_decide(ADA, own, now=NOON)) == "own_request"

    def test_a_contractor_who_is_an_approver_cannot_decide(self) -> None:
        ring = replace(REQUEST, role=replace(RULES, approver_ids=frozenset({RITA.user_id})))
        assert refusal(lambda: check_can_approve(RITA, ring, now=NOON)) == "own_request"

    @pytest.mark.parametrize("state", set(RequestState) - {RequestState.PENDING})
    def test_a_decided_request_stays_decided(self, state: RequestState) -> None:
        settled = replace(REQUEST, state=state)
        assert refusal(lambda: check_can_decide(ALICE, settled, now=NOON)) == "request_not_pending"
        assert refusal(lambda: check_can_approve(ALICE, settled, now=NOON)) == "request_not_pending"
        assert refusal(lambda: check_can_withdraw(RICHARD, settled)) == "request_not_pending"

    def test_nobody_decides_twice(self) -> None:
        once = replace(REQUEST, votes=(CastVote(ALICE.user_id),))
        assert refusal(lambda: check_can_approve(ALICE, once, now=NOON)) == "already_decided_by_you"
        check_can_approve(BOB, once, now=NOON)

    def test_a_window_can_be_approved_until_its_last_second(self) -> None:
        check_can_approve(ALICE, REQUEST, now=NOON + HOUR - SECOND)
        late = refusal(lambda: check_can_approve(ALICE, REQUEST, now=NOON + HOUR))
        assert "request_expired" in late

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            (replace(REQUEST, contractor_is_active=False), "contractor_cannot_hold"),
            (replace(REQUEST, contract_ends_at=NOON + HOUR - SECOND), "contractor_cannot_hold"),
            (replace(REQUEST, role=replace(RULES, is_active=False)), "contractor_not_eligible"),
            (replace(REQUEST, role=replace(RULES, contractor_ids=frozenset({12}))), "contractor_not_eligible"),
        ],
    )
    def test_changes_since_the_request_count(self, changed: RequestFacts, sentence: str) -> None:
        assert refusal(lambda: check_can_approve(ALICE, changed, now=NOON)) == sentence
        check_can_decide(ALICE, changed, now=NOON)


class TestTakingBack:
    def test_only_richard_withdraws_richards_request(self) -> None:
        check_can_withdraw(RICHARD, REQUEST)
        for person in (RITA, ALICE, ADA, MALLORY):
            assert refusal(partial(check_can_withdraw, person, REQUEST)) == "not_requester"
            assert not can_withdraw(person, REQUEST)

    @pytest.mark.parametrize("person", [RICHARD, ALICE, BOB, ADA])
    def test_owner_approvers_and_administrators_can_end_a_grant(self, person: PersonFacts) -> None:
        check_can_revoke(person, REQUEST, grant(), now=NOON)
        assert can_revoke(person, REQUEST, grant(), now=NOON)

    @pytest.mark.parametrize("person", [RITA, MALLORY, replace(ALICE, is_active=False)])
    def test_others_cannot_end_a_grant(self, person: PersonFacts) -> None:
        refusal(lambda: check_can_revoke(person, REQUEST, grant(), now=NOON))
        assert not can_revoke(person, REQUEST, grant(), now=NOON)

    def test_an_ended_grant_cannot_be_ended_again(self) -> None:
        removed = grant(removed_at=NOON + HOUR)
        assert refusal(lambda: check_can_revoke(ALICE, REQUEST, removed, now=NOON + HOUR)) == "grant_over"
        revoked = grant(revoked_at=NOON)
        assert refusal(lambda: check_can_revoke(ALICE, REQUEST, revoked, now=NOON)) == "grant_over"

    @pytest.mark.parametrize("removed_at", [None, NOON + 2 * HOUR])
    def test_the_clock_never_prevents_ending_a_grant(self, removed_at: datetime | None) -> None:
        """It can be ended until AWS was read without it, and as long as it lasts if a clock that was ahead said so."""
        at = NOON + HOUR if removed_at is None else NOON
        check_can_revoke(ALICE, REQUEST, grant(removed_at=removed_at), now=at)


class TestSeeing:
    @pytest.mark.parametrize("person", [RICHARD, ALICE, BOB, ADA])
    def test_owner_approvers_and_administrators_can_see_a_request(self, person: PersonFacts) -> None:
        check_can_see(person, REQUEST, now=NOON)
        assert can_see(person, REQUEST, now=NOON)

    @pytest.mark.parametrize("person", [RITA, MALLORY])
    def test_for_others_the_request_does_not_exist(self, person: PersonFacts) -> None:
        assert refusal(lambda: check_can_see(person, REQUEST, now=NOON)) == "request_unknown"
        assert not can_see(person, REQUEST, now=NOON)

    def test_a_disabled_user_sees_nothing(self) -> None:
        assert refusal(lambda: check_can_see(replace(ADA, is_active=False), REQUEST, now=NOON)) == "account_disabled"

    def test_only_administrators_can_administer(self) -> None:
        check_can_administer(ADA)
        assert can_administer(ADA)
        for person in (ALICE, RICHARD, replace(ADA, is_active=False), replace(ADA, contractor_id=11)):
            assert not can_administer(person)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=8), "8 hours"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=1, seconds=1), "1 day 1 second"),
        (timedelta(0), "0 seconds"),
    ],
)
def test_durations_are_written_in_words(length: timedelta, words: str) -> None:
    assert ENGLISH.length(length) == words
