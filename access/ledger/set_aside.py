"""The decisions of administrators about spooled events and files that the worker has set aside."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from access.ledger import spool_files
from access.ledger.chain import append
from access.models import SpooledEvent, User

SHOWN = 200  # characters of a text that nobody has verified


class NotThere(LookupError):
    """No event or file with this name was set aside."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One event, by its key, or one file, by its name.

    Nobody has verified `facts`, which come from the event or file itself.
    """

    name: str
    facts: dict[str, Any]
    file: Path | None = None


def listed() -> Iterator[Aside]:
    """Yield what was set aside and not acknowledged; raises OSError if the directory cannot be read."""
    for row in _rows():
        yield _aside_row(row)
    for file in spool_files.in_time("aside", spool_files.aside):
        yield _aside_file(file)


def acknowledge(name: str, *, by: User, reason: str, now: datetime) -> None:
    """Record that the event or file stays out of the chain, so that it is no longer reported. It is kept.

    Raises NotThere, OSError and AuditUnavailable.
    """
    _settle(name, "audit.spooled_acknowledged", spool_files.ACKNOWLEDGED, {"acknowledged_at": now}, by, reason, now)


def try_again(name: str, *, by: User, reason: str, now: datetime) -> None:
    """Let the next sweep try to add it to the chain, for example after a key was added to SECRET_KEY_FALLBACKS.

    Raises NotThere, OSError and AuditUnavailable.
    """
    _settle(name, "audit.spooled_tried_again", spool_files.TAKEN, {"set_aside_at": None}, by, reason, now)


def _settle(name: str, verb: str, word: str, change: dict[str, Any], by: User, reason: str, now: datetime) -> None:
    with transaction.atomic():
        found = _find(name)
        if found.file is None and not _rows().filter(key=found.name).update(**change):
            raise NotThere(name)
        append(verb=verb, subject="audit", by=by, now=now, name=name, reason=reason, unverified=found.facts)
    if found.file is not None:
        # Record the event first, so that nobody can rename the file without a record.
        spool_files.in_time("settle", partial(spool_files.settle_aside, found.file, word))


def _find(name: str) -> Aside:
    files = spool_files.in_time("aside", spool_files.aside)
    file = next((file for file in files if file.name == name), None)
    if file is not None:
        return _aside_file(file)
    try:
        row = _rows().filter(key=uuid.UUID(name)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotThere(name)
    return _aside_row(row)


def _rows() -> Any:
    return SpooledEvent.objects.exclude(set_aside_at=None).filter(chained_at=None, acknowledged_at=None)


def _aside_row(row: SpooledEvent) -> Aside:
    facts = {"at": row.at.isoformat(), "actor": row.actor, "verb": row.verb, "subject": row.subject}
    return Aside(str(row.key), facts | {"details": row.details[:SHOWN], "sha256": _sha256(row.details.encode())})


def _aside_file(file: Path) -> Aside:
    held = spool_files.in_time("read", partial(spool_files.read, file))
    return Aside(file.name, {"lines": len(held.splitlines()), "bytes": len(held), "sha256": _sha256(held)}, file)


def _sha256(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()
