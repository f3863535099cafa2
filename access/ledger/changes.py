"""Changes of requests, grants and roles, each with its event."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from access.ledger.chain import Entry, append, role_subject, subject_of
from access.ledger.spool import record, record_all
from access.lifecycle import FINAL_PROBLEMS, REQUEST_MOVES, Problem
from access.models import Decision, Grant, Request, Role, User
from access.rules import Terms, Vote
from access.texts.text import CodedError


class Conflict(CodedError):
    """Somebody was faster, or the page was outdated."""


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
        starts_at=request.starts_at,
        ends_at=request.ends_at,
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
    """Make one of the moves of `lifecycle.REQUEST_MOVES`; raises Conflict when somebody else made one before.

    `is_ending` says that it is a part of ending somebody's access, which no fault of the audit chain may stop.
    """
    source, target = REQUEST_MOVES[move]
    moved = Request.objects.filter(pk=request.pk, state=source).update(state=target, settled_at=now)
    if not moved:
        request.refresh_from_db(fields=["state"])
        raise Conflict("request_not_pending", state=str(request.state))
    request.state, request.settled_at = target, now
    store = record if is_ending else append
    store(verb=f"request.{target}", subject=subject_of(request), by=by, now=now, **details)


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
    """Store a decision of an approver or their delegate, bound to the hash of what they were shown; `terms` are for an
    approval with changes.
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
        verb=f"decision.{decision.get_verdict_display()}",
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
    """Return terms as rows and the record hold them."""
    return {
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "asks_mfa": terms.asks_mfa,
        "source_cidrs": list(terms.sources),
    }


@transaction.atomic
def record_grant(grant: Grant, *, by: User | str, now: datetime) -> Grant:
    """Store a new grant and say that its role has to be brought in sync."""
    grant.save(force_insert=True)
    mark_dirty(grant.role, now=now)
    append(
        verb="grant.created",
        subject=subject_of(grant.request),
        by=by,
        now=now,
        session_name=grant.session_name,
        principal=grant.principal_arn,
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        requires_mfa=grant.requires_mfa,
        source_cidrs=grant.source_cidrs,
    )
    return grant


@transaction.atomic
def record_extension(grant: Grant, request: Request, *, ends_at: datetime, by: User | str, now: datetime) -> None:
    """Move a live grant's end to the approved one; raises Conflict when the grant ended or was extended meanwhile."""
    live = Grant.objects.filter(
        pk=grant.pk, revoked_at=None, removed_at=None, ends_at=request.starts_at, ends_at__gt=now
    )
    if not live.update(ends_at=ends_at):
        raise Conflict("extended_grant_changed")
    mark_dirty(grant.role, now=now)
    for subject in (subject_of(grant.request), subject_of(request)):
        append(verb="grant.extended", subject=subject, by=by, now=now, ended_at=request.starts_at, ends_at=ends_at)


@transaction.atomic
def add_overflow_role(role: Role, *, by: User | str, now: datetime) -> None:
    """Store the overflow role of a full role; the builder makes it in AWS."""
    role.save(force_insert=True)
    append(verb="role.overflow_role_added", subject=role_subject(role), by=by, now=now, arn=role.arn)


@transaction.atomic
def record_revocation(grant: Grant, *, verb: str, reason: str, by: User, now: datetime) -> None:
    """Mark a grant as revoked and want its role brought in sync; raises Conflict when the grant is over already."""
    if (
        not Grant.objects.filter(pk=grant.pk)
        .to_end(now=now)
        .update(revoked_at=now, revoked_by=by, revoked_reason=reason)
    ):
        raise Conflict("grant_over")
    grant.refresh_from_db()
    mark_dirty(grant.role, now=now)
    record(verb=verb, subject=subject_of(grant.request), by=by, now=now, reason=reason)


def mark_dirty(role: Role, *, now: datetime) -> None:
    """Raise the role's generation: its desired state changed. Sweeps find it until the worker has applied it."""
    Role.objects.filter(pk=role.pk).update(
        generation=F("generation") + 1, waiting_since=Coalesce("waiting_since", now), retry_at=None
    )


