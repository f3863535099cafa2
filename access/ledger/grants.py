"""Store grants: created, extended and revoked by people, and what the worker found in AWS, each with its event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from access.ledger.chain import Entry, append
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_dirty
from access.ledger.spool import record, record_all
from access.ledger.subjects import subject_of
from access.lifecycle import FINAL_PROBLEMS, Problem, is_over
from access.models import Grant, Request, User
from access.models.texts import NO_PROBLEM, problem_columns, revocation_columns
from access.rules.windows import Window
from access.texts import stored
from access.texts.text import Text


@transaction.atomic
def record_grant(grant: Grant, *, by: User | str, now: datetime) -> Grant:
    """Store a new grant, and mark its role dirty."""
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
    """Move the end of a live grant to the approved time.

    Raises Conflict if the grant has ended or was extended in the meantime.
    """
    window = request.window()
    if not isinstance(window, Window):
        raise TypeError("an extension has a chosen window")
    live = Grant.objects.filter(
        pk=grant.pk, revoked_at=None, removed_at=None, ends_at=window.starts_at, ends_at__gt=now
    )
    if not live.update(ends_at=ends_at):
        raise Conflict("extended_grant_changed")
    mark_dirty(grant.role, now=now)
    for subject in (subject_of(grant.request), subject_of(request)):
        append(verb="grant.extended", subject=subject, by=by, now=now, ended_at=window.starts_at, ends_at=ends_at)


@transaction.atomic
def record_revocation(grant: Grant, *, verb: str, reason: str | Text, by: User, now: datetime) -> None:
    """Mark a grant as revoked, and mark its role dirty; raises Conflict if the grant has already ended.

    `reason` is the text that a person entered, or a text of Daypass.
    """
    open_grant = Grant.objects.filter(pk=grant.pk).to_end(now=now)
    if not open_grant.update(revoked_at=now, revoked_by=by, **revocation_columns(reason)):
        raise Conflict("grant_over")
    grant.refresh_from_db()
    mark_dirty(grant.role, now=now)
    record(verb=verb, subject=subject_of(grant.request), by=by, now=now, **_why(reason))


def _why(reason: str | Text) -> dict[str, Any]:
    return {"reason": reason} if isinstance(reason, str) else {"text": stored.dump(reason)}


def lock_grants(grants: Sequence[Grant]) -> None:
    """Lock these rows for the transaction, and refresh the columns that somebody else may have changed in the meantime.

    The `mark_` functions need these locks, for three reasons. Code that opens a session locks a grant before the audit
    chain too. A final problem that was stored during a call to AWS must not be overwritten. An extended grant must not
    be recorded as ended. `mark_applied` needs no lock for a single grant, because it updates only grants without a
    final problem.
    """
    if not grants:
        return
    rows = Grant.objects.select_for_update(no_key=True).filter(pk__in=[grant.pk for grant in grants]).order_by("pk")
    columns = ("problem", "problem_code", "problem_facts", "ends_at", "revoked_at")
    found = {pk: rest for pk, *rest in rows.values_list("pk", *columns)}
    for grant in grants:
        for column, value in zip(columns, found[grant.pk], strict=True):
            setattr(grant, column, value)


@transaction.atomic(savepoint=False)
def mark_applied(
    grants: Sequence[Grant], *, by: str, now: datetime, statements: Mapping[str, Any], changes: Sequence[Entry] = ()
) -> None:
    """Record that AWS was read back and contains the grants' statements; `statements` maps session names to statements.

    `changes` are recorded first, in the same transaction. A grant with a final problem is not recorded as applied.
    """
    new = [grant for grant in grants if grant.applied_at is None]
    given = Grant.objects.filter(pk__in=[grant.pk for grant in new]).exclude(problem__in=FINAL_PROBLEMS)
    if new and given.update(applied_at=now, **NO_PROBLEM) < len(new):
        lock_grants(new)
        new = [grant for grant in new if grant.problem not in FINAL_PROBLEMS]
    entries = [
        Entry("grant.applied", subject_of(grant.request), {"statement": statements[grant.session_name]})
        for grant in new
    ]
    record_all([*changes, *entries], by=by, now=now)


@transaction.atomic(savepoint=False)
def mark_removed(
    grants: Sequence[Grant], *, by: str, now: datetime, verdicts: Mapping[str, Text] = MappingProxyType({})
) -> None:
    """Record that AWS was read back without the grants' statements, and with their Denies.

    `verdicts` maps session names to the verifier's result for the trust policy that was read back. A grant that is no
    longer over is left out. A final problem stays.
    """
    new = [grant for grant in grants if grant.removed_at is None and is_over(grant.facts(), now=now)]
    _update(new, removed_at=now)
    _update([grant for grant in new if grant.problem not in FINAL_PROBLEMS], **NO_PROBLEM)
    entries = [
        Entry("grant.removed", subject_of(grant.request), _verdict(verdicts.get(grant.session_name))) for grant in new
    ]
    record_all(entries, by=by, now=now)


def _verdict(text: Text | None) -> dict[str, Any]:
    return {"verdict": stored.dump(text)} if text else {}


@transaction.atomic(savepoint=False)
def mark_problem(
    grant: Grant, problem: tuple[Problem, Text] | None, *, in_aws: bool | None, by: str, now: datetime
) -> None:
    """Record the problem of a grant, or that it no longer has a problem (None).

    `in_aws` says whether its statement was read back. It is None if AWS could not be read. A final problem stays.
    """
    if grant.problem in FINAL_PROBLEMS:
        return
    facts: dict[str, Any] = problem_columns(*problem) if problem else dict(NO_PROBLEM)
    if in_aws is False:
        # The statement is gone, but somebody may have used it to start a session.
        facts |= {"applied_at": None, "written_at": grant.written_at or grant.applied_at}
    before = grant.problem, grant.problem_text
    Grant.objects.filter(pk=grant.pk).update(**facts)
    if before[0] != facts["problem"]:
        verb = "grant.problem" if problem else "grant.problem_gone"
        kind, text = problem or before
        details = {"problem": kind, "text": stored.dump(text) if text else None}
        record(verb=verb, subject=subject_of(grant.request), by=by, now=now, **details)


@transaction.atomic
def mark_refused(grant: Grant, text: Text, *, by: str, now: datetime) -> None:
    """Record that AWS refused a session; `text` contains AWS's response. Only the first refusal is recorded."""
    if Grant.objects.filter(pk=grant.pk, refused_at=None).update(refused_at=now):
        record(verb="grant.refused", subject=subject_of(grant.request), by=by, now=now, text=stored.dump(text))


@transaction.atomic
def mark_admitted(grant: Grant, *, access_key_id: str, spreading: bool, by: str, now: datetime) -> None:
    """Record that AWS issued a session. Mark the role dirty, unless the change is still `spreading` in AWS."""
    if not spreading:
        mark_dirty(grant.role, now=now)
    record(
        verb="grant.admitted_after_end",
        subject=subject_of(grant.request),
        by=by,
        now=now,
        access_key_id=access_key_id,
        spreading=spreading,
    )


def mark_written(grants: QuerySet[Grant], *, at: datetime) -> None:
    """Record that the statements of these grants may have been sent to AWS, unless this is already recorded."""
    grants.filter(written_at=None).update(written_at=at)


def _update(grants: Sequence[Grant], **facts: Any) -> None:
    if grants:
        Grant.objects.filter(pk__in=[grant.pk for grant in grants]).update(**facts)
