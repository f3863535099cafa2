"""When people have access to a role, for those who are responsible for it, and one's own window as a calendar file."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.actions import requests
from access.models import Grant, Role
from access.presenters import calendar, capacity_over_time, schedule
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import of, visitor

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def day_of(role: Role) -> schedule.Schedule:
    """Return the schedule of a role on the day of the tests."""
    return schedule.build_schedule(schedule.grants_of_role(role), schedule.Period.of("day", NOON.date()), now=NOON)


def second(cast: Cast, **facts: Any) -> Role:
    """Return another role of the same account that Richard and Rita may ask for and Alice decides about."""
    other = factories.role("second", account=cast.role.account, unique_id="AROA2", **facts)
    other.approvers.add(cast.alice)
    other.contractors.add(*cast.role.contractors.all())
    return other


def address(cast: Cast) -> str:
    return reverse("role_schedule", args=[cast.role.account.account_id, cast.role.name])


def test_a_bar_begins_and_ends_with_its_grant(cast: Cast) -> None:
    factories.create_grant(cast, ends_at=NOON + 6 * HOUR)
    (row,) = day_of(cast.role).rows
    assert (row.left, row.width) == (500.0, 250.0)
    assert day_of(cast.role).now == 500.0


def test_a_revoked_grant_ends_with_its_revocation(cast: Cast) -> None:
    grant = factories.create_grant(cast, ends_at=NOON + 6 * HOUR)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON + 3 * HOUR)
    (row,) = day_of(cast.role).rows
    assert (row.width, row.ends_at) == (125.0, NOON + 3 * HOUR)


def test_a_grant_revoked_before_its_start_never_admitted_anybody(cast: Cast) -> None:
    grant = factories.create_grant(cast, starts_at=NOON + 2 * HOUR, ends_at=NOON + 3 * HOUR)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON + HOUR)
    assert day_of(cast.role).rows == []


def test_grants_at_the_same_time_are_counted(cast: Cast) -> None:
    factories.create_grant(cast, ends_at=NOON + 2 * HOUR)
    factories.create_grant(cast, by=cast.rita, principal_arn="", starts_at=NOON + HOUR, ends_at=NOON + 3 * HOUR)
    shown = day_of(cast.role)
    assert [step.count for step in shown.steps] == [1, 2, 1]
    assert shown.most == 2


def test_grants_that_follow_each_other_are_not_at_the_same_time(cast: Cast) -> None:
    factories.create_grant(cast, ends_at=NOON + HOUR)
    factories.create_grant(cast, by=cast.rita, principal_arn="", starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    assert day_of(cast.role).most == 1


def test_the_grants_of_overflow_roles_are_the_roles_own(cast: Cast) -> None:
    other = second(cast, overflow_of=cast.role)
    factories.create_grant(cast, role=other)
    assert len(day_of(cast.role).rows) == 1


def test_grants_of_other_days_are_left_out(cast: Cast) -> None:
    factories.create_grant(cast, starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR)
    assert day_of(cast.role).rows == []


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 3, 30), 24)])
def test_a_day_is_as_long_as_it_is_where_the_reader_is(day: date, hours: int) -> None:
    with timezone.override(BERLIN):
        period = schedule.Period.of("day", day)
        assert period.ends_at.astimezone(UTC) - period.starts_at.astimezone(UTC) == timedelta(hours=hours)
        assert period.labels[0] == "00:00"
        assert period.place(period.ends_at) == schedule.WIDTH


@pytest.mark.parametrize(("name", "labels"), [("day", 8), ("week", 7), ("month", 4)])
def test_each_length_has_an_axis(name: str, labels: int) -> None:
    period = schedule.Period.of(name, NOON.date())
    assert len(set(period.labels)) == labels


@pytest.mark.parametrize("who", ["alice", "ada"])
def test_approvers_and_administrators_see_the_schedule(cast: Cast, who: str) -> None:
    grant = factories.create_grant(cast)
    shown = visitor(getattr(cast, who)).get(address(cast)).text
    assert of(grant.request) in shown
    assert "In this period, at most 1 grant is active at any one time." in shown


@pytest.mark.parametrize("who", ["richard", "rita", "mallory"])
def test_for_nobody_else_is_there_a_schedule(cast: Cast, who: str) -> None:
    factories.create_grant(cast)
    account = reverse("account_schedule", args=[cast.role.account.account_id])
    nowhere = address(cast).replace(cast.role.name, "nowhere")
    client = visitor(getattr(cast, who))
    assert [client.get(page).status_code for page in (address(cast), nowhere)] == [404, 404]
    assert client.get(account).status_code == client.get(account.replace("1", "3")).status_code


def test_an_account_shows_the_grants_of_all_its_roles(cast: Cast) -> None:
    grants = [factories.create_grant(cast), factories.create_grant(cast, role=second(cast))]
    shown = visitor(cast.ada).get(reverse("account_schedule", args=[cast.role.account.account_id])).text
    assert all(of(grant.request) in shown for grant in grants)


@pytest.mark.parametrize(
    "query", ["from=x", "from=2026-02-30", "from=9999-12-31", "from=0001-01-01", "length=year", "length="]
)
def test_a_period_that_does_not_exist_is_replaced(cast: Cast, query: str) -> None:
    assert visitor(cast.ada).get(f"{address(cast)}?{query}").status_code == 200


def test_more_grants_than_fit_are_announced(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "MOST", 1)
    factories.create_grant(cast)
    factories.create_grant(cast, by=cast.rita, principal_arn="")
    assert "There are more grants than this page shows." in visitor(cast.ada).get(address(cast)).text


def test_a_long_schedule_needs_no_more_queries(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    factories.create_grant(cast)
    with django_assert_num_queries(1):
        assert len(day_of(cast.role).rows) == 1
    factories.create_grant(cast, by=cast.rita, principal_arn="")
    with django_assert_num_queries(1):
        assert {row.grant.contractor.company.name for row in day_of(cast.role).rows if row.grant.contractor}


# --- Calendar files -------------------------------------------------------------------------------------------------


def lines_of(grant: Grant) -> dict[str, str]:
    """Return the properties of the event, unfolded, by name."""
    text = calendar.event_of(grant, grant.request, now=NOON)
    assert all(len(line.encode()) <= calendar.LINE for line in text.split("\r\n"))
    return dict(line.split(":", 1) for line in text.replace("\r\n ", "").splitlines())


def test_the_calendar_file_holds_the_window_and_the_page(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    event = lines_of(grant)
    assert (event["DTSTART"], event["DTEND"]) == ("20261124T120000Z", "20261124T130000Z")
    assert event["URL"].endswith(of(grant.request))
    assert event["STATUS"] == "CONFIRMED"
    assert cast.role.name in event["SUMMARY"]
    assert grant.request.reason not in "".join(event.values())


def test_a_revoked_grant_ends_early_in_the_calendar(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON + HOUR / 2)
    grant.refresh_from_db()
    assert lines_of(grant)["DTEND"] == "20261124T123000Z"


def test_a_grant_that_never_began_is_cancelled_in_the_calendar(cast: Cast) -> None:
    grant = factories.create_grant(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
    grant.refresh_from_db()
    assert lines_of(grant)["STATUS"] == "CANCELLED"


@pytest.mark.parametrize("name", ["Konten; alle, überall\\", "x\r\nATTENDEE:mallory", "ü" * 90])
def test_no_name_breaks_the_calendar_file(cast: Cast, name: str) -> None:
    grant = factories.create_grant(cast)
    grant.role.account.name = name
    event = lines_of(grant)
    assert "ATTENDEE" not in event
    read = event["SUMMARY"].replace(r"\n", "\n").replace(r"\;", ";").replace(r"\,", ",").replace(r"\\", "\\")
    assert read.endswith(name.replace("\r", ""))


@pytest.mark.parametrize(("who", "status"), [("richard", 200), ("alice", 200), ("rita", 404), ("mallory", 404)])
def test_only_who_sees_the_request_gets_its_calendar_file(cast: Cast, who: str, status: int) -> None:
    grant = factories.create_grant(cast)
    answer = visitor(getattr(cast, who)).get(of(grant.request, "calendar_file"))
    assert answer.status_code == status
    if status == 200:
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
        assert datetime.strptime(answer.text.split("DTSTART:")[1][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == NOON


def test_a_request_without_a_grant_has_no_calendar_file(cast: Cast) -> None:
    assert visitor(cast.richard).get(of(factories.ask(cast), "calendar_file")).status_code == 404


class TestCapacity:
    """How full a role's trust policy is, from approval to end."""

    def uses(self, cast: Cast) -> list[capacity_over_time.Use]:
        role = Role.objects.select_related("account", "state").get(pk=cast.role.pk)
        return capacity_over_time.build_uses(role, schedule.Period.of("day", NOON.date()))

    def test_a_statement_takes_space_from_the_approval_until_the_end(self, cast: Cast) -> None:
        factories.create_grant(cast, starts_at=NOON + 2 * HOUR, ends_at=NOON + 6 * HOUR)
        second = factories.create_grant(cast, by=cast.rita, principal_arn="", now=NOON + HOUR)
        requests.revoke(by=cast.alice, grant=second, reason="Stop.", now=NOON + HOUR + HOUR / 2)
        found = self.uses(cast)
        assert [(one.grants, (one.window.starts_at - NOON) / HOUR) for one in found] == [
            (0, -12), (1, 0), (2, 1), (1, 1.5), (0, 6),
        ]  # fmt: skip
        empty, one, two, again, free = (use.used for use in found)
        assert empty == free < one == again < two
        assert [use.left for use in found] == [0, 500, 541.7, 562.5, 750]
        assert found[1].more == (found[1].quota - one) // 364

    def test_unmanaged_statements_stay(self, cast: Cast) -> None:
        statement = {
            "Sid": "Theirs",
            "Effect": "Allow",
            "Principal": {"AWS": factories.RICHARD_ARN},
            "Action": "sts:AssumeRole",
        }
        before = self.uses(cast)[0].used
        factories.update_roles(is_managed=False, observed_trust={"Version": "2012-10-17", "Statement": [statement]})
        assert self.uses(cast)[0].used > before

    def test_the_page_shows_it_as_a_drawing_and_a_table(self, cast: Cast) -> None:
        factories.create_grant(cast)
        page = visitor(cast.alice).get(address(cast)).content.decode()
        assert page.count('class="lane-use') == 3
        assert "of 2,048" in page or "of 2048" in page
