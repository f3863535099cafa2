"""Update one role in AWS, by one worker at a time: create the role, converge it, or delete it."""

from functools import partial

import structlog

from access import skew
from access.guarding import guarded
from access.models import Role
from access.reconcile import (
    audit_gate,
    building,
    daily_refresh,
    failing,
    fallback,
    hardening,
    outage,
    stop_order,
)
from access.reconcile.attempt import converge
from access.reconcile.lease import Clock, LeaseLost, lease
from access.reconcile.writing import Writer

log = structlog.get_logger(__name__)


def role(role_id: int, *, now: Clock) -> None:
    """Bring one role in sync.

    Repeat this if its desired state changes in the meantime. Skip a role that has another worker.

    The daily reads follow after the lease is released, so that no revocation has to wait for them.
    """
    if guarded(lambda: outage.must_wait(role_id, now=now())) is True:
        log.info("role.waits_for_account", role_id=role_id)
        return
    if guarded(lambda: stop_order.must_wait(role_id, now=now())) is True:
        return
    row = _synchronize(role_id, now=now)
    if row is None:
        return
    read = guarded(lambda: daily_refresh.read_permissions(row, now=now()))
    if isinstance(read, Exception):
        failing.record_failure(row, read, now=now)


def _synchronize(role_id: int, *, now: Clock) -> Role | None:
    """Return the role.

    Return None if another worker has it, if it could not be brought in sync, or if it is not in AWS.
    """
    with lease(role_id, now=now) as held:
        while held is not None:
            row = Role.objects.select_related("account").get(pk=role_id)
            if not row.account.is_connected:
                return None
            writer = Writer.of(row, held, now=now)
            done = guarded(partial(_attend, row, writer, now=now))
            if isinstance(done, stop_order.TrustWaits):
                done = False
            # Write the Denies before recording the failure, because the recording can fail too.
            denied = guarded(partial(fallback.write, writer, done)) if isinstance(done, Exception) else None
            if isinstance(done, LeaseLost) or isinstance(denied, LeaseLost):
                log.warning("lease.lost", role=row.arn)
                return None
            if isinstance(done, Exception):
                failing.record_failure(row, done, denied=denied, now=now)
            if held.release_if_reconciled(row.state.generation):
                return row if done is True else None
    return None


def _attend(row: Role, writer: Writer, *, now: Clock) -> bool:
    """Do what the role needs: create it, bring it in sync, or delete it. Return whether the role is in AWS now."""
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
    converge(writer, now=now)
    # Do this after the trust and expiry policies: if AWS refuses permissions, grants must still end.
    # Do not change a role's permissions while a clock could be wrong.
    unchanged = Role.objects.filter(pk=row.pk, state__generation=row.state.generation)
    if row.to_update and not writer.differ and unchanged.exists():
        audit_gate.check(now=now())
        held.renew(now=now)
        building.update(row, at=now())
    hardening.carry_out(row, held, now=now)
    return True
