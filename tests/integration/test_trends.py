"""The figures of the charts: by the reader's day, of what one person oversees, and with what really happened."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from access.actions import auto_approvals
from access.actions.auto_approvals import AutoApprovalLimits
from access.reviews import trends
from access.reviews.oversight import Oversight
from tests import break_glass, factories, overviews
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import visitor

MINUTE = timedelta(minutes=1)
TODAY = NOON.date()
BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = NOON - 12 * HOUR


@pytest.fixture
def in_berlin() -> Iterator[None]:
    with timezone.override(BERLIN):
        yield


def open_days(cast: Cast) -> dict[date, int]:
    """Return the days on which something was open."""
    found = trends.read_open_by_day(Oversight(cast.ada, NOON, everything=True))
    assert len(found) == trends.DAYS
    return {day: count for day, count in found if count}


def outcomes(cast: Cast) -> trends.Outcomes:
    return trends.read_outcomes(Oversight(cast.ada, NOON, everything=True))


def test_a_grant_counts_on_each_day_on_which_it_was_open(cast: Cast) -> None:
    overviews.grants(cast, [NOON - 2 * DAY], length=DAY, removed_at=NOON)
    assert open_days(cast) == {TODAY - 2 * DAY: 1, TODAY - DAY: 1}


def test_a_grant_until_midnight_was_not_open_on_the_day_that_begins(cast: Cast) -> None:
    overviews.grants(cast, [MIDNIGHT - HOUR], length=HOUR, removed_at=NOON)
    assert open_days(cast) == {TODAY - DAY: 1}


def test_days_are_those_of_the_reader(cast: Cast, in_berlin: None) -> None:
    overviews.grants(cast, [MIDNIGHT - HOUR], length=HOUR, removed_at=NOON)
    overviews.decided(cast, MIDNIGHT - HOUR / 2, after=HOUR)
    assert open_days(cast) == {TODAY: 1}
    assert [day.day for day in outcomes(cast).days if day.approved] == [TODAY]


def test_a_revoked_grant_was_open_until_then_and_a_scheduled_one_not_yet(cast: Cast) -> None:
    revoked: dict[str, Any] = {"revoked_by": cast.alice, "revoked_reason": "Stop.", "removed_at": NOON}
    overviews.grants(cast, [NOON - 3 * DAY], length=3 * DAY, revoked_at=NOON - 2 * DAY, **revoked)
    overviews.grants(cast, [NOON - 5 * DAY], revoked_at=NOON - 8 * DAY, **revoked)  # never open
    overviews.grants(cast, [NOON + HOUR], length=HOUR)
    overviews.grants(cast, [NOON - 60 * DAY], length=31 * DAY, removed_at=NOON)
    assert open_days(cast) == {TODAY - 29 * DAY: 1, TODAY - 3 * DAY: 1, TODAY - 2 * DAY: 1}


def test_an_approver_sees_the_figures_of_their_roles(cast: Cast) -> None:
    overviews.grants(cast, [NOON - HOUR])
    overviews.decided(cast, NOON - HOUR, after=HOUR)
    other = Oversight(cast.alice, NOON, everything=False, roles=frozenset({-1}), family=frozenset({-1}))
    mine = Oversight.of(cast.alice, now=NOON)
    assert mine is not None
    for oversight, expected in ((other, 0), (mine, 1)):
        assert sum(count for _day, count in trends.read_open_by_day(oversight)) == expected
        assert sum(trends.read_outcomes(oversight).times.values()) == 2 * expected


def test_decisions_are_counted_by_what_became_of_the_request(cast: Cast) -> None:
    overviews.decided(cast, NOON - DAY, after=HOUR, count=3)
    overviews.decided(cast, NOON - DAY, after=HOUR, state="denied")
    overviews.decided(cast, NOON - DAY, after=DAY, state="expired", count=2)
    overviews.decided(cast, NOON - DAY, after=HOUR, state="expired")  # cancelled, before its time ran out
    overviews.decided(cast, NOON - DAY, after=HOUR, state="withdrawn")
    overviews.decided(cast, NOON - 31 * DAY, after=HOUR)
    found = {day.day: day for day in outcomes(cast).days}
    assert found[TODAY - DAY] == trends.Decisions(TODAY - DAY, approved=3, denied=1, expired=2)
    assert sum(day.approved + day.denied + day.expired for day in found.values()) == 6


def test_times_are_those_of_people_and_each_has_its_limit(cast: Cast) -> None:
    for limit in trends.LIMITS:
        overviews.decided(cast, NOON, after=limit)
        overviews.decided(cast, NOON, after=limit + timedelta(microseconds=1))
    overviews.decided(cast, NOON, after=DAY, state="expired")
    assert outcomes(cast).times == {0: 1, 1: 2, 2: 2, 3: 2, 4: 2, 5: 1}


def test_policies_and_break_glass_make_no_decisions_of_people(cast: Cast) -> None:
    adam = break_glass.adam()
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=5)
    policy = auto_approvals.create_auto_approval_policy(
        by=adam, role=cast.role, company=factories.company(), limits=terms, now=NOON
    )
    auto_approvals.confirm_auto_approval_policy(by=cast.ada, policy=policy, now=NOON)
    assert factories.ask(cast).state == "approved"
    break_glass.new_grant(break_glass.policy(cast, cast.bob), cast.bob)
    found = outcomes(cast)
    assert found.days[-1] == trends.Decisions(TODAY, automatic=1)
    assert found.times == {}


def test_a_page_draws_and_says_the_figures(cast: Cast, time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)  # type: ignore[attr-defined]  # of the plugin
    overviews.grants(cast, [NOON - DAY, NOON - DAY, NOON - HOUR / 2])
    overviews.decided(cast, NOON - HOUR, after=10 * MINUTE)
    page = visitor(cast.alice).get("/").content.decode()
    assert re.search(r'<rect class="tone"[^>]*><title>23 Nov: 2</title></rect>', page)
    assert re.search(r"<th scope=\"row\">23 Nov</th><td>2</td>", page)
    assert "At most 2 grants on one day." in page
    assert '<a href="?role=111111111111%2Fimportantproject-put#access">importantproject-put</a>' in page
    assert "style=" not in page
