"""Office hours by the clocks of a time zone, on the days when those jump too."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from access.rules.checks import check_is_possible, check_window
from access.rules.facts import Refused
from access.rules.hours import OfficeHours
from access.rules.windows import Window
from access.texts.text import Text
from tests.refusals import refusing
from tests.unit.facts import DAY, HOUR, NOON, PROVEN, REQUEST, RICHARD, RULES, SECOND

BERLIN = OfficeHours(frozenset({1, 2, 3, 4, 5}), time(9), time(17), "Europe/Berlin")
NIGHT = OfficeHours(frozenset(range(1, 8)), time(1), time(4), "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "starts", "ends", "fits"),
    [
        (BERLIN, "2026-11-24T08:00", "2026-11-24T16:00", True),  # a Tuesday in winter: 09:00 to 17:00 there
        (BERLIN, "2026-11-24T07:59:59", "2026-11-24T16:00", False),
        (BERLIN, "2026-11-24T08:00", "2026-11-24T16:00:01", False),
        (BERLIN, "2026-07-14T07:00", "2026-07-14T15:00", True),  # in summer an hour earlier by UTC
        (BERLIN, "2026-07-14T07:00", "2026-07-14T15:00:01", False),
        (BERLIN, "2026-11-28T10:00", "2026-11-28T11:00", False),  # Saturday
        (BERLIN, "2026-11-24T15:00", "2026-11-25T09:00", False),  # overnight
        (BERLIN, "2026-11-24T10:00", "2026-12-01T10:00", False),  # the same hour of another Tuesday
        (NIGHT, "2026-10-25T00:30", "2026-10-25T01:30", True),  # both 02:30, an hour apart: the clock goes back
        (NIGHT, "2026-10-25T00:00", "2026-10-25T03:00", True),
        (NIGHT, "2026-10-25T00:00", "2026-10-25T03:00:01", False),
        (NIGHT, "2026-03-29T00:30", "2026-03-29T01:30", True),  # 01:30 to 03:30, one hour: it goes forward
        (replace(BERLIN, zone="Pacific/Auckland"), "2026-11-22T20:00", "2026-11-23T04:00", True),  # Monday there
        (replace(BERLIN, zone="Pacific/Auckland"), "2026-11-27T20:00", "2026-11-27T21:00", False),  # Saturday there
    ],
)
def test_a_window_begins_and_ends_within_the_hours_of_one_day(
    hours: OfficeHours, starts: str, ends: str, fits: bool
) -> None:
    assert hours.hold(at(starts), at(ends)) == fits


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({1, 2, 3, 4, 5}, "Monday to Friday"),
        ({1}, "Monday"),
        ({1, 2}, "Monday and Tuesday"),
        ({1, 3, 5}, "Monday, Wednesday and Friday"),
        (set(range(1, 8)), "every day"),
    ],
)
def test_hours_are_written_as_people_say_them(days: set[int], words: str) -> None:
    assert str(replace(BERLIN, days=frozenset(days)).text) == f"{words}, 09:00 to 17:00 Europe/Berlin"


def test_a_window_outside_the_hours_is_refused_and_the_hours_are_named() -> None:
    office = replace(RULES, office_hours=BERLIN)
    check_window(RICHARD, office, Window(NOON, NOON + 4 * HOUR), now=NOON)
    with pytest.raises(Refused) as refused:
        check_window(RICHARD, office, Window(NOON, NOON + 4 * HOUR + SECOND), now=NOON)
    assert refused.value.text == Text("outside_hours", {"hours": BERLIN.text})


def test_an_approval_is_refused_when_the_role_now_allows_less() -> None:
    check_is_possible(REQUEST, now=NOON)
    shorter = replace(REQUEST, role=replace(RULES, longest_window=HOUR / 2))
    with refusing("window_too_long"):
        check_is_possible(shorter, now=NOON)
    check_is_possible(shorter, now=NOON + HOUR / 2)
    closed = replace(BERLIN, closes=time(13, 30))
    with refusing("outside_hours"):
        check_is_possible(replace(REQUEST, role=replace(RULES, office_hours=closed)), now=NOON)


def test_a_start_is_no_further_ahead_than_the_role_allows() -> None:
    soon = replace(RULES, latest_start=DAY)
    check_window(RICHARD, soon, Window(NOON + DAY, NOON + DAY + HOUR), now=NOON)
    with refusing("start_too_far"):
        check_window(RICHARD, soon, Window(NOON + DAY + SECOND, NOON + DAY + HOUR), now=NOON)
    assert PROVEN.is_proven
