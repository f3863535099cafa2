"""Read a role, plan what it should have, write the difference, read it back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from access import aws, trust, verify
from access.lifecycle import GrantFacts, RoleFacts
from access.models import Grant, Role
from access.reconcile import building, daily, outcome, pace, tightening
from access.reconcile.lease import Clock, Lease, LeaseLost, lease
from access.reconcile.plan import (
    LeftOut,
    Plan,
    VerifierRefused,
    facts_of,
    kept_out,
    make_plan,
    never_in_aws,
    tightens,
    to_leave_out,
)
from access.reconcile.writing import EditedMeanwhile, Writer

log = structlog.get_logger(__name__)


def role(role_id: int, *, now: Clock) -> None:
    """Bring one role in line, again while what should be changes meanwhile; a role in other hands is left alone.

    What is read daily is read when the role is free again: no revocation waits for that.
    """
    row = _bring_in_line(role_id, now=now)
    if row is None:
        return
    try:
        daily.read_permissions(row, now=now())
    except aws.AwsError as error:
        _note_failure(row, [], error, now=now)


def _bring_in_line(role_id: int, *, now: Clock) -> Role | None:
    """Give the role, or None when it is in other hands, could not be brought in line, or is not in AWS."""
    with lease(role_id, now=now) as held:
        while held is not None:
            row, is_there = Role.objects.select_related("account").get(pk=role_id), False
            try:
                is_there = _attend(row, held, now=now)
            except LeaseLost:
                log.warning("lease.lost", role=row.arn)
                return None
            except (aws.AwsError, VerifierRefused, trust.NotWritable) as error:
                _note_failure(row, list(row.grants.in_documents(now=now())), error, now=now)
            if held.release_if_reconciled(row.generation):
                return row if is_there else None
    return None


def _note_failure(row: Role, rows: Sequence[Grant], error: Exception, *, now: Clock) -> None:
    if isinstance(error, pace.NotOurTurn):
        outcome.postponed(row, rows, error, at=now())
        return
    pace.note_throttling(row.account, error, now=now)
    outcome.failed(row, rows, error, at=now())


def _attend(row: Role, held: Lease, *, now: Clock) -> bool:
    """Do what the role needs: make it, bring it in line, or take it away; say whether it is in AWS now."""
    idle = building.is_idle_twin(row, at=now())
    if idle and not row.to_build:
        held.renew(now=now)
        building.take_away(row, at=now())
    if idle:
        building.settle_idle(row, at=now())
        return False
    if row.to_build:
        held.renew(now=now)
        building.build(row, at=now())
    _converge(row, held, now=now)
    # After the doors: permissions that AWS refuses must keep no access from ending, nor what came in meanwhile.
    if row.to_update and Role.objects.filter(pk=row.pk, generation=row.generation).exists():
        held.renew(now=now)
        building.update(row, at=now())
    tightening.carry_out(row, held, now=now)
    return True


def _converge(row: Role, held: Lease, *, now: Clock) -> None:
    first = seen = _read(row)
    at = now()
    if row.unrecorded is not None:
        outcome.count_as_sent(row, at=at)
    outcome.catch_up(row, first, at=at)
    rows = list(row.grants.in_documents(now=at))
    facts, grants = replace(row.facts(), unique_id=seen.unique_id), facts_of(rows)
    left_out: LeftOut = {}
    writer = Writer.of(row, held, first=first, now=now)
    while True:
        left_out = left_out | kept_out(grants, seen, at=at)
        try:
            plan = make_plan(facts, grants, seen, left_out, at=at)
        except (trust.NotWritable, VerifierRefused):
            _write_closing_alone(facts, grants, seen, writer, at=at)
            raise
        try:
            wrote = _write(plan, seen, writer)
            break
        except (aws.PrincipalMissing, aws.PolicyFull) as error:
            left_out = left_out | to_leave_out(plan, seen, error)
        except EditedMeanwhile:
            log.warning("role.edited_meanwhile", role=row.arn)
        seen = _read(row)
    is_changed = wrote or seen is not first
    if is_changed:
        seen = _read(row)
    try:
        held.renew(now=now)
    except LeaseLost:
        # Whoever waited for AWS may have lost the role meanwhile: then it is no longer for us to say what is so.
        if is_changed:
            outcome.overtaken(row, first, seen, at=now())
        raise
    changes = [outcome.change(row, first, seen)] if is_changed else []
    outcome.converged(row, rows, plan, seen, changes=changes, at=now())
    if is_changed:
        log.info("role.written", role=row.arn)


def _write_closing_alone(
    role: RoleFacts, grants: Sequence[GrantFacts], seen: aws.RoleRead, writer: Writer, *, at: datetime
) -> None:
    """Write the Denies although the trust policy cannot be written: no session may outlive its end for that.

    What never was in AWS gets none, and so cannot be what does not fit.
    """
    new = never_in_aws(role, grants, seen)
    entered = [grant for grant in grants if grant.session_name not in new]
    closing = trust.compile_closing_policy(role, entered, now=at)
    if trust.same(closing, seen.closing) or verify.check_closing(role, closing, entered, now=at):
        return
    writer.write_closing(closing, urgent=_is_urgent(grants))


def _read(row: Role) -> aws.RoleRead:
    return aws.read_role(reach=row.account.reach(), arn=row.arn, closing_name=trust.CLOSING_POLICY_NAME)


def _write(plan: Plan, seen: aws.RoleRead, writer: Writer) -> bool:
    """Write the documents that differ, and say whether any did.

    The closing policy comes first: no session may begin that nothing would end. Only when ends move later and nothing
    else, it comes last: a crash in between leaves the earlier Deny.
    """
    urgent, writes = _is_urgent(plan.grants), []
    if not trust.same(plan.closing, seen.closing):
        writes.append(partial(writer.write_closing, plan.closing, urgent=urgent))
    if not trust.same(plan.trust, seen.trust):
        writes.append(partial(writer.write_trust, plan.trust, before=seen.trust, urgent=urgent))
    for write in writes if tightens(plan, seen) else reversed(writes):
        write()
    return bool(writes)


def _is_urgent(grants: Sequence[GrantFacts]) -> bool:
    return any(grant.revoked_at and not grant.removed_at for grant in grants)
