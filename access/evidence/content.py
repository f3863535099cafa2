"""The content of an evidence pack: request, decisions, written policies, and proof that the record is unchanged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from access.ledger import walks
from access.ledger.chain import event_hash
from access.ledger.checkpoints import newest_trusted, statement_of
from access.ledger.decisions import terms_as_columns
from access.ledger.subjects import role_subject, subject_of
from access.models import (
    AuditEvent,
    AuditHead,
    AutoApprovalPolicy,
    BreakGlassPolicy,
    ChainWalk,
    Comment,
    Decision,
    Grant,
    Issuance,
    Request,
    User,
)
from access.texts import stored
from access.texts.text import Text

HOW_TO_CHECK = (
    "hash = SHA-256 of [sequence, at, actor, verb, subject, details, previous_hash] as JSON, keys sorted, ASCII, "
    "without white space; previous_hash is the hash of the event with the sequence before."
)
DOCUMENTS = ("trust_before", "trust_after", "expiry_policy_before", "expiry_policy_after")
_ENDS = ("grant.revoked", "grant.returned", "grant.removed", "grant.refused", "grant.admitted_after_end")

Content = dict[str, Any]


def content_of(grant: Grant, *, by: User, now: datetime) -> Content:
    """Return the evidence as plain values; each part names the events that record it."""
    whose = (
        "contractor__company",
        "contractor__sponsor",
        "break_glass_policy__made_by",
        "break_glass_policy__confirmed_by",
    )
    related = ("role__account", "role__state", *whose, "principal", "requester")
    asked = Request.objects.select_related(*related)
    requests = [asked.get(pk=grant.request_id), *asked.filter(extends=grant).order_by("pk")]
    events = _events(grant, requests)
    return {
        "portal": {"name": settings.BRANDING.title, "contact": settings.BRANDING.contact},
        "taken": {"at": now.isoformat(), "by": by.email},
        "chain": _chain(events),
        "requests": [_request(request, events) for request in requests],
        "access": _access(grant, events),
        "policies": [_event_reference(event) | _documents(event) for event in events if event.verb == "role.written"],
        "sessions": [_session(issuance, events) for issuance in grant.issuances.select_related("by").order_by("pk")],
        "ends": [_end(event) for event in events if event.verb in _ENDS],
        "events": [_event(event) for event in events],
    }


def _events(grant: Grant, requests: Sequence[Request]) -> list[AuditEvent]:
    """Return the events of the requests and of the access, and the writes that changed it in AWS."""
    own = AuditEvent.objects.filter(subject__in=[subject_of(request) for request in requests])
    writes = AuditEvent.objects.filter(subject=role_subject(grant.role), verb="role.written")
    since = writes.filter(at__gte=requests[0].submitted_at).order_by("sequence")
    changed = [event for event in since.iterator() if _changes(event.details, grant.session_name)]
    return sorted([*own, *changed], key=lambda event: event.sequence)


def _changes(details: Mapping[str, Any], session_name: str) -> bool:
    def said(name: str) -> list[str]:
        statements = (details.get(name) or {}).get("Statement", [])
        texts = [
            json.dumps(one, sort_keys=True) for one in (statements if isinstance(statements, list) else [statements])
        ]
        return sorted(text for text in texts if session_name in text)

    return said("trust_before") != said("trust_after") or said("expiry_policy_before") != said("expiry_policy_after")


def _chain(events: Iterable[AuditEvent]) -> Content:
    """Return how far the chain was verified, by whom and when, and where it does not hold. These events are hashed
    again, whether or not they were verified before.
    """
    found = walks.verify()
    changed = {event.sequence for event in events if event.hash != event_hash(event)}
    broken, head, to = sorted({*found.broken_at, *changed}), AuditHead.objects.get(pk=1), found.now.to
    return {
        "holds": not broken and found.now.is_at_end,
        "broken_at": broken,
        "walked_by_worker": _walk(found.by_worker) if found.by_worker else None,
        "walked_now": {
            "after_sequence": found.by_worker.sequence if found.by_worker else 0,
            "to_sequence": to.sequence,
        },
        "verified_to": {"sequence": to.sequence, "hash": to.hash},
        "last_sequence": head.sequence,
        "last_hash": head.hash,
        "checkpoint": _checkpoint(),
        "how_to_check": HOW_TO_CHECK,
    }


def _checkpoint() -> Content | None:
    """Return the newest signed checkpoint, to be compared with the copy that is kept outside the database."""
    row = newest_trusted()
    return asdict(statement_of(row)) if row else None


def _walk(row: ChainWalk) -> Content:
    return {
        "began_at": row.began_at.isoformat(),
        "ended_at": _iso(row.ended_at),
        "to_sequence": row.sequence,
        "to_hash": row.hash,
    }


def _request(request: Request, events: Iterable[AuditEvent]) -> Content:
    own = [event for event in events if event.subject == subject_of(request)]
    decisions = request.decisions.select_related(
        "auto_approval_policy__made_by", "auto_approval_policy__confirmed_by"
    ).order_by("pk")
    return {
        "public_id": str(request.public_id),
        "asked_by": request.requester.email,
        "company": request.company_name,
        "sponsor": request.contractor.sponsor.email if request.contractor else "",
        "break_glass_policy": _break_glass_policy(request.break_glass_policy) if request.break_glass_policy else None,
        "role": request.role.arn,
        "principal": str(request.principal or ""),
        "extends": request.extends_id is not None,
        "session_name": request.session_name,
        **_window(request),
        "expires_at": request.expires_at.isoformat(),
        "reason": request.reason,
        "ticket": request.ticket,
        "asks_mfa": request.asks_mfa,
        "source_cidrs": request.source_cidrs,
        "submitted_at": request.submitted_at.isoformat(),
        "content_hash": request.content_hash,
        "state": request.state,
        "settled_at": _iso(request.settled_at),
        "record": [_event_reference(event) for event in own if event.verb.startswith("request.")],
        "comments": [_comment(comment) for comment in request.comments.select_related("author")],
        "decisions": [_decision(decision, own) for decision in decisions],
    }


def _break_glass_policy(policy: BreakGlassPolicy) -> Content:
    """Return what a break-glass grant has instead of decisions: who approved its policy in advance."""
    return {
        "public_id": str(policy.public_id),
        "made_by": policy.made_by.email,
        "made_at": policy.made_at.isoformat(),
        "confirmed_by": policy.confirmed_by.email if policy.confirmed_by else "",
        "confirmed_at": _iso(policy.confirmed_at),
    }


def _comment(comment: Comment) -> Content:
    return {
        "by": comment.author.email,
        "at": comment.written_at.isoformat(),
        "is_question": comment.is_question,
        "text": comment.text,
    }


def _decision(decision: Decision, events: Iterable[AuditEvent]) -> Content:
    verb = Decision.VERBS[decision.verdict]
    return {
        "verdict": decision.verdict,
        "by": decision.approver.email if decision.approver else "",
        "delegate_of": decision.delegate_of.email if decision.delegate_of else "",
        "stage": decision.stage,
        "auto_approval_policy": _auto_approval_policy(decision.auto_approval_policy)
        if decision.auto_approval_policy
        else None,
        "at": decision.decided_at.isoformat(),
        "reason": decision.reason,
        "content_hash": decision.content_hash,
        "reduced_to": _reduced_terms(decision),
        "record": [
            _event_reference(event) for event in events if event.verb == verb and event.at == decision.decided_at
        ],
    }


def _reduced_terms(decision: Decision) -> Content | None:
    """Return the terms of an approval with changes."""
    if not decision.reduces_terms:
        return None
    terms = terms_as_columns(decision.terms())
    return terms | {
        "starts_at": _iso(terms["starts_at"]),
        "ends_at": _iso(terms["ends_at"]),
        "length": _seconds(terms["length"]),
    }


def _window(request: Request) -> Content:
    """Return the chosen window, or the length in seconds of one that begins with the approval and its limits."""
    return {
        "starts_at": _iso(request.starts_at),
        "ends_at": _iso(request.ends_at),
        "length": _seconds(request.length),
        "latest_start": _iso(request.latest_start),
        "latest_end": _iso(request.latest_end),
    }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _auto_approval_policy(policy: AutoApprovalPolicy) -> Content:
    """Return who made and who confirmed the policy that approved the request."""
    return {
        "public_id": str(policy.public_id),
        "made_by": policy.made_by.email,
        "confirmed_by": policy.confirmed_by.email if policy.confirmed_by else "",
        "expires_at": policy.expires_at.isoformat(),
    }


def _access(grant: Grant, events: Iterable[AuditEvent]) -> Content:
    return {
        "role": grant.role.arn,
        "session_name": grant.session_name,
        "principal": grant.facts().principal_arn,
        "unique_id": grant.principal_unique_id,
        "portal_issued": grant.portal_issued,
        "requires_mfa": grant.requires_mfa,
        "source_cidrs": grant.source_cidrs,
        "starts_at": grant.starts_at.isoformat(),
        "ends_at": grant.ends_at.isoformat(),
        "applied_at": _iso(grant.applied_at),
        "revoked_at": _iso(grant.revoked_at),
        "revoked_by": grant.revoked_by.email if grant.revoked_by else "",
        "revoked_reason": str(grant.revoked_because),
        "revoked_text": _text(stored.load(grant.revoked_code, grant.revoked_facts)),
        "removed_at": _iso(grant.removed_at),
        "refused_at": _iso(grant.refused_at),
        "problem": _text(grant.problem_text),
        "record": [_event_reference(event) for event in events if event.verb.startswith("grant.")],
    }


def _session(issuance: Issuance, events: Iterable[AuditEvent]) -> Content:
    """Return one delivery; the access key id finds the session in AWS's own log and opens nothing."""
    mine = [event for event in events if event.details.get("issuance") == str(issuance.public_id)]
    return {
        "kind": issuance.kind,
        "by": issuance.by.email,
        "started_at": issuance.started_at.isoformat(),
        "outcome": issuance.outcome,
        "access_key_id": issuance.access_key_id,
        "expires_at": _iso(issuance.expires_at),
        "text": _text(issuance.reason_text),
        "record": [_event_reference(event) for event in mine],
    }


def _documents(event: AuditEvent) -> Content:
    return {name: event.details.get(name) for name in DOCUMENTS}


def _event_reference(event: AuditEvent) -> Content:
    return {"sequence": event.sequence, "verb": event.verb, "at": event.at.isoformat(), "hash": event.hash}


def _end(event: AuditEvent) -> Content:
    return _event_reference(event) | {"details": event.details, "english": _english(event)}


def _event(event: AuditEvent) -> Content:
    """Return all that the hash is made of, and beside it the sentences of the codes in its details."""
    rest = {"actor": event.actor, "subject": event.subject, "details": event.details}
    return _event_reference(event) | rest | {"previous_hash": event.previous_hash, "english": _english(event)}


def _english(event: AuditEvent) -> list[str]:
    return [text.english for text in stored.texts_in(event.details)]


def _text(text: Text | None) -> Content | None:
    """Return a code with its facts and its sentence."""
    return stored.dump(text) | {"english": text.english} if text else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
