"""The one clock: what is measured, how it continues in between, and what a time that was set does to it."""

import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.auth import SIGV4_TIMESTAMP
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.db import DatabaseError
from time_machine import TimeMachineFixture, travel

from access import clock, pauses
from access.aws import timing
from dev.options import ROOT
from portal.schedule import Every, SteadyScheduler
from tests.unit.facts import NOON

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Database:
    """A database whose clock is `ahead` of the machine's, and which counts who asks."""

    def __init__(self) -> None:
        self.ahead, self.asked, self.is_down = timedelta(0), 0, False

    def ask(self) -> Any:
        self.asked += 1
        if self.is_down:
            raise DatabaseError("down")
        now = datetime.now(tz=UTC)
        return clock._Measured(now + self.ahead, clock.steady_seconds(), now.timestamp())


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return what `clock` asks instead of PostgreSQL."""
    stand_in = Database()
    monkeypatch.setattr(clock, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(clock, "_ask_database", stand_in.ask)
    clock.forget()
    return stand_in


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the steady clock, which a test can move."""
    moved = SimpleNamespace(by=0.0)
    usual = clock.steady_seconds
    monkeypatch.setattr(clock, "steady_seconds", lambda: usual() + moved.by)
    return moved


def test_the_database_is_asked_once_for_a_while(database: Database) -> None:
    for _ in range(100):
        clock.now()
    assert database.asked == 1


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, timedelta(days=3)])
def test_the_time_is_the_databases_whatever_the_process_clock_shows(database: Database, ahead: timedelta) -> None:
    database.ahead = ahead
    assert abs(clock.now() - datetime.now(tz=UTC) - ahead) < SECOND
    assert abs((clock.offsets().process or HOUR) + ahead) < SECOND


@pytest.mark.parametrize("seconds", [11, 3600, -1, -3600])
def test_the_database_is_asked_again_later_and_when_the_steady_clock_jumps(
    database: Database, steady: Any, seconds: float
) -> None:
    clock.now()
    steady.by = seconds
    clock.now()
    assert database.asked == 2


@pytest.mark.parametrize("step", [HOUR, -HOUR, 2 * SECOND])
def test_the_database_is_asked_again_when_the_process_clock_is_set(database: Database, step: timedelta) -> None:
    now = datetime.now(tz=UTC)
    clock.now()
    database.ahead = -step  # it did not step with it
    with travel(now + step):
        assert abs(clock.offsets().process or timedelta(0)) > abs(step) - SECOND
        assert abs(clock.now() - now) < 10 * SECOND


def test_the_time_never_goes_back_by_the_difference_of_two_measurements(database: Database, steady: Any) -> None:
    first = clock.now()
    database.ahead, steady.by = -timedelta(milliseconds=300), 0.0
    clock._State.database = None
    assert clock.now() >= first
    database.ahead, clock._State.database = -HOUR, None
    assert clock.now() < first, "a clock that was set is followed"


def test_without_an_answer_the_time_continues_for_ten_minutes(database: Database, steady: Any) -> None:
    clock.now()
    database.is_down, steady.by = True, 599
    clock.now()
    steady.by = 601
    with pytest.raises(DatabaseError):
        clock.now()


def test_without_any_answer_there_is_no_time(database: Database) -> None:
    database.is_down = True
    with pytest.raises(DatabaseError):
        clock.now()


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (40, 40), (-40, -40), (3600, 3600)])
def test_the_date_header_shows_how_far_ahead_aws_is(database: Database, seconds: int, expected: int) -> None:
    note_aws(seconds)
    assert abs((clock.offsets().aws or timedelta(0)).total_seconds() - expected) <= 1.1


def test_a_slow_answer_is_not_a_clock_difference(database: Database, steady: Any) -> None:
    sent, date = clock.steady_seconds(), datetime.now(tz=UTC)
    steady.by = 60
    database.ahead = timedelta(seconds=60)
    clock.note_aws(format_datetime(date + 5 * SECOND, usegmt=True), sent=sent)
    assert clock.offsets().aws == timedelta(0)


def test_an_old_measurement_of_aws_is_no_longer_known(database: Database, steady: Any) -> None:
    note_aws(0)
    assert clock.aws_now() is not None
    steady.by = 601
    assert clock.offsets().aws is None
    assert clock.aws_now() is None


@pytest.mark.parametrize("date", ["", "tomorrow", "0", "Tue, 99 Nov 2026 12:00:00 GMT"])
def test_an_invalid_date_header_is_ignored(database: Database, date: str) -> None:
    clock.note_aws(date, sent=clock.steady_seconds())
    assert clock.offsets().aws is None


def note_aws(seconds: int) -> None:
    date = format_datetime(datetime.now(tz=UTC) + seconds * SECOND, usegmt=True)
    clock.note_aws(date, sent=clock.steady_seconds())


