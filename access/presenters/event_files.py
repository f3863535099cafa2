"""Audit events as lines of a file: CSV for spreadsheets, JSON Lines for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from access import sheets
from access.models import AuditEvent
from access.presenters.events import english_of
from access.texts import stored

_HEAD = ("sequence", "time", "actor", "kind", "what happened", "subject", "details", "previous hash", "hash")


@dataclass(frozen=True, slots=True)
class Format:
    """How a file holds events: its first lines, and the lines of some events."""

    name: str
    content_type: str
    head: str
    lines: Callable[[Sequence[AuditEvent]], str]


def _csv(events: Sequence[AuditEvent]) -> str:
    return sheets.csv_rows(_cells(event) for event in events)


def _cells(event: AuditEvent) -> tuple[str, ...]:
    details = json.dumps(event.details, sort_keys=True, ensure_ascii=False)
    said = " ".join([english_of(event), *_texts(event)])
    first = (str(event.sequence), event.at.isoformat(), event.actor, event.verb, said, event.subject)
    return (*first, details, event.previous_hash, event.hash)


def _json_lines(events: Sequence[AuditEvent]) -> str:
    """Return one object for each event: all that its hash is made of, and beside it the English of its codes."""
    return "".join(f"{json.dumps(_object(event))}\n" for event in events)


def _object(event: AuditEvent) -> Mapping[str, object]:
    return {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "verb": event.verb,
        "subject": event.subject,
        "details": event.details,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
        "english": [english_of(event), *_texts(event)],
    }


def _texts(event: AuditEvent) -> list[str]:
    return [text.english for text in stored.texts_in(event.details)]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", sheets.csv_rows([_HEAD]), _csv),
    "jsonl": Format("jsonl", "application/jsonl; charset=utf-8", "", _json_lines),
}
