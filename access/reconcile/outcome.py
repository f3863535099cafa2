"""Record what the worker read back from AWS: on the grants, on the role and in the audit chain."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from access import aws, pauses, trust, verify
from access.guarding import guarded
from access.ledger.chain import Entry
from access.ledger.grants import lock_grants, mark_applied, mark_problem, mark_removed, mark_written
from access.ledger.role_states import discard_write_intent, store_unique_id, store_write_intent, update_state
from access.ledger.spool import record, record_all
from access.ledger.subjects import role_subject
from access.lifecycle import GrantFacts, Problem, is_over
from access.models import Grant, Role
from access.models.texts import NO_PROBLEM, problem_columns
from access.reconcile import rate_limit
from access.reconcile.lease import longest_settling
from access.reconcile.plan import Plan, lacks_deny
from access.reconcile.sorting import Found, sort
from access.reconcile.wording import text_of
from access.texts import stored
from access.texts.text import Text

log = structlog.get_logger(__name__)

BY = "worker"
LONGEST_PAUSE = 60.0  # seconds between two attempts at a role that fails

# Problems of a single grant that can disappear without any change by Daypass.
_TRIED_AGAIN = frozenset({Problem.PRINCIPAL_MISSING, Problem.POLICY_FULL, Problem.AUDIT_UNAVAILABLE})


def write_event(row: Role, before: aws.RoleSnapshot, after: aws.RoleSnapshot) -> Entry:
    """Return the audit record of a write: both documents as they were before it, and as they were read back."""
    documents = {
        "trust_before": before.trust,
        "trust_after": after.trust,
        "expiry_policy_before": before.expiry_policy,
        "expiry_policy_after": after.expiry_policy,
    }
    return Entry("role.written", role_subject(row), documents)


def record_write_intent(row: Role, before: aws.RoleSnapshot, *, holder: str) -> bool:
    """Store the documents that will be overwritten, so that the next attempt can recover the write after a crash.

    Return whether they were stored: there was no earlier write intent, and `holder` has the role's lease.
    """
    documents = {"trust": before.trust, "expiry_policy": before.expiry_policy}
    return store_write_intent(row, documents, unique_id=before.unique_id, holder=holder)


def count_as_written(row: Role, *, at: datetime) -> None:
    """Mark every statement as possibly sent: an attempt stored a write intent, but not the result of the write."""
    mark_written(Grant.objects.filter(role=row, applied_at=None, removed_at=None), at=at)


@transaction.atomic
def recover(row: Role, observed: aws.RoleSnapshot, *, at: datetime) -> None:
    """Record what an earlier attempt wrote but did not record. A write that AWS does not show may still take effect."""
    if row.state.write_intent is None:
        return
    before = replace(
        observed, trust=row.state.write_intent["trust"], expiry_policy=row.state.write_intent["expiry_policy"]
    )
    if _are_same(before, observed):
        return
    row.state.write_intent = None
    if discard_write_intent(row):
        record_all([write_event(row, before, observed)], by=BY, now=at)
        log.info("role.written", role=row.arn)


def _are_same(one: aws.RoleSnapshot, other: aws.RoleSnapshot) -> bool:
    return trust.same(one.trust, other.trust) and trust.same(one.expiry_policy, other.expiry_policy)


@transaction.atomic
def superseded(row: Role, before: aws.RoleSnapshot, after: aws.RoleSnapshot, *, at: datetime) -> None:
    """Record only the write to a role that another worker has taken over, unless that worker has recorded it."""
    there = Role.objects.lock().get(pk=row.pk)
    last = replace(after, trust=there.state.observed_trust or {}, expiry_policy=there.state.observed_expiry_policy)
    if there.state.write_intent is None and _are_same(last, after):
        return
    discard_write_intent(row)
    count_as_written(row, at=at)
    record_all([write_event(row, before, after)], by=BY, now=at)
    log.info("role.written", role=row.arn)


@transaction.atomic(savepoint=False)
def converged(
    row: Role,
    rows: Sequence[Grant],
    plan: Plan,
    observed: aws.RoleSnapshot,
    *,
    changes: Sequence[Entry],
    at: datetime,
) -> None:
    """Record the state of every grant as read from AWS at `at`, and when the role must be read again.

    Whether a grant is over was decided for the time of the plan. This time is used here too. `changes` are the writes.
    """
    settling = pauses.holds(row.state.settle_until, longest=longest_settling(), now=plan.at)
    found = sort(rows, plan, observed, settling=settling)
    # Lock the role, then its grants, then the audit chain, as always, so that there are no deadlocks.
    store_unique_id(row, observed.unique_id)
    update_state(
        row,
        **_progress(row, found, plan, observed, at=at),
        settle_until=row.state.settle_until if settling else None,
        write_intent=row.state.write_intent if settling and not changes else None,
        observed_trust=observed.trust,
        observed_expiry_policy=observed.expiry_policy,
        observed_at=at,
    )
    _record_grants(found, plan, observed, changes=changes, at=at)
    _record_orphaned(row, plan, at=at)


def _progress(row: Role, found: Found, plan: Plan, observed: aws.RoleSnapshot, *, at: datetime) -> dict[str, Any]:
    """Return the values of a role's columns about its progress, and when the role must be read again."""
    is_as_planned = trust.same(plan.trust, observed.trust) and trust.same(plan.expiry_policy, observed.expiry_policy)
    in_sync = is_as_planned and not lacks_deny(plan, observed)
    problems = {problem[0] for _, problem, _ in found.problems if problem}
    failures = 0 if in_sync and not problems & _TRIED_AGAIN else row.state.failures + 1
    # Each sweep checks the roles that wait because of a wrong clock, and continues as soon as the clocks agree.
    is_held_back = Problem.CLOCK_SKEW in problems
    return {
        "reconciled_at": at,
        "reconciled_generation": row.state.generation if in_sync else row.state.reconciled_generation,
        "waiting_since": None if in_sync else row.state.waiting_since,
        "next_change_at": at if is_held_back else _soonest(plan, removed=found.removed, at=at),
        "failures": failures,
        "retry_at": _pause_until(failures, at=at),
        **NO_PROBLEM,
    }


