"""R01, R16: the worker dies, or is asked to end, at every step; what people decided comes true all the same."""

import os
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from access.models import Role
from tests.faults.approvals import Approval
from tests.faults.counts import times
from tests.faults.environment import WORKERS, Environment, wait_until
from tests.faults.proxy import Mode
from tests.faults.tenant import Tenant

HOLD = 1.4  # seconds that a call to AWS is held; less than the worker's own patience
ROUNDS = range(times(1, 100))
WRITES_OF_A_GRANT = ["PutRolePolicy", "UpdateAssumeRolePolicy"]
# The calls on the way to a step, one after the other; AWS holds the last of them, and the worker dies meanwhile.
STEPS = {
    "before it reads the role": [("GetRole", "slow")],
    "after it has read the trust policy": [("GetRolePolicy", "slow")],
    "while the expiry policy is on its way": [("PutRolePolicy", "slow")],
    "before it hears that the expiry policy is written": [("PutRolePolicy", "lost")],
    "after its last look": [("PutRolePolicy", "slow"), ("GetRole", "slow")],
    "while the trust policy is on its way": [("UpdateAssumeRolePolicy", "slow")],
    "before it hears that the trust policy is written": [("UpdateAssumeRolePolicy", "lost")],
    "before it reads back": [("UpdateAssumeRolePolicy", "slow"), ("GetRole", "slow")],
}
OF_A_REVOCATION = list(STEPS)[1 :: times(3, 1)]
AT_ONCE = 2  # roles that the worker is at when it is killed, each at another step: so many slots it has
REVOKED_AT_ONCE = 3  # and one more of the worker for revocations


@dataclass(frozen=True)
class Death:
    """What was decided when the worker died, when it was up again, and until when it had the role's lease."""

    role: Role
    approval: Approval
    at: datetime
    leased_until: datetime | None


@pytest.mark.parametrize("round_", ROUNDS)
def test_decisions_take_effect_at_whichever_step_the_worker_is_killed(tenant: Tenant, round_: int) -> None:
    # The revocations wait longest for what a dead worker may have sent, so they come first.
    revoked, deaths = _revoked_at_every_step(tenant), _given_at_every_step(tenant)
    for step, death in deaths.items():
        tenant.await_state(death.approval, "active")
        assert sweeps_after(death, tenant, last=max(each.at for each in deaths.values())) <= 2, step
        assert tenant.is_admitted(death.approval), step
    for step in ("before it reads back", "before it acknowledges the message"):
        assert _writes(tenant, deaths[step].role) == WRITES_OF_A_GRANT, step
    for step, approval in revoked.items():
        tenant.await_state(approval, "ended")
        assert not tenant.is_admitted(approval), step
        assert not tenant.can_upload(approval), step


def test_a_task_that_runs_five_times_writes_once(tenant: Tenant) -> None:
    role = tenant.role()
    tenant.env.kill("beat")
    approval = tenant.create_grant(role)
    for _ in range(5):
        tenant.enqueue(role)
    tenant.await_state(approval, "active")
    wait_until(lambda: tenant.env.redis().llen("default") == 0, "an empty queue")
    assert _writes(tenant, role) == WRITES_OF_A_GRANT


@pytest.mark.parametrize("round_", range(times(1, 100)))
def test_a_worker_that_is_asked_to_end_finishes_its_task(tenant: Tenant, round_: int) -> None:
    role, env = tenant.role(), tenant.env
    # Well below the worker's own patience: a write that it gives up is not finished.
    fault = env.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=0.5, times=1, role=role.name)
    approval = tenant.create_grant(role)
    env.await_met(fault)
    for name in WORKERS:
        env.stack[name].terminate()
    wait_until(lambda: not any(env.stack[name].is_running for name in WORKERS), "both are gone", seconds=30)
    assert [env.stack[name].exit_code for name in WORKERS] == [0, 0]
    assert tenant.state(approval) in {"active", "scheduled"}
    assert not Role.objects.get(pk=role.pk).state.lease_holder


def crash(env: Environment, *names: str) -> None:
    """Kill these workers and start them again, as a supervisor does."""
    env.kill(*names)
    env.start(*names)


def lease_end(role: Role) -> datetime | None:
    """Return until when somebody has the role's lease."""
    return Role.objects.get(pk=role.pk).state.leased_until


