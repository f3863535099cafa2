"""A length begins with the approval: all rules judge the window that the approval gives, and none is shortened."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.lifecycle import RequestState
from access.rules.checks import check_can_approve, check_can_submit, check_window, last_approval
from access.rules.facts import Refused, RequestFacts, Terms
from access.rules.hours import OfficeHours
from access.rules.terms import check_reduces_terms
from access.rules.windows import Window, WindowOnApproval, on_approval
from tests.unit.facts import (
    ALICE,
    DAY,
    FLOATING,
    HOUR,
    NOON,
    ON_APPROVAL,
    PROVEN,
    REQUEST,
    RICHARD,
    RULES,
    SECOND,
    between,
)

# NOON is a Tuesday, 13:00 in Berlin.
BERLIN = OfficeHours(frozenset({1, 2, 3, 4, 5}), time(9), time(17), "Europe/Berlin")
WEEKEND = replace(BERLIN, days=frozenset({6, 7}))
OFFICE = replace(RULES, office_hours=BERLIN)


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        attempt()
    return refused.value.code


def approve(request: RequestFacts, *, at: datetime) -> None:
    check_can_approve(ALICE, request, now=at)


class TestTheWindow:
    @pytest.mark.parametrize("late", [0 * HOUR, 5 * timedelta(minutes=1), 23 * HOUR])
    def test_an_hour_is_an_hour_from_the_approval(self, late: timedelta) -> None:
        assert ON_APPROVAL.if_approved(now=NOON + late) == Window(NOON + late, NOON + late + HOUR)

    def test_it_begins_at_the_next_whole_second_and_keeps_its_length(self) -> None:
        window = ON_APPROVAL.if_approved(now=NOON + timedelta(microseconds=1))
        assert window == Window(NOON + SECOND, NOON + HOUR + SECOND)

    def test_the_contract_limits_the_latest_start(self) -> None:
        window = on_approval(HOUR, deadline=NOON + DAY, contract_ends_at=NOON + 2 * HOUR)
        assert (window.latest_start, window.latest_end) == (NOON + HOUR, NOON + 2 * HOUR)

    @given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_its_limits_always_leave_room_for_the_whole_length(self, length: int, deadline: int, contract: int) -> None:
        window = on_approval(
            length * SECOND, deadline=NOON + deadline * SECOND, contract_ends_at=NOON + contract * SECOND
        )
        assert window.latest_end == window.latest_start + window.length
        assert window.latest_end <= NOON + max(contract, 0) * SECOND or window.latest_start <= NOON + deadline * SECOND


class TestSubmitting:
    def submit(self, window: WindowOnApproval, **different: object) -> None:
        check_can_submit(
            RICHARD,
            replace(RULES, **different),  # type: ignore[arg-type]
            Terms(window),
            reason="Upload the file.",
            ticket="",
            identity=PROVEN,
            pending=0,
            now=NOON,
        )

    def test_no_length_is_longer_than_the_role_allows(self) -> None:
        self.submit(replace(ON_APPROVAL, length=8 * HOUR))
        assert refusal(lambda: self.submit(replace(ON_APPROVAL, length=8 * HOUR + SECOND))) == "window_too_long"

    @pytest.mark.parametrize("length", [0 * HOUR, -HOUR])
    def test_no_length_is_none(self, length: timedelta) -> None:
        assert refusal(lambda: self.submit(replace(ON_APPROVAL, length=length))) == "end_before_start"

    def test_the_length_must_fit_into_the_contract(self) -> None:
        leaving = replace(RICHARD, contract_ends_at=NOON + HOUR - SECOND)
        said = refusal(lambda: check_window(leaving, RULES, ON_APPROVAL, now=NOON))
        assert said == "end_after_contract"

    def test_it_can_wait_for_tomorrows_office_hours_and_not_for_ones_after_the_deadline(self) -> None:
        evening = NOON + 5 * HOUR
        tomorrow = on_approval(HOUR, deadline=evening + DAY, contract_ends_at=None)
        check_window(RICHARD, OFFICE, tomorrow, now=evening)
        tonight = on_approval(HOUR, deadline=evening + 8 * HOUR, contract_ends_at=None)
        assert refusal(lambda: check_window(RICHARD, OFFICE, tonight, now=evening)) == "outside_hours"
        weekend = replace(RULES, office_hours=WEEKEND)
        assert refusal(lambda: check_window(RICHARD, weekend, tomorrow, now=evening)) == "outside_hours"


class TestApproving:
    def test_the_contract_office_hours_and_the_role_judge_the_window_of_the_approval(self) -> None:
        approve(FLOATING, at=NOON + 20 * HOUR)
        ending = replace(FLOATING, contract_ends_at=NOON + 20 * HOUR)
        approve(ending, at=NOON + 19 * HOUR)
        assert refusal(lambda: approve(ending, at=NOON + 19 * HOUR + SECOND)) == "contractor_cannot_hold"
        in_hours = replace(FLOATING, role=OFFICE)
        approve(in_hours, at=NOON + 3 * HOUR)
        assert refusal(lambda: approve(in_hours, at=NOON + 3 * HOUR + SECOND)) == "outside_hours"
        approve(in_hours, at=NOON + 20 * HOUR)  # the next morning at 09:00
        shorter = replace(FLOATING, role=replace(RULES, longest_window=HOUR - SECOND))
        assert refusal(lambda: approve(shorter, at=NOON)) == "window_too_long"

    def test_it_is_refused_after_its_latest_start_even_when_the_contract_was_extended(self) -> None:
        window = on_approval(HOUR, deadline=NOON + DAY, contract_ends_at=NOON + 2 * HOUR)
        extended = replace(FLOATING, window=window, requested=window)
        approve(extended, at=NOON + HOUR)
        assert refusal(lambda: approve(extended, at=NOON + HOUR + SECOND)) == "approval_too_late"

    def test_it_expires_by_its_deadline_and_not_by_its_length(self) -> None:
        assert not FLOATING.is_overdue(now=NOON + 23 * HOUR)
        assert FLOATING.is_overdue(now=NOON + DAY)
        assert not replace(FLOATING, state=RequestState.APPROVED).is_overdue(now=NOON + DAY)


class TestTheLastApproval:
    @pytest.mark.parametrize(
        ("request_", "last"),
        [
            (FLOATING, NOON + DAY),
            (replace(FLOATING, contract_ends_at=NOON + 3 * HOUR), NOON + 2 * HOUR),
            (replace(FLOATING, contract_ends_at=NOON + HOUR / 2), None),
            (replace(FLOATING, contract_ends_at=None), NOON + DAY),
            (replace(FLOATING, role=OFFICE), NOON + DAY),  # 13:00 of the next day, within the hours
            (replace(FLOATING, role=OFFICE, expires_at=NOON + 8 * HOUR), NOON + 3 * HOUR),  # until 16:00
            (replace(FLOATING, role=replace(RULES, office_hours=WEEKEND)), None),
            (REQUEST, NOON + HOUR),
            (between(REQUEST, NOON - DAY, NOON), None),
        ],
    )
    def test_it_is_the_last_moment_at_which_every_rule_allows_it(
        self, request_: RequestFacts, last: datetime | None
    ) -> None:
        assert last_approval(request_, now=NOON) == last

    @given(st.integers(0, 7 * 86400), st.integers(60, 8 * 3600), st.integers(3600, 6 * 86400))
    def test_an_approval_at_that_moment_is_possible_and_no_later_one(self, at: int, length: int, wait: int) -> None:
        now, deadline = NOON + at * SECOND, NOON + (at + wait) * SECOND
        window = on_approval(length * SECOND, deadline=deadline, contract_ends_at=None)
        request = replace(FLOATING, role=OFFICE, window=window, requested=window, expires_at=deadline + SECOND)
        last = last_approval(request, now=now)
        if last is None:
            for moment in (now, now + (deadline - now) / 2, deadline):
                assert refusal(lambda: approve(request, at=moment))  # noqa: B023
            return
        approve(request, at=last)
        assert refusal(lambda: approve(request, at=last + SECOND))

    def test_clocks_that_change_are_those_of_the_place(self) -> None:
        sunday = replace(BERLIN, days=frozenset({7}))
        before = datetime(2026, 10, 25, 0, tzinfo=UTC)  # clocks in Berlin go back at 01:00 UTC
        assert sunday.last_start(HOUR, earliest=before, latest=before + DAY) == datetime(2026, 10, 25, 15, tzinfo=UTC)
        before = datetime(2027, 3, 28, 0, tzinfo=UTC)
        assert sunday.last_start(HOUR, earliest=before, latest=before + DAY) == datetime(2027, 3, 28, 14, tzinfo=UTC)


class TestApprovingLess:
    @pytest.mark.parametrize(
        "window",
        [
            replace(ON_APPROVAL, length=HOUR / 2),
            Window(NOON + HOUR, NOON + 2 * HOUR),
            Window(NOON + DAY, NOON + DAY + HOUR),
            Window(NOON + DAY, NOON + DAY + SECOND),
        ],
    )
    def test_a_shorter_length_or_a_start_in_time_is_less(self, window: Window | WindowOnApproval) -> None:
        check_reduces_terms(FLOATING, Terms(window), now=NOON)

    @pytest.mark.parametrize(
        ("window", "code"),
        [
            (replace(ON_APPROVAL, length=HOUR + SECOND), "window_longer_than_requested"),
            (replace(ON_APPROVAL, length=0 * HOUR), "times_not_whole_seconds"),
            (replace(ON_APPROVAL, length=HOUR / 7), "times_not_whole_seconds"),
            (replace(ON_APPROVAL, latest_end=NOON + 2 * DAY), "window_not_on_approval"),
            (replace(ON_APPROVAL, latest_start=NOON + 2 * DAY), "window_not_on_approval"),
            (Window(NOON, NOON + HOUR + SECOND), "window_longer_than_requested"),
            (Window(NOON + DAY + SECOND, NOON + DAY + 2 * SECOND), "start_after_latest"),
            (Window(NOON - HOUR, NOON), "end_in_past"),
            (Window(NOON + HOUR, NOON), "end_before_start"),
        ],
    )
    def test_anything_else_is_more(self, window: Window | WindowOnApproval, code: str) -> None:
        assert refusal(lambda: check_reduces_terms(FLOATING, Terms(window), now=NOON)) == code

    def test_a_chosen_window_does_not_become_one_that_waits(self) -> None:
        assert refusal(lambda: check_reduces_terms(REQUEST, Terms(ON_APPROVAL), now=NOON)) == "window_not_on_approval"
