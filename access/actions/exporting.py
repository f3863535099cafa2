"""Exports of audit events, which are recorded themselves: before the first byte, and after the last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.ledger.chain import append
from access.ledger.spool import record
from access.ledger.subjects import person_subject
from access.models import User


@dataclass(frozen=True, slots=True)
class Export:
    """What somebody exports: the filter as `asked`, and events up to the sequence `through`."""

    by: User
    file_format: str
    asked: Mapping[str, str]
    through: int

    def details(self) -> dict[str, Any]:
        return {"format": self.file_format, "filter": dict(self.asked), "through": self.through}


def start_export(export: Export, *, now: datetime) -> None:
    """Record an export before anything is sent.

    Raises AuditUnavailable when the audit log accepts no entries: then nothing is exported.
    """
    subject = person_subject(export.by)
    append(verb="audit.export_started", subject=subject, by=export.by, now=now, **export.details())


def finish_export(export: Export, *, count: int, is_complete: bool, now: datetime) -> None:
    """Record how many events were sent; an export that was interrupted is not complete. Raises nothing."""
    subject, facts = person_subject(export.by), {"count": count, "complete": is_complete}
    record(verb="audit.exported", subject=subject, by=export.by, now=now, **export.details(), **facts)
