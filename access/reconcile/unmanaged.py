"""Record the unmanaged statements that an attempt finds in a role's policies, and what happened to them.

Nothing in this module must prevent a write to AWS. So every error is logged, and the attempt continues.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from access import aws, trust
from access.guarding import guarded
from access.ledger.unmanaged import find_statement, settle_statement
from access.lifecycle import GrantFacts, RoleFacts
from access.models import Role, UnmanagedStatement
from access.trust import Fate, Unmanaged

log = structlog.get_logger(__name__)

BY = "worker"
_Outcome = UnmanagedStatement.Outcome


def accepted(row: Role) -> frozenset[str]:
    """Return the hashes of the statements that an administrator has accepted and that are still in AWS."""
    if row.is_managed:
        return frozenset()
    rows = UnmanagedStatement.objects.open().filter(role=row, accepted_at__isnull=False)
    return frozenset(rows.values_list("sha256", flat=True))


def record_found(row: Role, found: Sequence[Unmanaged], *, at: datetime) -> None:
    """Record every statement that administrators must know about, before anything overwrites it."""
    for one in _unknown(row, [one for one in found if _is_told(row, one)]):
        facts = {"role": row.arn, "sid": one.sid, "fate": one.fate.value, "sha256": one.sha256}
        recorded = guarded(partial(find_statement, row, one, by=BY, now=at))
        if isinstance(recorded, Exception):
            # The worker can overwrite the statement although the audit log has no record of it, so log its text.
            text = one.text[: trust.TEXT_LIMIT]
            log.error("role.statement_unrecorded", **facts, statement=text, exc_info=recorded)
        elif recorded is not None:
            log.error("role.unmanaged_statement", **facts)


def record_lost(row: Role, lost: Sequence[Unmanaged], *, at: datetime) -> None:
    """Record the Denies that were left out of the expiry policy, after the policy was written without them."""
    for one in lost:
        facts = {"role": row.arn, "sid": one.sid, "fate": one.fate.value, "sha256": one.sha256}
        recorded = guarded(partial(_record_lost, row, one, at=at))
        failed = {"exc_info": recorded} if isinstance(recorded, Exception) else {}
        log.error("role.deny_without_room", **facts, statement=one.text[: trust.TEXT_LIMIT], **failed)


def _record_lost(row: Role, one: Unmanaged, *, at: datetime) -> None:
    for known in (
        UnmanagedStatement.objects.open()
        .filter(role=row, sha256=one.sha256)
        .select_related("role__account", "role__state")
    ):
        settle_statement(known, _Outcome.GONE, by=BY, now=at)
    find_statement(row, one, by=BY, now=at)


def _unknown(row: Role, found: Sequence[Unmanaged]) -> Sequence[Unmanaged]:
    """Return the statements that are not recorded yet. Return all of them if this cannot be found out."""
    if not found:
        return ()
    open_rows = UnmanagedStatement.objects.open().filter(role=row)
    known = guarded(lambda: set(open_rows.values_list("sha256", flat=True)))
    return found if isinstance(known, Exception) else [one for one in found if one.sha256 not in known]


def record_settled(
    row: Role, grants: Sequence[GrantFacts], before: Sequence[Unmanaged], observed: aws.RoleSnapshot, *, at: datetime
) -> None:
    """Record what happened to the statements found `before`, or earlier, now that the role was read back."""
    settled = guarded(partial(_settle_found, row, grants, before, observed, at=at))
    if isinstance(settled, Exception):
        log.error("role.statement_unsettled", role=row.arn, exc_info=settled)


def settle_left_over(*, now: datetime) -> None:
    """Settle what an interrupted attempt did not settle: AWS was read since, and no longer contains the statement."""
    open_rows = UnmanagedStatement.objects.open().values("role")
    read = Role.objects.filter(pk__in=open_rows, state__write_intent__isnull=True, state__observed_at__isnull=False)
    for row in read.select_related("account"):
        settled = guarded(partial(_settle_left_over, row, now=now))
        if isinstance(settled, Exception):
            log.error("role.statement_unsettled", role=row.arn, exc_info=settled)


def _settle_left_over(row: Role, *, now: datetime) -> None:
    grants = [grant.facts() for grant in row.grants.in_documents(now=now)]
    shown = _unmanaged(
        row, row.facts(), grants, row.state.observed_trust, row.state.observed_expiry_policy, hashes=accepted(row)
    )
    _settle(row, shown, at=now, found_before=row.state.observed_at)


def _settle_found(
    row: Role, grants: Sequence[GrantFacts], before: Sequence[Unmanaged], observed: aws.RoleSnapshot, *, at: datetime
) -> None:
    facts = replace(row.facts(), unique_id=observed.unique_id)
    # Whether there were any does not depend on accepted statements, so almost no attempt needs a query here.
    if before or _unmanaged(row, facts, grants, row.state.observed_trust, row.state.observed_expiry_policy):
        _settle(
            row, _unmanaged(row, facts, grants, observed.trust, observed.expiry_policy, hashes=accepted(row)), at=at
        )


def _settle(row: Role, shown: Sequence[Unmanaged], *, at: datetime, found_before: datetime | None = None) -> None:
    fates = {one.sha256: one.fate.value for one in shown}
    rows = UnmanagedStatement.objects.open().filter(role=row).select_related("role__account", "role__state")
    if found_before is not None:
        rows = rows.filter(found_at__lt=found_before)
    for one in rows:
        if fates.get(one.sha256) not in {one.kind, Fate.ACCEPTED.value}:
            settle_statement(one, _outcome(one), by=BY, now=at)
            log.info("role.statement_settled", role=row.arn, sha256=one.sha256, outcome=_outcome(one).value)


def _outcome(one: UnmanagedStatement) -> _Outcome:
    if one.accepted_at is not None:
        return _Outcome.ACCEPTED
    return _Outcome.REMOVED if one.kind in {one.Kind.REMOVED, one.Kind.NO_ROOM} else _Outcome.GONE


def _unmanaged(
    row: Role,
    facts: RoleFacts,
    grants: Sequence[GrantFacts],
    shown: Mapping[str, Any] | None,
    expiry_policy: Mapping[str, Any] | None,
    *,
    hashes: frozenset[str] = frozenset(),
) -> tuple[Unmanaged, ...]:
    """Return the unmanaged statements of both policies; `hashes` are the hashes of the accepted statements."""
    former = row.grants.former(expiry_policy, role=facts, beside=grants)
    known = former | {grant.session_name for grant in grants}
    return (
        *trust.unmanaged(shown, grants, managed=row.is_managed, accepted=hashes),
        *trust.unmanaged_in_expiry(facts, expiry_policy, known=known),
    )


def _is_told(row: Role, one: Unmanaged) -> bool:
    """Return whether administrators must know about a statement.

    The first statements of an imported role are its owner's.

    A Deny that was added to an imported role after the role was last read is reported too, because it can block grants.
    """
    if one.fate is not Fate.DENY:
        return one.fate in {Fate.REMOVED, Fate.HELD}
    is_new = row.state.observed_trust is not None and one.sha256 not in trust.hashes(row.state.observed_trust)
    return row.is_managed or one.in_expiry or is_new
