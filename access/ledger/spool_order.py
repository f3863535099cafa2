"""Line numbers in the spool files, with which the worker detects deleted lines.

A file beside them contains the last number. Each number is signed with its line, so nobody without the key can hide a
gap.
"""

import hmac
import json
import os
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from access.ledger import spool_files
from access.ledger.chain import append
from access.models import Counter, SpooledEvent

log = structlog.get_logger(__name__)

FILE = "position.json"
LARGEST = 1000  # bytes of it
_PURPOSE = b"daypass: HMAC of the numbers of spooled audit events"
MOST_KEYS = 100  # that an event names
_NAME = "spool {}"  # name of the counter of a series: the last number that the worker has read, or found missing


@dataclass(frozen=True, slots=True)
class Number:
    """The place of a line.

    `series` identifies the directory. `seal` signs `series` and `number`, together with the content of the line.
    """

    series: str
    number: int
    seal: str


def numbered(lines: Sequence[str]) -> list[str]:
    """Return lines of JSON with the next numbers, which are then used. The caller holds the lock of the file.

    If the last number cannot be stored, return the lines unchanged, because an event without a number is better than
    none.
    """
    last = position() or Number(uuid.uuid4().hex, 0, "")
    try:
        _store(last.series, last.number + len(lines))
    except OSError as error:
        log.error("audit.spool_position_not_stored", reason=type(error).__name__)
        return list(lines)
    held = [json.loads(line) for line in lines]
    return [
        json.dumps(one | asdict(_sealed(last.series, number, one["mac"])))
        for number, one in enumerate(held, last.number + 1)
    ]


def number_of(held: dict[str, Any]) -> Number | None:
    """Remove the number from a line, and return the number if it is genuine."""
    series, number, seal = (held.pop(name, None) for name in ("series", "number", "seal"))
    return _genuine(series, number, seal, str(held.get("mac")))


def position() -> Number | None:
    """Return the last number that was assigned, or None if it is unknown."""
    try:
        held = json.loads(spool_files.read(spool_files.directory() / FILE, most=LARGEST))
        return _genuine(held["series"], held["number"], held["seal"], FILE)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


@transaction.atomic
def follow(read: Iterable[Number], *, now: datetime) -> None:
    """Record which numbers are missing before these, and that these were read; raises AuditUnavailable."""
    by_series: dict[str, set[int]] = {}
    for one in read:
        by_series.setdefault(one.series, set()).add(one.number)
    for series, numbers in by_series.items():
        _follow(series, numbers, to=max(numbers), now=now)


@transaction.atomic
def record_unnumbered(rows: Sequence[SpooledEvent], *, now: datetime) -> None:
    """Record which events have no number, so that nobody can tell whether lines beside them are missing.

    The last number could not be stored when they were written, or somebody removed the numbers. Raises
    AuditUnavailable.
    """
    if rows:
        keys = [str(row.key) for row in rows]
        log.error("audit.spool_lines_unnumbered", count=len(keys))
        facts = {"count": len(keys), "spool_keys": keys[:MOST_KEYS]}
        append(verb="audit.spool_lines_unnumbered", subject="audit", by="worker", now=now, **facts)


@transaction.atomic
def check_end(last: Number | None, *, now: datetime) -> None:
    """Record which numbers are missing up to the last one that was assigned; raises AuditUnavailable."""
    if last is not None:
        _follow(last.series, (), to=last.number, now=now)


def _follow(series: str, numbers: Collection[int], *, to: int, now: datetime) -> None:
    name = _NAME.format(series)
    _, is_new = Counter.objects.get_or_create(name=name, defaults={"at": now})
    if is_new and Counter.objects.filter(name__startswith=_NAME.format("")).exclude(name=name).exists():
        # The numbers began again, or this is another directory, so nobody can count the lost lines.
        log.error("audit.spool_numbers_restarted", series=series)
        append(verb="audit.spool_numbers_restarted", subject="audit", by="worker", now=now, series=series)
    row = Counter.objects.select_for_update().get(name=name)
    missing = [number for number in range(row.total + 1, to + 1) if number not in numbers]
    if missing:
        facts = {"series": series, "first": missing[0], "last": missing[-1], "count": len(missing)}
        log.error("audit.spool_lines_missing", **facts)
        append(verb="audit.spool_lines_missing", subject="audit", by="worker", now=now, **facts)
    Counter.objects.filter(name=name, total__lt=to).update(total=to, at=now)


def _store(series: str, number: int) -> None:
    here = spool_files.directory()
    new = here / f"{FILE}.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | spool_files.CAREFULLY, 0o600), "w") as opened:
        spool_files.check_regular(opened.fileno())
        opened.write(json.dumps(asdict(_sealed(series, number, FILE))))
        opened.flush()
        os.fsync(opened.fileno())
    new.rename(here / FILE)


def _sealed(series: str, number: int, of: str, *, secret: str | None = None) -> Number:
    key = hmac.digest((secret or settings.SECRET_KEY).encode(), _PURPOSE, "sha256")
    return Number(series, number, hmac.digest(key, json.dumps([series, number, of]).encode(), "sha256").hex())


def _genuine(series: Any, number: Any, seal: Any, of: str) -> Number | None:
    if not (isinstance(series, str) and type(number) is int and isinstance(seal, str)):
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    for one in (_sealed(series, number, of, secret=key) for key in keys):
        if hmac.compare_digest(one.seal.encode(), seal.encode("utf-8", "replace")):
            return one
    return None
