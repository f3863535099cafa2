"""What a role gets while the clocks differ: nothing that admits, and every Deny that it has.

What is revoked is still denied and removed: that depends on no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from access import aws, trust, verify
from access.lifecycle import GrantFacts, Problem, RoleFacts, is_over
from access.reconcile import plan
from access.reconcile.plan import LeftOut, Plan
from access.trust import Document

_DATE = "aws:CurrentTime"


def make_plan(
    role: RoleFacts,
    grants: tuple[GrantFacts, ...],
    seen: aws.RoleRead,
    left_out: LeftOut,
    *,
    differ: str,
    at: datetime,
    accepted: frozenset[str],
) -> Plan:
    """Return the plan for a role; `differ` says which clocks differ, and is empty while they agree.

    Raises VerifierRefused or trust.NotWritable.
    """
    if not differ:
        return plan.make_plan(role, grants, seen, left_out, at=at, accepted=accepted)
    held, held_out = hold_back(role, grants, seen, differ, at=at)
    made = plan.make_plan(role, held, seen, left_out | held_out, at=at, accepted=accepted)
    return replace(made, closing=keep_denies(made.closing, seen.closing))


def hold_back(
    role: RoleFacts, grants: Sequence[GrantFacts], seen: aws.RoleRead, sentence: str, *, at: datetime
) -> tuple[tuple[GrantFacts, ...], LeftOut]:
    """Return the grants as AWS may hold them now, and those that are left out because AWS does not hold them yet.

    None ends later than its statement and its Deny in AWS say, and one that has ended there is not written again.
    Revoked grants are as they are.
    """
    statements = {str(statement.get("Sid")): statement for statement in verify.statement_list(seen.trust)}
    held: list[GrantFacts] = []
    out: LeftOut = {}
    for grant in grants:
        statement = statements.get(grant.session_name)
        ends = [end for end in (_end_of(statement or {}), _denied_from(role, grant, seen)) if end is not None]
        end = min([grant.ends_at, *ends])
        if grant.removed_at is not None:
            grant = replace(grant, ends_at=min(grant.ends_at, at))  # noqa: PLW2901 - it stays ended, whoever is behind
        elif not is_over(grant, now=at) and (statement is None or end <= at):
            out[grant.session_name] = (Problem.CLOCK_SKEW, sentence)
        elif grant.revoked_at is None and end > at:
            grant = replace(grant, ends_at=end)  # noqa: PLW2901 - as AWS may hold it
        held.append(grant)
    return tuple(held), out


def keep_denies(closing: Document | None, present: Mapping[str, Any] | None) -> Document | None:
    """Return the expiry policy with every Deny of the present one that it would drop or move later."""
    kept = [
        statement
        for statement in verify.statement_list(present)
        if statement.get("Effect") == "Deny" and not _is_covered(statement, closing)
    ]
    if not kept:
        return closing
    return {**(closing or {"Version": trust.VERSION}), "Statement": [*verify.statement_list(closing), *kept]}


def _is_covered(statement: Mapping[str, Any], closing: Document | None) -> bool:
    """Return whether the expiry policy denies the same sessions from the same instant on, or earlier."""
    condition = statement.get("Condition")
    tests = condition.get("StringEquals", {}) if isinstance(condition, Mapping) else {}
    ids = tests.get("aws:userid") if isinstance(tests, Mapping) else None
    since = _since(statement)
    if ids is None or since is None:
        return statement in verify.statement_list(closing)
    named = ids if isinstance(ids, list) else [ids]
    return all(verify.denies(closing, user_id=str(user_id), at=since) for user_id in named)


def _denied_from(role: RoleFacts, grant: GrantFacts, seen: aws.RoleRead) -> datetime | None:
    """Return the date of the grant's earliest dated Deny in AWS."""
    user_id = f"{role.unique_id}:{grant.session_name}"
    dates = [
        since
        for statement in verify.statement_list(seen.closing)
        if user_id in _named(statement) and (since := _since(statement)) is not None and since > grant.starts_at
    ]
    return min(dates, default=None)


def _named(statement: Mapping[str, Any]) -> list[Any]:
    condition = statement.get("Condition")
    tests = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    ids = tests.get("aws:userid", []) if isinstance(tests, Mapping) else []
    return ids if isinstance(ids, list) else [ids]


def _since(statement: Mapping[str, Any]) -> datetime | None:
    """Return from when a Deny of ours is in force: always, its date, or None where that cannot be read."""
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping) or not set(condition) <= {"StringEquals", "DateGreaterThanEquals"}:
        return None
    if "DateGreaterThanEquals" not in condition:
        return datetime.fromtimestamp(0, tz=UTC)
    return _date(condition["DateGreaterThanEquals"])


def _end_of(statement: Mapping[str, Any]) -> datetime | None:
    """Return the end that a trust statement of ours has in AWS, or None where it has none that can be read."""
    condition = statement.get("Condition")
    return _date(condition.get("DateLessThan")) if isinstance(condition, Mapping) else None


def _date(test: Any) -> datetime | None:
    value = test.get(_DATE) if isinstance(test, Mapping) else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
