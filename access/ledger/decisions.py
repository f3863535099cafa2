"""Decisions of approvers and their delegates, each with its event."""

from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.subjects import subject_of
from access.models import Decision, Request, User
from access.rules.facts import Terms, Vote
from access.rules.windows import Window


@transaction.atomic
def record_decision(
    request: Request,
    verdict: Decision.Verdict,
    *,
    vote: Vote,
    shown: str,
    reason: str,
    by: User,
    now: datetime,
    terms: Terms | None = None,
) -> Decision:
    """Store a decision of an approver or their delegate, with the hash of the content that they saw.

    `terms` are the terms of an approval with changes.
    """
    reduced = terms_as_columns(terms) if terms else {}
    decision = Decision.objects.create(
        request=request,
        approver=by,
        delegate_of_id=vote.delegate_of,
        stage=vote.stage,
        requester=request.requester,
        verdict=verdict,
        content_hash=shown,
        reason=reason,
        decided_at=now,
        **reduced,
    )
    append(
        verb=Decision.VERBS[decision.verdict],
        subject=subject_of(request),
        by=by,
        now=now,
        content_hash=shown,
        stage=vote.stage,
        delegate_of=decision.delegate_of.email if decision.delegate_of else "",
        reason=reason,
        **({"terms": reduced} if reduced else {}),
    )
    return decision


def terms_as_columns(terms: Terms) -> dict[str, Any]:
    """Return terms in the form that rows and audit events use."""
    window = terms.window
    chosen = (window.starts_at, window.ends_at, None) if isinstance(window, Window) else (None, None, window.length)
    return {
        **dict(zip(("starts_at", "ends_at", "length"), chosen, strict=True)),
        "asks_mfa": terms.asks_mfa,
        "source_cidrs": list(terms.sources),
    }