def lock_grants(grants: Sequence[Grant]) -> None:
    """Lock these rows for the transaction and bring up to date what somebody else may have said of them meanwhile.

    The `mark_` functions want them locked: before the audit chain, as who opens a session locks both, and lest a final
    problem that came up while AWS was spoken to is written over. One grant that is applied and nothing else needs it
    not: by itself it does not deadlock, and it is updated only while no problem of its is final.
    """
    if not grants:
        return
    rows = Grant.objects.select_for_update(no_key=True).filter(pk__in=[grant.pk for grant in grants]).order_by("pk")
    found = {pk: rest for pk, *rest in rows.values_list("pk", "problem", "problem_text")}
    for grant in grants:
        grant.problem, grant.problem_text = found[grant.pk]


@transaction.atomic(savepoint=False)
def mark_applied(
    grants: Sequence[Grant], *, by: str, now: datetime, statements: Mapping[str, Any], changes: Sequence[Entry] = ()
) -> None:
    """Record that AWS was read back with the grants' statements in it; `statements` maps session names to them.

    `changes` are recorded before, in the same breath. One with a final problem is none that was given any more.
    """
    new = [grant for grant in grants if grant.applied_at is None]
    given = Grant.objects.filter(pk__in=[grant.pk for grant in new]).exclude(problem__in=FINAL_PROBLEMS)
    if new and given.update(applied_at=now, problem="", problem_text="") < len(new):
        lock_grants(new)
        new = [grant for grant in new if grant.problem not in FINAL_PROBLEMS]
    entries = [
        Entry("grant.applied", subject_of(grant.request), {"statement": statements[grant.session_name]})
        for grant in new
    ]
    record_all([*changes, *entries], by=by, now=now)


@transaction.atomic(savepoint=False)
def mark_removed(
    grants: Sequence[Grant], *, by: str, now: datetime, verdicts: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Record that AWS was read back without the grants' statements and with their Deny.

    `verdicts` maps session names to what the verifier says of the trust policy that was read back. A final problem
    stays.
    """
    new = [grant for grant in grants if grant.removed_at is None]
    _update(new, removed_at=now)
    _update([grant for grant in new if grant.problem not in FINAL_PROBLEMS], problem="", problem_text="")
    entries = [
        Entry("grant.removed", subject_of(grant.request), {"verdict": verdicts.get(grant.session_name, "")})
        for grant in new
    ]
    record_all(entries, by=by, now=now)


def _update(grants: Sequence[Grant], **facts: Any) -> None:
    if grants:
        Grant.objects.filter(pk__in=[grant.pk for grant in grants]).update(**facts)


@transaction.atomic(savepoint=False)
def mark_problem(
    grant: Grant, problem: Problem | None, sentence: str, *, in_aws: bool | None, by: str, now: datetime
) -> None:
    """Record what keeps a grant from being as it should, or that nothing does any more (None).

    `in_aws` says whether its statement was read back; None when AWS could not be read. A final problem stays.
    """
    if grant.problem in FINAL_PROBLEMS:
        return
    facts: dict[str, Any] = {"problem": problem or "", "problem_text": sentence[:1000] if problem else ""}
    if in_aws is False:
        # It is there no more, but somebody may have come in by it.
        facts |= {"applied_at": None, "written_at": grant.written_at or grant.applied_at}
    before = (grant.problem, grant.problem_text)
    Grant.objects.filter(pk=grant.pk).update(**facts)
    if before[0] != facts["problem"]:
        verb = "grant.problem" if problem else "grant.problem_gone"
        record(
            verb=verb,
            subject=subject_of(grant.request),
            by=by,
            now=now,
            problem=problem or before[0],
            sentence=sentence or before[1],
        )


def expire_overdue(*, now: datetime) -> None:
    """Settle the requests that nobody decided in time, or whose window passed."""
    for request in Request.objects.overdue(now=now).order_by("pk")[:500]:
        with contextlib.suppress(Conflict):
            settle(request, "expire", by="daypass", now=now)
