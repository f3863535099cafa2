"""Read the current time from the database's clock, and measure how far other clocks differ from this clock.

The database is asked every few seconds; in between its time continues by the machine's steady clock, which nobody sets.
Below the edge (views, tasks, commands) nothing asks for the time: it comes in as `now`. ADR 46 says why.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import DatabaseError, connection

REFRESH_SECONDS = 10.0  # the time after which a process asks the database again
UNKNOWN_AFTER_SECONDS = 600.0  # after this time, a measurement no longer counts
_STEPPED_SECONDS = 1.0  # if a clock moves this far from the steady clock, somebody set it
_SMALL = timedelta(seconds=1)  # two measurements differ by less than this
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux counts suspended time in the first


@dataclass(frozen=True, slots=True)
class _Measured:
    """What another clock showed, and this machine's steady clock and the process's own clock at the same moment."""

    at: datetime
    steady: float
    own: float

    def at_steady(self, steady: float) -> datetime:
        return self.at + timedelta(seconds=steady - self.steady)

    def is_fresh(self, steady: float, own: float) -> bool:
        stepped = abs((own - self.own) - (steady - self.steady))
        return 0 <= steady - self.steady < REFRESH_SECONDS and stepped < _STEPPED_SECONDS


@dataclass(frozen=True, slots=True)
class _AwsAnswer:
    """The Date of an answer of AWS, and the steady clock before the call was sent and after it was answered."""

    date: datetime
    sent: float
    received: float


@dataclass(frozen=True, slots=True)
class Offsets:
    """How far the process's clock and AWS's are ahead of the database's; None where that is not known."""

    process: timedelta | None
    aws: timedelta | None


class _State:
    """What this process knows of the other clocks. Threads share it; each assignment is independent."""

    database: _Measured | None = None
    aws: _AwsAnswer | None = None
    latest: datetime | None = None


def now() -> datetime:
    """Return the database's time; raises DatabaseError when it has not answered for long.

    SQLite is a file on this machine, so its time is the process's.
    """
    if connection.vendor == "sqlite":
        return datetime.now(tz=UTC)
    steady = steady_seconds()
    at = _database(steady).at_steady(steady_seconds())
    latest = _State.latest
    if latest is not None and timedelta(0) < latest - at < _SMALL:
        return latest
    _State.latest = at
    return at


def steady_seconds() -> float:
    """Return the machine's steady clock in seconds, which means something only beside another of its times."""
    return time.clock_gettime(_STEADY)


def note_aws(date: str, *, sent: float) -> None:
    """Note the Date header of an answer of AWS; `sent` is the steady clock before the call was sent."""
    try:
        at = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return
    _State.aws = _AwsAnswer(at if at.tzinfo else at.replace(tzinfo=UTC), sent, steady_seconds())


def offsets() -> Offsets:
    """Return how far the other clocks are ahead of the database's, by what this process has measured."""
    database, answer, steady = now(), _State.aws, steady_seconds()
    process = datetime.now(tz=UTC) - database
    if answer is None or not 0 <= steady - answer.received < UNKNOWN_AFTER_SECONDS:
        return Offsets(process, None)
    earliest = database - timedelta(seconds=steady - answer.sent)
    latest = database - timedelta(seconds=steady - answer.received)
    return Offsets(process, _distance(answer.date, earliest, latest))


def aws_now() -> datetime | None:
    """Return AWS's time by its last answer, or None when there was none lately."""
    answer, steady = _State.aws, steady_seconds()
    if answer is None or not 0 <= steady - answer.received < UNKNOWN_AFTER_SECONDS:
        return None
    return answer.date + timedelta(seconds=steady - answer.received)


def forget() -> None:
    """Forget what was measured, as a new process knows nothing."""
    _State.database = _State.aws = _State.latest = None


def _distance(date: datetime, earliest: datetime, latest: datetime) -> timedelta:
    """Return how far a Date, which has whole seconds, is outside of the time in which it must have been written."""
    if date + timedelta(seconds=1) < earliest:
        return date - earliest
    return max(date - latest, timedelta(0))


def _database(steady: float) -> _Measured:
    known = _State.database
    if known is not None and known.is_fresh(steady, time.time()):
        return known
    try:
        _State.database = measured = _ask_database()
    except DatabaseError:
        if known is None or not 0 <= steady - known.steady < UNKNOWN_AFTER_SECONDS:
            raise
        return known
    return measured


def _ask_database() -> _Measured:
    """Ask PostgreSQL for its clock, past Django's own cursor, so that it does not count as a query of the page.

    `clock_timestamp()` advances within a transaction; `now()` does not. [PostgreSQL, Date/Time Functions]
    """
    connection.ensure_connection()
    before = steady_seconds()
    with connection.wrap_database_errors:
        (at,) = connection.connection.execute("SELECT clock_timestamp()").fetchone()
    after = steady_seconds()
    return _Measured(at.astimezone(UTC), (before + after) / 2, time.time())
