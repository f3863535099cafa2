"""Read a role, plan what it should have, write the difference, read it back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from access import aws, skew, trust
from access.guarding import guarded
from access.lifecycle import GrantFacts, RoleFacts, is_over
from access.models import Role
from access.reconcile import (
    audit_gate,
    building,
    daily_refresh,
    degraded,
    failing,
    fallback,
    hardening,
    outcome,
    rate_limit,
    unmanaged,
)
from access.reconcile.lease import Clock, LeaseLost, lease
from access.reconcile.plan import (
    LeftOut,
    Plan,
    check_decided,
    facts_of,
    kept_out,
    lacks_deny,
    restricts,
    to_leave_out,
)
from access.reconcile.writing import EditedMeanwhile, Writer

log = structlog.get_logger(__name__)


def role(role_id: int, *, now: Clock) -> None:
    """Bring one role in sync, again while what should be changes meanwhile; a role in other hands is left alone.

    What is read daily is read when the role is free again: no revocation waits for that.
    """
    row = _synchronize(role_id, now=now)
    if row is None:
        return
    read = guarded(lambda: daily_refresh.read_permissions(row, now=now()))
    if isinstance(read, Exception):
        failing.record_failure(row, read, now=now)


def _synchronize(role_id: int, *, now: Clock) -> Role | None:
    """Return the role, or None when it is in other hands, could not be brought in sync, or is not in AWS."""
    with lease(role_id, now=now) as held:
        while held is not None:
            row = Role.objects.select_related("account").get(pk=role_id)
            writer = Writer.of(row, held, now=now)
            done = guarded(partial(_attend, row, writer, now=now))
            # The Denies come before the record of the failure: that may fail as well.
            denied = guarded(partial(fallback.write, writer, done)) if isinstance(done, Exception) else None
            if isinstance(done, LeaseLost) or isinstance(denied, LeaseLost):
                log.warning("lease.lost", role=row.arn)
                return None
            if isinstance(done, Exception):
                failing.record_failure(row, done, denied=denied, now=now)
            if held.release_if_reconciled(row.generation):
                return row if done is True else None
    return None


def _attend(row: Role, writer: Writer, *, now: Clock) -> bool:
    """Do what the role needs: make it, bring it in sync, or take it away; say whether it is in AWS now."""
    held, idle = writer.held, building.is_idle_overflow_role(row, at=skew.earliest(now()))
    if idle and not row.to_build:
        held.renew(now=now)
        building.take_away(row, at=now())
    if idle:
        building.settle_idle(row, at=now())
        return False
    if row.to_build:
        audit_gate.check(now=now())
        held.renew(now=now)
        building.build(row, at=now())
    _converge(row, writer, now=now)
    # After trust and expiry policies: permissions that AWS refuses must not keep a grant from ending.
    if row.to_update and Role.objects.filter(pk=row.pk, generation=row.generation).exists():
        audit_gate.check(now=now())
        held.renew(now=now)
        building.update(row, at=now())
    hardening.carry_out(row, held, now=now)
    return True


def _converge(row: Role, writer: Writer, *, now: Clock) -> None:
    first = observed = writer.read()
    writer.differ = skew.found(now=now(), needs_aws=True)
    at = skew.earliest(now()) if writer.differ else now()
    if row.write_intent is not None:
        outcome.count_as_written(row, at=at)
    outcome.recover(row, first, at=at)
    rows = list(row.grants.in_documents(now=at))
    facts, grants = replace(row.facts(), unique_id=observed.unique_id), facts_of(rows)
    writer.grants = grants
    plan, observed, wrote = _write_as_planned(row, writer, facts, observed, at=at)
    is_changed = wrote or observed is not first
    if is_changed:
        observed = writer.read()
    _keep_lease(row, writer, first, observed, is_changed=is_changed, now=now)
    changes = [outcome.write_event(row, first, observed)] if is_changed else []
    outcome.converged(row, rows, plan, observed, changes=changes, at=now())
    writer.has_intent = False
    unmanaged.record_settled(row, grants, plan.unmanaged, observed, at=now())
    if is_changed:
        log.info("role.written", role=row.arn)
    check_decided(plan)


def _write_as_planned(
    row: Role, writer: Writer, facts: RoleFacts, observed: aws.RoleSnapshot, *, at: datetime
) -> tuple[Plan, aws.RoleSnapshot, bool]:
    """Plan and write until AWS has taken a whole plan; return it, the role as it was read last, and whether it wrote.

    A grant that IAM refuses is left out, and a role that somebody edited meanwhile is read again.
    """
    grants = writer.grants or ()
    left_out: LeftOut = {}
    accepted, wrote, ends_first = unmanaged.accepted(row), False, True
    while True:
        former = row.grants.former(observed.expiry_policy, role=facts, beside=grants)
        left_out = left_out | kept_out(grants, observed, managed=row.is_managed, at=at)
        plan = degraded.make_plan(
            facts,
            grants,
            observed,
            left_out,
            differ=writer.differ,
            at=at,
            accepted=accepted,
            former=former,
            ends_first=ends_first,
        )
        try:
            wrote = _write(plan, observed, writer) or wrote
            if not plan.is_partial:
                return plan, observed, wrote
            ends_first = False
        except (aws.PrincipalMissing, aws.PolicyFull) as error:
            left_out = left_out | to_leave_out(plan, observed, error)
        except EditedMeanwhile:
            log.warning("role.edited_meanwhile", role=row.arn)
        observed = writer.read()


def _keep_lease(
    row: Role, writer: Writer, first: aws.RoleSnapshot, observed: aws.RoleSnapshot, *, is_changed: bool, now: Clock
) -> None:
    """Raise LeaseLost when the role was lost to somebody else while AWS was waited for, and record what was written."""
    try:
        writer.held.renew(now=now)
    except LeaseLost:
        # Then it is no longer for us to say what is so.
        if is_changed:
            outcome.superseded(row, first, observed, at=now())
        raise


def _write(plan: Plan, observed: aws.RoleSnapshot, writer: Writer) -> bool:
    """Write the documents that differ, and return whether any did.

    The expiry policy comes first: no session may begin that nothing would end. Only when ends move later and nothing
    else, it comes last: a crash in between leaves the earlier Deny. What is written over goes on record before it is,
    but no Deny waits for that: the audit log may take seconds to answer.
    """
    denies_more = restricts(plan, observed)
    writes = _writes(plan, observed, writer, denies_more=denies_more)
    before_record = writes[:1] if denies_more else []
    try:
        for write in before_record:
            write()
    finally:
        unmanaged.record_found(writer.row, plan.unmanaged, at=plan.at)
    for write in writes[1:] if denies_more else reversed(writes):
        write()
    return bool(writes)


def _writes(plan: Plan, observed: aws.RoleSnapshot, writer: Writer, *, denies_more: bool) -> list[Callable[[], object]]:
    """Return the writes that are needed, that of the expiry policy first."""
    urgent, writes = _is_urgent(plan.grants), list[Callable[[], object]]()
    if not trust.same(plan.expiry_policy, observed.expiry_policy) or lacks_deny(plan, observed):
        write = (
            partial(_write_denies, plan, observed, writer)
            if denies_more
            else partial(writer.write_expiry_policy, plan.expiry_policy)
        )
        writes.append(partial(write, urgent=urgent))
    if not trust.same(plan.trust, observed.trust):
        takes_away = trust.only_takes_away(plan.trust, observed.trust)
        writes.append(
            partial(writer.write_trust, plan.trust, before=observed.trust, urgent=urgent, takes_away=takes_away)
        )
    return writes


def _write_denies(plan: Plan, observed: aws.RoleSnapshot, writer: Writer, *, urgent: bool) -> None:
    """Write the expiry policy; raises what that fails with, after what is over has left the trust policy.

    Nothing newly admits then: what does is written only after its Deny.
    """
    failure = guarded(partial(writer.write_expiry_policy, plan.expiry_policy, urgent=urgent, takes_away=True))
    if not isinstance(failure, Exception):
        return
    if not isinstance(failure, LeaseLost | rate_limit.RateLimited):
        left = _left_of(plan, observed)
        if not trust.same(left, observed.trust):
            write = partial(writer.write_trust, left, before=observed.trust, urgent=urgent, takes_away=True)
            log.warning("role.removed_before_deny", role=observed.arn, failure=repr(guarded(write)))
    raise failure


def _left_of(plan: Plan, observed: aws.RoleSnapshot) -> trust.Document:
    """Return the trust policy without what has to go, and with nothing that admits anybody new."""
    if trust.only_takes_away(plan.trust, observed.trust):
        return plan.trust
    return trust.without(observed.trust, [grant.session_name for grant in plan.grants if is_over(grant, now=plan.at)])


def _is_urgent(grants: Sequence[GrantFacts]) -> bool:
    return any(grant.revoked_at and not grant.removed_at for grant in grants)
