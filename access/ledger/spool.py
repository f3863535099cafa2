"""Record events of changes that must never fail: in the audit chain if possible, and otherwise in a spool.

These events are about revocations and findings. No failure of the audit chain must prevent a revocation. If the chain
does not accept an event, it is written to a separate table, or to a file, or only to the log. The worker adds it to the
chain later (`access.ledger.chaining`).
"""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from access.ledger import spool_files, spool_order
from access.ledger.chain import AuditUnavailable, Entry, append_all
from access.models import SpooledEvent, User

log = structlog.get_logger(__name__)

# How many seconds ending access waits for a lock, and for one statement. Then the event goes to the next place.
LOCK_SECONDS, STATEMENT_SECONDS = 3, 5
# If a place takes the first time to fail, Daypass does not try it again for the second time.
SLOW_SECONDS, REST_SECONDS = 2, 10
_PURPOSE = b"daypass: HMAC of spooled audit events"
_resting: dict[str, float] = {}
_noticed: ContextVar[list[str] | None] = ContextVar("noticed", default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """One spooled event as text, in the order in which its HMAC covers it; times are in ISO format."""

    key: str
    at: str
    actor: str
    verb: str
    subject: str
    details: str
    spooled_at: str


def record(*, verb: str, subject: str, by: User | str, now: datetime, **details: Any) -> None:
    """Record one event of a change that only ends access, as `record_all` does."""
    record_all([Entry(verb, subject, details)], by=by, now=now)


def record_all(entries: Sequence[Entry], *, by: User | str, now: datetime) -> None:
    """Add events to the chain, or to the spool if the chain does not accept them within seconds; never raise an error.

    The savepoint is necessary: after an error, PostgreSQL refuses every further statement of the transaction.
    """
    if not entries:
        return
    try:
        with tried("chain"), transaction.atomic():
            append_all(entries, by=by, now=now, head_seconds=LOCK_SECONDS, statement_seconds=STATEMENT_SECONDS)
            check_deferred()
    except Exception as error:
        log.error("audit.not_taken", reason=_reason(error), verbs=[entry.verb for entry in entries])
        _spool([_line(entry, by=by, now=now) for entry in entries])


@contextmanager
def noticing() -> Iterator[list[str]]:
    """Yield a list. It contains the places of all events that were spooled within the block."""
    places: list[str] = []
    before = _noticed.set(places)
    try:
        yield places
    finally:
        _noticed.reset(before)


def mac_of(line: Line, *, secret: str | None = None) -> str:
    """Return the HMAC-SHA-256 of a line, in hex; its key is derived from SECRET_KEY."""
    key = hmac.digest((secret or settings.SECRET_KEY).encode(), _PURPOSE, "sha256")
    return hmac.new(key, json.dumps(list(asdict(line).values())).encode(), hashlib.sha256).hexdigest()


def is_genuine(line: Line, mac: str) -> bool:
    """Return whether this installation made the HMAC, with SECRET_KEY or one of SECRET_KEY_FALLBACKS."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(mac_of(line, secret=key).encode(), mac.encode()) for key in keys)


def _line(entry: Entry, *, by: User | str, now: datetime) -> Line:
    # default=str: if JSON cannot represent a value, it is better to record it as text than to lose the event.
    details = json.dumps(entry.details, cls=_Encoder)
    actor = by if isinstance(by, str) else by.email
    return Line(
        str(uuid.uuid4()),
        now.astimezone(UTC).isoformat(),
        actor,
        entry.verb,
        entry.subject,
        details,
        timezone.now().isoformat(),
    )


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def _spool(lines: Sequence[Line]) -> None:
    try:
        with tried("table"), transaction.atomic():
            _set_limits()
            SpooledEvent.objects.bulk_create([row_of(line, mac_of(line)) for line in lines])
            check_deferred()
    except Exception as error:
        log.error("audit.spool_table_failed", reason=_reason(error))
        _tell("file")
        for line in lines:
            log.error("audit.spooled", place="file", **asdict(line))
        # After the commit, because a file cannot be rolled back with the transaction.
        signed = [json.dumps({**asdict(line), "mac": mac_of(line)}) for line in lines]
        transaction.on_commit(partial(_write_file, signed), robust=True)
    else:
        _tell("table")
        for line in lines:
            log.error("audit.spooled", place="table", key=line.key, verb=line.verb, subject=line.subject)


def _write_file(lines: Sequence[str]) -> None:
    try:
        with tried("file"):
            if not spool_files.write(lines, prepare=spool_order.numbered):
                raise OSError("not written")
    except (AuditUnavailable, OSError) as error:
        log.error("audit.file_not_written", reason=str(error), lines=len(lines))


@contextmanager
def tried(place: str) -> Iterator[None]:
    """Raise AuditUnavailable immediately if the place failed slowly a moment ago.

    Otherwise, many revocations would wait for it one after the other.
    """
    began = time.monotonic()
    if began < _resting.get(place, 0):
        raise AuditUnavailable(f"the {place} was slow a moment ago")
    try:
        yield
    except Exception:
        if (ended := time.monotonic()) - began >= SLOW_SECONDS:
            _resting[place] = ended + REST_SECONDS
        raise


def _reason(error: Exception) -> str:
    """Return the type of the first cause, and the first line of the database's message.

    The other lines can contain rows.
    """
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"


def _tell(place: str) -> None:
    places = _noticed.get()
    if places is not None:
        places.append(place)


def row_of(line: Line, mac: str) -> SpooledEvent:
    """Return the unsaved row of a line; raises ValueError if its times or its key cannot be read."""
    times = {name: datetime.fromisoformat(getattr(line, name)) for name in ("at", "spooled_at")}
    if any(at.tzinfo is None for at in times.values()):
        raise ValueError("a time without a zone")
    return SpooledEvent(**{**asdict(line), **times, "key": uuid.UUID(line.key), "mac": mac})


def line_of(row: SpooledEvent) -> Line:
    """Return the line of a row."""
    at, spooled_at = (time.astimezone(UTC).isoformat() for time in (row.at, row.spooled_at))
    return Line(str(row.key), at, row.actor, row.verb, row.subject, row.details, spooled_at)


def _set_limits() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"
            )


def check_deferred() -> None:
    """Run the triggers and constraints that the database would check at the commit, and remove the time limits."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; "
                "SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT"
            )
