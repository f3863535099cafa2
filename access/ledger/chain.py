"""The audit chain: append-only, each event holding the hash of the one before it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Value

from access.models import AuditEvent, AuditHead, Request, Role, User

_DETAILS = AuditEvent._meta.get_field("details")  # noqa: SLF001  # Django's documented way


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to record."""

    verb: str
    subject: str
    details: Mapping[str, Any]


def append(*, verb: str, subject: str, by: User | str, now: datetime, **details: Any) -> None:
    """Add one event to the end of the chain."""
    append_all([Entry(verb, subject, details)], by=by, now=now)


# One that takes part in a larger transaction stands and falls with it: a savepoint would only cost two round trips.
@transaction.atomic(savepoint=False)
def append_all(entries: Sequence[Entry], *, by: User | str, now: datetime) -> None:
    """Add events to the end of the chain, in this order. The head row is locked, so the chain cannot fork."""
    if not entries:
        return
    head = AuditHead.objects.select_for_update().get(pk=1)
    events = []
    for entry in entries:
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=now,
            actor=by if isinstance(by, str) else by.email,
            verb=entry.verb,
            subject=entry.subject,
            details=json.loads(json.dumps(entry.details, cls=DjangoJSONEncoder)),
            previous_hash=head.hash,
        )
        event.hash = event_hash(event)
        head.sequence, head.hash = event.sequence, event.hash
        # Each as a value of its own: many plain rows go to PostgreSQL as arrays, and an array of JSON texts is escaped
        # sign by sign, which takes longer than all the rest.
        event.details = Value(event.details, output_field=_DETAILS)
        events.append(event)
    AuditEvent.objects.bulk_create(events)
    AuditHead.objects.filter(pk=1).update(sequence=head.sequence, hash=head.hash)


def event_hash(event: AuditEvent) -> str:
    """Give the SHA-256 of an event's content and of the hash before it, as hex."""
    content = [event.sequence, event.at.isoformat(), event.actor, event.verb, event.subject, event.details]
    text = json.dumps([*content, event.previous_hash], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def subject_of(request: Request) -> str:
    """Give the name under which the events of a request and of its grant are found."""
    return f"request:{request.public_id}"


def role_subject(role: Role) -> str:
    """Give the name under which the events of a role are found."""
    return f"role:{role.account.account_id}/{role.name}"
