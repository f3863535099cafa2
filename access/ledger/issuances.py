"""Store issued sessions: first the intent and then the result, each with its event."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from access import pauses
from access.ledger.chain import append
from access.ledger.subjects import subject_of
from access.models import Issuance
from access.models.texts import reason_columns
from access.texts import stored
from access.texts.text import Text

# Longer than any issue takes, all its tries and time-outs together.
ABANDONED_AFTER = timedelta(minutes=2)


@transaction.atomic(savepoint=False)
def intend_issuance(issuance: Issuance, *, now: datetime) -> None:
    """Store that Daypass is about to ask AWS for a session."""
    issuance.save(force_insert=True)
    _append_issuance(issuance, "asked", now=now)


@transaction.atomic(savepoint=False)
def close_issuance(issuance: Issuance, outcome: Issuance.Outcome, *, text: Text | None, now: datetime) -> bool:
    """Record the result, with the session or the reason why none was issued. Return whether it was still open."""
    facts: dict[str, Any] = {"outcome": outcome, "closed_at": now, **reason_columns(text)}
    session = {"access_key_id": issuance.access_key_id, "expires_at": issuance.expires_at}
    still_open = Issuance.objects.filter(pk=issuance.pk, outcome=Issuance.Outcome.OPEN)
    if not still_open.update(**facts, **session):
        return False
    for name, value in facts.items():
        setattr(issuance, name, value)
    _append_issuance(issuance, outcome, now=now)
    return True


def close_abandoned(*, now: datetime) -> None:
    """Close the intents of processes that died between AWS's response and the record."""
    old = pauses.not_recent("started_at", within=ABANDONED_AFTER, now=now)
    left = Issuance.objects.filter(old, outcome=Issuance.Outcome.OPEN)
    for issuance in left.select_related("grant__request", "by").order_by("pk")[:500]:
        close_issuance(issuance, Issuance.Outcome.FAILED, text=Text("issuance_interrupted"), now=now)


def _append_issuance(issuance: Issuance, word: str, *, now: datetime) -> None:
    append(
        verb=f"{issuance.kind}.{word}",
        subject=subject_of(issuance.grant.request),
        by=issuance.by,
        now=now,
        issuance=issuance.public_id,
        access_key_id=issuance.access_key_id,
        expires_at=issuance.expires_at,
        text=stored.dump(text) if (text := issuance.reason_text) else None,
    )
