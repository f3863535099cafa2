"""Add spooled events to the audit chain: in order, exactly once, with their original time."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from access.guarding import guarded
from access.ledger import spool_files, spool_order
from access.ledger.chain import Entry, append_all
from access.ledger.checkpoints import OLD_AFTER, newest_trusted
from access.ledger.spool import (
    LOCK_SECONDS,
    STATEMENT_SECONDS,
    Line,
    check_deferred,
    is_genuine,
    line_of,
    row_of,
    tried,
)
from access.models import AuditEvent, AuditHead, Heartbeat, SpooledEvent

log = structlog.get_logger(__name__)

WORKER = "worker"  # the heartbeat of every sweep
AUDIT = "audit"  # the heartbeat of the chain: when the chain last accepted an event
AT_ONCE = 500


class _Undone(Exception):
    """The event was only a test, so it is rolled back."""


@dataclass(frozen=True, slots=True)
class AuditState:
    """Whether the chain accepts events, what is still in the spool, and whether checkpoints are written."""

    fails_since: datetime | None
    waiting: int
    files_waiting: bool
    set_aside: int
    unanchored_since: datetime | None


def takes_events(*, now: datetime) -> bool:
    """Return whether the chain accepts an event now: add an event, and roll it back."""
    try:
        with tried("chain"), transaction.atomic():
            _append(Entry("audit.tried", "audit", {}), by="worker", at=now)
            check_deferred()
            raise _Undone
    except _Undone:
        return True
    except DatabaseError:
        return False


def chain_spooled(*, now: datetime) -> None:
    """Record whether the chain accepts events.

    If it does, add the spooled events in the order in which they happened.
    """
    if not takes_events(now=now):
        log.error("audit.takes_no_events")
        return
    Heartbeat.objects.update_or_create(name=AUDIT, defaults={"at": now})
    _import_files(now=now)
    for row in SpooledEvent.objects.filter(chained_at=None, set_aside_at=None)[:AT_ONCE]:
        if not is_genuine(line_of(row), row.mac):
            _set_aside(row, "hmac_wrong", now=now)
        elif (failure := _chain(row, now=now)) is not None:
            if _may_pass(failure) or not takes_events(now=now):
                return  # the next sweep tries this entry again, before later ones
            _set_aside(row, "refused_by_chain", now=now)


def audit_state(*, now: datetime) -> AuditState:
    """Return the state of the audit chain, as the last sweep and the spool report it. This takes three queries."""
    spooled = SpooledEvent.objects.filter(chained_at=None)
    row = AuditHead.objects.values(
        taken=Subquery(Heartbeat.objects.filter(name=AUDIT).values("at")),
        swept=Subquery(Heartbeat.objects.filter(name=WORKER).values("at")),
        waiting=_count(spooled.filter(set_aside_at=None)),
        set_aside=_count(spooled.exclude(set_aside_at=None).filter(acknowledged_at=None)),
        first=Subquery(AuditEvent.objects.order_by("sequence").values("at")[:1]),
    ).get(pk=1)
    # A sweep records its own heartbeat when the chain accepts no events.
    signed = newest_trusted()
    taken, swept, anchored = row["taken"], row["swept"], signed.at if signed else row["first"]
    is_failing = swept is not None and (taken is None or taken < swept)
    return AuditState(
        fails_since=(taken or swept) if is_failing else None,
        waiting=row["waiting"],
        files_waiting=spool_files.waiting(),
        set_aside=row["set_aside"] + spool_files.set_aside(),
        # A heartbeat with a time in the future proves nothing about now. But a clock can be a little ahead.
        unanchored_since=anchored if anchored is not None and abs(now - anchored) > OLD_AFTER else None,
    )


def _count(rows: QuerySet[SpooledEvent]) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _append(entry: Entry, *, by: str, at: datetime) -> None:
    append_all([entry], by=by, now=at, head_seconds=LOCK_SECONDS, statement_seconds=STATEMENT_SECONDS)


def _may_pass(failure: BaseException | None) -> bool:
    """Return whether a failure is temporary: a lock, a time-out, a full disk, a lost connection.

    Data errors, broken constraints, and values that are too long or too deep belong to the event. [PostgreSQL, appendix
    A]
    """
    while failure is not None:
        state = getattr(failure, "sqlstate", None) or ""
        own = DataError | IntegrityError | ValueError | TypeError | RecursionError
        if isinstance(failure, own) or state.startswith(("22", "23", "54")):
            return False
        failure = failure.__cause__
    return True


def _chain(row: SpooledEvent, *, now: datetime) -> Exception | None:
    """Add one event to the chain and mark it, or do neither. Return the error, or None if the event was added."""
    try:
        with transaction.atomic():
            waiting = SpooledEvent.objects.filter(pk=row.pk, chained_at=None, set_aside_at=None)
            if waiting.update(chained_at=now):
                details = json.loads(row.details) | {"spooled": True, "spool_key": str(row.key)}
                _append(Entry(row.verb, row.subject, details), by=row.actor, at=row.at)
    except (DatabaseError, ValueError, TypeError, RecursionError) as error:
        log.error("audit.not_chained", key=str(row.key), verb=row.verb, reason=type(error).__name__)
        return error
    return None


def _set_aside(row: SpooledEvent, why: str, *, now: datetime) -> None:
    SpooledEvent.objects.filter(pk=row.pk, chained_at=None, set_aside_at=None).update(set_aside_at=now)
    log.error("audit.spooled_event_set_aside", key=str(row.key), verb=row.verb, subject=row.subject, reason=why)


def _import_files(*, now: datetime) -> None:
    """Copy every line of the spool files to the table, from which it is added to the chain.

    A file that fails is skipped.
    """
    # Read the number first: every line with a number up to this one is in a file that we read, or was deleted.
    last = guarded(partial(spool_files.in_time, "position", spool_order.position))
    _log_unread(last, spool_order.FILE)
    taken = guarded(partial(spool_files.in_time, "take", partial(spool_files.take, now=now)))
    _log_unread(taken, spool_files.OPEN)
    files = guarded(partial(spool_files.in_time, "list", spool_files.taken))
    _log_unread(files, "")
    done = [taken, files]
    for file in files if not isinstance(files, Exception) else ():
        done.append(guarded(partial(_import_file, file, now=now)))
        _log_unread(done[-1], file.name)
    if not isinstance(last, Exception) and not any(isinstance(one, Exception) for one in done):
        _log_unread(guarded(partial(spool_order.check_end, last, now=now)), spool_order.FILE)


def _log_unread(done: object, file: str) -> None:
    if isinstance(done, Exception):
        log.error("audit.spool_file_unread", file=file, reason=type(done).__name__)


def _import_file(file: Path, *, now: datetime) -> None:
    """Copy the lines of one file to the table. Keep a file that contains a line from elsewhere. Raises OSError."""
    text = spool_files.in_time("read", partial(spool_files.read, file))
    lines = [_read(line) for line in text.splitlines() if line.strip()]
    ours = [line for line in lines if line is not None]
    with transaction.atomic():
        known = set(SpooledEvent.objects.filter(key__in=[row.key for row, _ in ours]).values_list("key", flat=True))
        SpooledEvent.objects.bulk_create([row for row, _ in ours], ignore_conflicts=True)
        spool_order.follow([number for _, number in ours if number is not None], now=now)
        spool_order.record_unnumbered([row for row, number in ours if number is None and row.key not in known], now=now)
    wrong = lines.count(None)
    if wrong:
        log.error("audit.spool_file_set_aside", file=file.name, lines=wrong)
    word = spool_files.ASIDE if wrong else spool_files.CHAINED
    spool_files.in_time("put away", partial(spool_files.put_away, file, word))


def _read(text: bytes) -> tuple[SpooledEvent, spool_order.Number | None] | None:
    """Return the row of a line, and its number if any. Return None if this installation did not write the line."""
    try:
        held: dict[str, Any] = json.loads(text)
        number, mac = spool_order.number_of(held), held.pop("mac")
        line = Line(**held)
        return (row_of(line, mac), number) if is_genuine(line, mac) else None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