def failed(row: Role, rows: Sequence[Grant], error: Exception, *, at: datetime) -> None:
    """Record on the role, and on every grant that waits for it, why the role could not be brought in sync."""
    problem, text = text_of(error)
    with transaction.atomic():
        Role.objects.lock().get(pk=row.pk)
        _tell_waiting(rows, (problem, text), at=at)
        if row.state.problem != problem:
            details = {"problem": problem, "text": stored.dump(text)}
            record(verb="role.problem", subject=role_subject(row), by=BY, now=at, **details)
        update_state(
            row,
            failures=row.state.failures + 1,
            retry_at=_pause_until(row.state.failures + 1, at=at),
            **problem_columns(problem, text),
        )
    log.warning("reconcile.failed", role=row.arn, problem=str(problem), reason=str(text), tries=row.state.failures + 1)


def count_failure(row: Role, error: Exception, *, at: datetime) -> None:
    """Record the failure only on the role, if the complete result cannot be recorded."""
    update_state(
        row,
        failures=row.state.failures + 1,
        retry_at=_pause_until(row.state.failures + 1, at=at),
        **problem_columns(*text_of(error)),
    )


def postponed(row: Role, rows: Sequence[Grant], error: rate_limit.RateLimited, *, at: datetime) -> None:
    """Record on every grant that waits for the role that the rate limit allowed no write. This is not a failure."""
    with transaction.atomic():
        Role.objects.lock().get(pk=row.pk)
        _tell_waiting(rows, (Problem.AWS_THROTTLED, error.text), at=at)
        update_state(row, retry_at=_pause_until(1, at=at))
    log.info("reconcile.postponed", role=row.arn)


