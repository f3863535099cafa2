"""The audit chain: append-only, and each event contains the hash of the previous one.

A change that gives access is made only together with its event: if the event cannot be stored, `append` fails. A change
that only ends access is made even if no event can be stored: see `access.ledger.spool`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan

from access.ledger.event_subjects import Pair, find_subjects, write_subjects
from access.models import AuditEvent, AuditHead, User
from access.trust import storable

# How long an event waits for the lock on the head of the chain, and for one statement after that. The waiting
# transaction holds rows that a revocation may need.
HEAD_SECONDS = STATEMENT_SECONDS = 10
_DETAILS = AuditEvent._meta.get_field("details")  # noqa: SLF001  # Django's documented way


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to record."""

    verb: str
    subject: str
    details: Mapping[str, Any]


class AuditUnavailable(DatabaseError):
    """The audit chain accepts no events, so a change that needs an event was not made."""


def append(*, verb: str, subject: str, by: User | str, now: datetime, **details: Any) -> None:
    """Add one event to the end of the chain."""
    append_all([Entry(verb, subject, details)], by=by, now=now)


# An event of a larger transaction is stored or rolled back with it: a savepoint would only cost two round trips.
@transaction.atomic(savepoint=False)
def append_all(
    entries: Sequence[Entry],
    *,
    by: User | str,
    now: datetime,
    head_seconds: int = HEAD_SECONDS,
    statement_seconds: int = STATEMENT_SECONDS,
) -> None:
    """Add events to the end of the chain, in this order. The row of the head is locked, so the chain cannot fork.

    Raises AuditUnavailable if the database refuses the events, if the head stays locked for longer than `head_seconds`,
    or if a statement takes longer than `statement_seconds`. On PostgreSQL, both limits apply until the end of the
    transaction.
    """
    if not entries:
        return
    actor = by if isinstance(by, str) else by.email
    try:
        # Do this before locking the head, because no other process can record an event while the head is locked.
        about = find_subjects([(entry.verb, entry.subject, entry.details) for entry in entries], actor=actor)
        head = _head(lock_timeout=head_seconds, statement_timeout=statement_seconds).select_for_update().get()
        _append_after(head, entries, about, actor=actor, now=now)
    except (DatabaseError, AuditHead.DoesNotExist) as error:
        raise AuditUnavailable("The audit chain takes no events at the moment.") from error


def _append_after(
    head: AuditHead, entries: Sequence[Entry], about: Sequence[Iterable[Pair]], *, actor: str, now: datetime
) -> None:
    events = []
    for entry in entries:
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=now,
            actor=actor,
            verb=entry.verb,
            subject=entry.subject,
            details=plain(entry.details),
            previous_hash=head.hash,
        )
        event.hash = event_hash(event)
        head.sequence, head.hash = event.sequence, event.hash
        # Send each row separately. Django would send many rows as arrays, and escaping an array of JSON texts takes
        # longer than everything else together.
        event.details = Value(event.details, output_field=_DETAILS)
        events.append(event)
    AuditEvent.objects.bulk_create(events)
    write_subjects(events, about)
    AuditHead.objects.filter(pk=1).update(sequence=head.sequence, hash=head.hash)


def _head(**seconds: int) -> QuerySet[AuditHead]:
    """Return the row of the head. On PostgreSQL, the same query sets the limits, which saves a round trip."""
    row = AuditHead.objects.filter(pk=1)
    if connection.vendor == "sqlite":
        return row
    for name, limit in seconds.items():
        words = (Value(name), Value(f"{limit}s"), Value(True))
        row = row.filter(GreaterThan(Func(*words, function="set_config", output_field=TextField()), Value("")))
    return row


def plain(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details in the form that the database stores.

    Times become text, tuples become lists, and values that jsonb refuses become text.
    """
    return dict(storable(json.loads(json.dumps(details, cls=DjangoJSONEncoder))))


def event_hash(event: AuditEvent) -> str:
    """Return the SHA-256 of an event's content and of the hash before it, as hex."""
    content = [event.sequence, event.at.isoformat(), event.actor, event.verb, event.subject, event.details]
    text = json.dumps([*content, event.previous_hash], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