@pytest.mark.parametrize("seconds", [-1, 0, 1, 60, 89, 91, 3600])
def test_a_wait_is_never_longer_than_the_longest_pause(seconds: int) -> None:
    waits = pauses.holds(NOON + seconds * SECOND, longest=60 * SECOND, now=NOON)
    assert waits is (0 < seconds <= 90)
    assert not pauses.holds(None, longest=60 * SECOND, now=NOON)


@pytest.mark.parametrize("seconds", [-3600, -61, -60, -59, 0, 30, 31, 3600])
def test_a_time_in_the_future_is_not_recent(seconds: int) -> None:
    assert pauses.is_recent(NOON + seconds * SECOND, within=60 * SECOND, now=NOON) is (-60 < seconds <= 30)
    assert not pauses.is_recent(None, within=60 * SECOND, now=NOON)


@pytest.mark.parametrize(("ahead", "is_due"), [(HOUR, True), (2 * SECOND, True), (-SECOND, False), (-HOUR, True)])
def test_a_beat_that_ran_last_in_the_future_is_due(ahead: timedelta, is_due: bool) -> None:
    every = Every(30 * SECOND, nowfun=lambda: NOON)
    assert every.is_due(NOON + ahead).is_due is is_due


def test_a_beat_waits_by_the_steady_clock(monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture) -> None:
    monkeypatch.setattr(SteadyScheduler, "__init__", lambda _self: None)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    scheduler = SteadyScheduler()
    for at in (NOON, NOON + HOUR, NOON - HOUR):
        time_machine.move_to(at)
        assert 130 <= scheduler._when(None, 30) + 0.02 < 131


class TestSigning:
    @pytest.fixture(autouse=True)
    def first_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timing._Choice, "index", 0)

    def signed_at(self) -> datetime:
        request = AWSRequest("POST", "https://iam.amazonaws.com/", data=b"")
        timing._Signer(Credentials("AKIDEXAMPLE", "secret"), "iam", "us-east-1").add_auth(request)
        assert request.context["timestamp"] == request.headers["X-Amz-Date"]
        return datetime.strptime(request.headers["X-Amz-Date"], SIGV4_TIMESTAMP).replace(tzinfo=UTC)

    def test_calls_are_signed_with_the_time_of_the_database(self, database: Database) -> None:
        database.ahead = HOUR
        assert abs(self.signed_at() - datetime.now(tz=UTC) - HOUR) < 2 * SECOND

    @pytest.mark.parametrize(
        "error",
        [
            {"Code": "SignatureDoesNotMatch", "Message": "Signature expired: 20261124T120000Z is now earlier than …"},
            {"Code": "SignatureDoesNotMatch", "Message": "Signature not yet current: 20261124T120000Z is still …"},
            {"Code": "RequestTimeTooSkewed", "Message": "The difference is too large."},
            {"Code": "RequestExpired", "Message": "Request has expired."},
        ],
    )
    def test_when_aws_refuses_that_time_its_own_is_used_and_then_that_of_the_process(
        self, database: Database, error: dict[str, str]
    ) -> None:
        database.ahead = HOUR
        date = format_datetime(datetime.now(tz=UTC) - HOUR, usegmt=True)
        expected = [HOUR, -HOUR, timedelta(0), HOUR]
        for ahead in expected:
            assert abs(self.signed_at() - datetime.now(tz=UTC) - ahead) < 3 * SECOND
            timing._note_answer({"headers": {"Date": date}}, {"Error": error})

    def test_another_refusal_changes_nothing(self, database: Database) -> None:
        timing._note_answer({"headers": {}}, {"Error": {"Code": "AccessDenied", "Message": "no"}})
        assert timing._Choice.index == 0

    def test_without_a_database_the_clock_of_the_process_is_used(self, database: Database) -> None:
        database.is_down = True
        assert abs(self.signed_at() - datetime.now(tz=UTC)) < 2 * SECOND


# The modules that can ask the process's own clock, and why.
OWN_TIME = {
    "access/clock.py": "compares it with the database's",
    "access/aws/timing.py": "signs with it where there is no other",
    "access/tasks.py": "continues where the database's clock fails with an unexpected error",
    "access/ledger/spool.py": "dates a line that no database may take",
    "access/views/health.py": "answers without a database",
}
ASKS = re.compile(r"timezone\.now\b|datetime\.(?:utc)?now\b|\btime\.time\b")
EDGE = re.compile(
    r"access/(?:views/|auth/|signin/|management/|(?:tasks|middleware|apps|clock|skew|aws/timing|presenters/context|presenters/form_drafts)\.py)"
)


def test_only_the_edge_reads_the_time_and_reads_it_from_the_database() -> None:
    for file in sorted((ROOT / "access").rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if name.startswith("access/migrations/"):
            continue
        text = file.read_text()
        assert bool(ASKS.search(text)) is (name in OWN_TIME), name
        assert EDGE.match(name) or "clock.now" not in text, name