def _tell_waiting(rows: Sequence[Grant], problem: tuple[Problem, Text], *, at: datetime) -> None:
    waiting = [grant for grant in rows if grant.removed_at is None]
    lock_grants(waiting)
    for grant in waiting:
        settled = grant.applied_at is not None and not is_over(grant.facts(), now=at)
        if problem[0] is Problem.ROLE_MISSING:
            mark_problem(grant, problem, in_aws=False, by=BY, now=at)
        elif not settled:
            mark_problem(grant, problem, in_aws=None, by=BY, now=at)


def _record_grants(
    found: Found, plan: Plan, observed: aws.RoleSnapshot, *, changes: Sequence[Entry], at: datetime
) -> None:
    """Record the state of each grant: its problem, that it is in AWS, or that it was removed."""
    others = [*found.removed, *(grant for grant, *_ in found.problems)]
    if others or len(found.applied) > 1:
        lock_grants([*found.applied, *others])
    for grant, problem, in_aws in found.problems:
        mark_problem(grant, problem, in_aws=in_aws, by=BY, now=at)
    # The worker sent the statement, so somebody could have used it, even if AWS never shows it.
    blocked = [grant for grant, problem, _ in found.problems if problem and problem[0] is Problem.BLOCKED_BY_DENY]
    unseen = [grant.pk for grant in (*found.not_read_back, *blocked)]
    if unseen:
        mark_written(Grant.objects.filter(pk__in=unseen), at=at)
    if found.applied or changes:
        mark_applied(found.applied, by=BY, now=at, statements=found.statements, changes=changes)
    if found.removed:
        # This is only the verifier's result for the trust policy that was read back. Nobody tries to assume the role.
        verdicts = {grant.session_name: _verdict(observed, grant, at=plan.at) for grant in plan.grants}
        mark_removed(found.removed, by=BY, now=at, verdicts=verdicts)


def _verdict(observed: aws.RoleSnapshot, grant: GrantFacts, *, at: datetime) -> Text:
    said = guarded(partial(verify.explain_admission, observed.trust, grant, at=at))
    return Text("trust_policy_undecided") if isinstance(said, Exception) else said


def _record_orphaned(row: Role, plan: Plan, *, at: datetime) -> None:
    """Record orphaned statements, and IDs of deleted principals in unmanaged statements, once each."""
    observed_before = verify.statement_list(row.state.observed_trust)
    for orphaned in plan.compiled.orphaned:
        if orphaned not in observed_before or row.is_managed:
            record(verb="role.orphaned_statement", subject=role_subject(row), by=BY, now=at, statement=orphaned)
            log.error("role.orphaned_statement", role=row.arn, sid=orphaned.get("Sid"))
    if plan.compiled.deleted_principal_ids:
        record(
            verb="role.deleted_principals",
            subject=role_subject(row),
            by=BY,
            now=at,
            ids=list(plan.compiled.deleted_principal_ids),
        )
        log.error("role.deleted_principals", role=row.arn, ids=list(plan.compiled.deleted_principal_ids))


def _soonest(plan: Plan, *, removed: Sequence[Grant], at: datetime) -> datetime | None:
    """Return the next time after the plan's at which the documents, or the effect of an unmanaged Deny, must change."""
    grants, known = plan.grants, frozenset(grant.session_name for grant in plan.grants)
    others = verify.next_date(plan.trust, known=known, at=plan.at) if plan.compiled.unmanaged else None
    gone = {grant.session_name: at for grant in removed}
    ends = [grant.ends_at for grant in grants if not is_over(grant, now=plan.at)]
    removals = [(g.ends_at, g.removed_at or gone.get(g.session_name)) for g in grants]
    kept = [max(ends_at, removed_at) + trust.KEEP_AFTER_END for ends_at, removed_at in removals if removed_at]
    dates = [*ends, *kept, *([others] if others else [])]
    return min((change for change in dates if change > plan.at), default=None)


def _pause_until(failures: int, *, at: datetime) -> datetime | None:
    """Return when to try again: after 1 s, 2 s, 4 s … up to a minute, with a random part, so that roles spread out."""
    if not failures:
        return None
    pause = min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10))
    return at + timedelta(seconds=pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads load, hides nothing
