"""Sort the grants of a role by what the worker read back from AWS. `access.reconcile.outcome` records it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from access import aws, trust, verify
from access.lifecycle import Problem, is_over
from access.models import Grant
from access.reconcile.plan import Plan
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Found:
    """The grants whose state in AWS differs from their state in the database.

    Each of `problems` is a grant, its problem with a text (None if the problem is gone), and whether the grant is in
    AWS.
    """

    statements: Mapping[str, Any]
    applied: list[Grant] = field(default_factory=list)
    removed: list[Grant] = field(default_factory=list)
    problems: list[tuple[Grant, tuple[Problem, Text] | None, bool]] = field(default_factory=list)
    not_read_back: list[Grant] = field(default_factory=list)


def sort(rows: Sequence[Grant], plan: Plan, observed: aws.RoleSnapshot, *, settling: bool) -> Found:
    """Sort the grants according to what was read back."""
    # Grants have no Denies in the trust policy, so a Deny with the Sid of a grant is somebody else's.
    shown = [one for one in verify.statement_list(observed.trust) if one.get("Effect") != "Deny"]
    found = Found({str(statement.get("Sid")): statement for statement in shown})
    as_planned = _as_planned(plan, found.statements)
    for row, facts in zip(rows, plan.grants, strict=True):
        in_aws = facts.session_name in found.statements
        if is_over(facts, now=plan.at):
            user_id = f"{observed.unique_id}:{facts.session_name}"
            has_no_session = facts.session_name in plan.never_written or verify.denies(
                observed.expiry_policy, user_id=user_id, at=plan.at
            )
            is_gone = not in_aws and has_no_session
            if is_gone and not settling and row.removed_at is None:
                found.removed.append(row)
        elif facts.session_name in plan.left_out:
            found.problems.append((row, plan.left_out[facts.session_name], in_aws))
        elif facts.session_name in plan.not_extended and in_aws:
            found.problems.append((row, plan.not_extended[facts.session_name], True))
        elif facts.session_name not in as_planned:
            found.not_read_back.append(row)
            found.problems.append((row, (Problem.AWS_UNAVAILABLE, Text("aws_unconfirmed")), False))
        elif facts.session_name in plan.blocked:
            found.problems.append((row, (Problem.BLOCKED_BY_DENY, plan.blocked[facts.session_name]), True))
        elif row.applied_at is None:
            found.applied.append(row)
        elif row.problem:
            found.problems.append((row, None, True))
    return found


def _as_planned(plan: Plan, statements: Mapping[str, Any]) -> set[str]:
    """Return the Sids of the statements that were read back as planned, and that nobody has changed since."""
    return {
        sid
        for planned in verify.statement_list(plan.trust)
        if (sid := str(planned.get("Sid"))) in statements
        and trust.same({"Statement": [planned]}, {"Statement": [statements[sid]]})
    }
