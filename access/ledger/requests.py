"""Requests and comments on them: submitted, decided and commented on, each with its event."""

import contextlib
from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.spool import record
from access.ledger.subjects import subject_of
from access.lifecycle import REQUEST_MOVES
from access.models import Comment, Request, User, window_content
from access.texts.text import Text


@transaction.atomic
def record_request(request: Request, *, by: User, now: datetime) -> Request:
    """Store a new request."""
    request.save(force_insert=True)
    append(
        verb="request.submitted",
        subject=subject_of(request),
        by=by,
        now=now,
        role=request.role.arn,
        principal=str(request.principal or ""),
        session_name=request.session_name,
        **window_content(request.window()),
        expires_at=request.expires_at,
        reason=request.reason,
        ticket=request.ticket,
        asks_mfa=request.asks_mfa,
        source_cidrs=request.source_cidrs,
        content_hash=request.content_hash,
    )
    return request


@transaction.atomic
def settle(
    request: Request, move: str, *, by: User | str, now: datetime, is_ending: bool = False, **details: Any
) -> None:
    """Change the state of a request by one of `lifecycle.REQUEST_MOVES`.

    Raises Conflict if somebody else changed it first.

    `is_ending` says that the change is part of ending access, which must not fail if the audit chain does.
    """
    source, target = REQUEST_MOVES[move]
    moved = Request.objects.filter(pk=request.pk, state=source).update(state=target, settled_at=now)
    if not moved:
        request.refresh_from_db(fields=["state"])
        raise Conflict("request_not_pending", state=Text(f"state_{request.state}"))
    request.state, request.settled_at = target, now
    store = record if is_ending else append
    store(verb=f"request.{target}", subject=subject_of(request), by=by, now=now, **details)


def expire_overdue(*, now: datetime) -> None:
    """Expire the requests on which nobody decided in time."""
    for request in Request.objects.overdue(now=now).order_by("pk")[:500]:
        with contextlib.suppress(Conflict):
            settle(request, "expire", by="daypass", now=now)


@transaction.atomic
def record_comment(row: Comment, *, by: User, now: datetime) -> Comment:
    """Store a question or an answer about a request."""
    row.save(force_insert=True)
    verb = "request.information_requested" if row.is_question else "request.answered"
    append(verb=verb, subject=subject_of(row.request), by=by, now=now, text=row.text)
    return row
