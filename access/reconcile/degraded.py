"""The plan for a role while clocks differ or the audit log accepts no entries: no new access, and no Deny removed.

Revoked grants are still denied and removed, because that depends neither on the clocks nor on the audit log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access import aws, verify
from access.ledger.chaining import takes_events
from access.lifecycle import GrantFacts, Problem, RoleFacts, is_over
from access.reconcile import plan
from access.reconcile.denies import date_of, denied_from, keep_denies
from access.reconcile.plan import LeftOut, Plan
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Held:
    """The grants as they can be in AWS now.

    `new` names those that are not in AWS, `shorter` those that end earlier there.
    """

    grants: tuple[GrantFacts, ...]
    new: frozenset[str]
    shorter: frozenset[str]


def make_plan(
    role: RoleFacts,
    grants: tuple[GrantFacts, ...],
    observed: aws.RoleSnapshot,
    left_out: LeftOut,
    *,
    differ: Text | None,
    at: datetime,
    accepted: frozenset[str],
    former: frozenset[str] = frozenset(),
    ends_first: bool = False,
) -> Plan:
    """Return the plan for a role; `differ` says which clocks differ, and is None while they agree.

    The audit log is asked only if the plan would admit somebody, because the answer can take seconds. If `ends_first`
    is true and a grant must urgently be denied or removed, the plan admits nobody and has `is_partial`. The caller
    writes this plan first, and then makes the next one. Raises VerifierRefused or trust.NotWritable.
    """
    held = hold_back(role, grants, observed, at=at)
    admits = bool(held.new or held.shorter)
    is_partial = admits and not differ and ends_first and _is_urgent(role, grants, observed, at=at)
    if differ:
        problem, new, longer = Problem.CLOCK_SKEW, differ, Text("not_extended_clocks_apart")
    elif admits and (is_partial or not takes_events(now=at)):
        problem, new = Problem.AUDIT_UNAVAILABLE, Text("audit_log_unavailable")
        longer = new
    else:
        return plan.make_plan(role, grants, observed, left_out, at=at, accepted=accepted, former=former)
    out = dict.fromkeys(held.new, (problem, new)) | left_out
    made = plan.make_plan(role, held.grants, observed, out, at=at, accepted=accepted, former=former)
    not_extended = dict.fromkeys(held.shorter, (problem, longer))
    return replace(
        made,
        expiry_policy=keep_denies(made.expiry_policy, observed.expiry_policy),
        not_extended=not_extended,
        is_partial=is_partial,
    )


def _is_urgent(role: RoleFacts, grants: Sequence[GrantFacts], observed: aws.RoleSnapshot, *, at: datetime) -> bool:
    """Return whether AWS does not deny an ended grant yet, or still has the statement of a revoked grant.

    A grant that was never in AWS is not urgent: it can have no session, so its Deny is written with everything else.
    """
    statements = {str(statement.get("Sid")) for statement in verify.statement_list(observed.trust)}
    new = plan.never_in_aws(role, grants, observed)
    return any(
        (grant.revoked_at is not None and grant.session_name in statements)
        or not verify.denies(observed.expiry_policy, user_id=f"{role.unique_id}:{grant.session_name}", at=at)
        for grant in grants
        if is_over(grant, now=at) and grant.session_name not in new
    )


def hold_back(role: RoleFacts, grants: Sequence[GrantFacts], observed: aws.RoleSnapshot, *, at: datetime) -> Held:
    """Return the grants as they can be in AWS now.

    No grant ends later than its statement and its Deny in AWS say. A grant that has ended in AWS is not written again.
    Revoked grants are unchanged.
    """
    statements = {str(statement.get("Sid")): statement for statement in verify.statement_list(observed.trust)}
    held: list[GrantFacts] = []
    new: set[str] = set()
    for grant in grants:
        statement = statements.get(grant.session_name)
        ends = [end for end in (_end_of(statement or {}), _denied_from(role, grant, observed)) if end is not None]
        end = min([grant.ends_at, *ends])
        if grant.removed_at is not None:
            grant = replace(grant, ends_at=min(grant.ends_at, at))  # noqa: PLW2901 - it stays ended on any clock
        elif not is_over(grant, now=at) and (statement is None or end <= at):
            new.add(grant.session_name)
        elif grant.revoked_at is None and end > at:
            grant = replace(grant, ends_at=end)  # noqa: PLW2901 - as AWS may hold it
        held.append(grant)
    open_ends = {grant.session_name: grant.ends_at for grant in grants if grant.removed_at is None}
    shorter = {one.session_name for one in held if one.ends_at < open_ends.get(one.session_name, one.ends_at)}
    return Held(tuple(held), frozenset(new), frozenset(shorter))


def _denied_from(role: RoleFacts, grant: GrantFacts, observed: aws.RoleSnapshot) -> datetime | None:
    """Return the date of the grant's earliest dated Deny in AWS."""
    user_id = f"{role.unique_id}:{grant.session_name}"
    dates = [
        since
        for since in denied_from(user_id, verify.statement_list(observed.expiry_policy))
        if since > grant.starts_at
    ]
    return min(dates, default=None)


def _end_of(statement: Mapping[str, Any]) -> datetime | None:
    """Return the end date in a grant's statement in AWS, or None if the statement has no readable end date."""
    condition = statement.get("Condition")
    return date_of(condition.get("DateLessThan")) if isinstance(condition, Mapping) else None