def sweeps_after(death: Death, tenant: Tenant, *, last: datetime) -> int:
    """Count the sweeps until somebody was at the role again, once the dead worker's lease was over and nobody was
    killed any more.
    """
    death.approval.grant.refresh_from_db()
    since = max(death.leased_until or death.at, last)
    looked = tenant.book.first_look(death.role.name, since=since)
    assert death.approval.grant.applied_at is not None
    return tenant.env.sweeps(since=since, until=min(looked, death.approval.grant.applied_at))


def _revoked_at_every_step(tenant: Tenant) -> dict[str, Approval]:
    """Kill both workers in the middle of revocations of contractors who are in."""
    roles = {step: tenant.role() for step in OF_A_REVOCATION}
    approvals = {step: tenant.create_grant(role) for step, role in roles.items()}
    tenant.settle()
    for approval in approvals.values():
        assert tenant.is_admitted(approval)
    for steps in _together(OF_A_REVOCATION, REVOKED_AT_ONCE):
        held = [_hold(tenant, roles[step], step) for step in steps]
        for step in steps:
            tenant.revoke(approvals[step])
        _await_met(tenant, held)
        crash(tenant.env, *WORKERS)
    return approvals


def _given_at_every_step(tenant: Tenant) -> dict[str, Death]:
    """Kill the worker in the middle of grants."""
    deaths: dict[str, Death] = {}
    for steps in _together(list(STEPS), AT_ONCE):
        roles = [tenant.role() for _ in steps]
        held = [_hold(tenant, role, step) for role, step in zip(roles, steps, strict=True)]
        approvals = [tenant.create_grant(role) for role in roles]
        _await_met(tenant, held)
        tenant.env.kill("worker")
        ends = [lease_end(role) for role in roles]
        tenant.env.start("worker")
        at = timezone.now()
        for step, role, approval, end in zip(steps, roles, approvals, ends, strict=True):
            deaths[step] = Death(role, approval, at, end)
    return deaths | _given_before_and_after_all_steps(tenant)


def _together(steps: list[str], count: int) -> list[list[str]]:
    return [steps[first : first + count] for first in range(0, len(steps), count)]


def _hold(tenant: Tenant, role: Role, step: str) -> dict[str, Any]:
    """Have AWS hold the last call of the step."""
    aws, (*before, (action, kind)) = tenant.env.aws, STEPS[step]
    after: dict[str, int] = {}
    for earlier, _ in before:
        after = {"after": aws.fault(earlier, "slow", times=1, role=role.name, **after)["id"]}
    return aws.fault(action, kind, seconds=HOLD, times=1, role=role.name, **after)


def _await_met(tenant: Tenant, held: list[dict[str, Any]]) -> None:
    """Return while AWS holds all these calls."""
    for fault in held:
        tenant.env.await_met(fault)


def _given_before_and_after_all_steps(tenant: Tenant) -> dict[str, Death]:
    """Kill the worker while it waits for one role, whose row somebody else has locked, and is done with another one,
    which is committed, but the queue does not hear of it.
    """
    env, wanted, done = tenant.env, tenant.role(), tenant.role()
    # It takes no message while its head process is paused; the whole of it might keep rows locked that others wait for.
    os.kill(env.stack["worker"].pid, signal.SIGSTOP)
    held = _hold(tenant, done, "before it reads back")
    approvals = [tenant.create_grant(role) for role in (wanted, done)]
    with transaction.atomic():
        Role.objects.lock().get(pk=wanted.pk)
        os.kill(env.stack["worker"].pid, signal.SIGCONT)
        _await_met(tenant, [held])
        env.proxy.cut(Mode.SWALLOW)
        tenant.await_state(approvals[1], "active")
        wait_until(_somebody_waits_for_us, "the worker wants the role", pause=0.02)
        env.kill("worker")
    ends = [lease_end(role) for role in (wanted, done)]
    assert _is_unacknowledged(env, done)
    env.proxy.cut(Mode.RESET)
    env.proxy.cut(Mode.PASS)
    env.start("worker")
    at = timezone.now()
    return {
        "before it has the role": Death(wanted, approvals[0], at, ends[0]),
        "before it acknowledges the message": Death(done, approvals[1], at, ends[1]),
    }


def _is_unacknowledged(env: Environment, role: Role) -> bool:
    """Return whether the queue still keeps a message about the role for the worker that took it."""
    return any(f"({role.pk},)" in str(message) for message in env.redis().hvals("unacked"))


def _somebody_waits_for_us() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def _writes(tenant: Tenant, role: Role) -> list[str]:
    return [change.action for change in tenant.writes(role.name)]
