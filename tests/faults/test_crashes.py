"""R01, R16: the worker dies, or is asked to end, at every step; what people decided comes true all the same."""

import os
import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from access.models import Role
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.counts import times
from tests.faults.house import LEASE_SECONDS, WORKERS, House, wait_until
from tests.faults.line import Mode

HOLD = 1.0  # seconds that a call to AWS is held; less than the worker's own patience
ROUNDS = range(times(1, 100))
WRITES_OF_A_GRANT = ["PutRolePolicy", "UpdateAssumeRolePolicy"]
# What AWS holds, one call after the other; the worker dies while the last of them is held.
STEPS = {
    "before it reads the role": [("GetRole", "slow")],
    "after it has read the trust policy": [("GetRolePolicy", "slow")],
    "while the closing policy is on its way": [("PutRolePolicy", "slow")],
    "before it hears that the closing policy is written": [("PutRolePolicy", "lost")],
    "after its last look": [("PutRolePolicy", "slow"), ("GetRole", "slow")],
    "while the trust policy is on its way": [("UpdateAssumeRolePolicy", "slow")],
    "before it hears that the trust policy is written": [("UpdateAssumeRolePolicy", "lost")],
    "before it reads back": [("UpdateAssumeRolePolicy", "slow"), ("GetRole", "slow")],
}
OF_A_REVOCATION = list(STEPS)[1 :: times(3, 1)]


@dataclass(frozen=True)
class Death:
    """What was decided when the worker died, and when it was up again."""

    role: Role
    approval: Approval
    at: datetime


@pytest.mark.parametrize("round_", ROUNDS)
def test_grants_come_true_at_whichever_step_the_worker_is_killed(company: Company, round_: int) -> None:
    deaths = {step: _killed_at(step, company) for step in STEPS}
    deaths["before it has the role"] = _killed_before_the_lease(company)
    deaths["before it acknowledges the message"] = _killed_before_the_acknowledgement(company)
    for step, death in deaths.items():
        company.await_state(death.approval, "active")
        assert sweeps_after(death, company, last=max(each.at for each in deaths.values())) <= 2, step
        assert company.is_let_in(death.approval), step
    for step in ("before it reads back", "before it acknowledges the message"):
        assert _writes(company, deaths[step].role) == WRITES_OF_A_GRANT, step


@pytest.mark.parametrize("round_", ROUNDS)
def test_revocations_come_true_at_whichever_step_the_worker_is_killed(company: Company, round_: int) -> None:
    roles = {step: company.role() for step in OF_A_REVOCATION}
    approvals = {step: company.give(role) for step, role in roles.items()}
    company.settle()
    for approval in approvals.values():
        assert company.is_let_in(approval)
    for step, approval in approvals.items():
        held = _hold_first(company, roles[step], step)
        company.revoke(approval)
        _await_last(company, roles[step], step, held)
        crash(company.house, *WORKERS)
    for step, approval in approvals.items():
        company.await_state(approval, "ended")
        assert not company.is_let_in(approval), step
        assert not company.can_upload(approval), step


def test_a_task_that_runs_five_times_writes_once(company: Company) -> None:
    role = company.role()
    company.house.kill("beat")
    approval = company.give(role)
    for _ in range(5):
        company.hint(role)
    company.await_state(approval, "active")
    wait_until(lambda: company.house.redis().llen("default") == 0, "an empty queue")
    assert _writes(company, role) == WRITES_OF_A_GRANT


@pytest.mark.parametrize("round_", range(times(1, 100)))
def test_a_worker_that_is_asked_to_end_finishes_what_it_does(company: Company, round_: int) -> None:
    role, house = company.role(), company.house
    fault = house.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=HOLD, times=1, role=role.name)
    approval = company.give(role)
    house.await_met(fault)
    for name in WORKERS:
        house.stack[name].terminate()
    wait_until(lambda: not any(house.stack[name].is_running for name in WORKERS), "both are gone", seconds=30)
    assert [house.stack[name].exit_code for name in WORKERS] == [0, 0]
    assert company.state(approval) in {"active", "scheduled"}
    assert not Role.objects.get(pk=role.pk).lease_holder


def crash(house: House, *names: str) -> datetime:
    """Kill these workers and start them again, as a supervisor does."""
    house.kill(*names)
    house.start(*names)
    return timezone.now()


def sweeps_after(death: Death, company: Company, *, last: datetime) -> int:
    """Count the sweeps that were needed once the dead worker's lease was over and nobody was killed any more."""
    row = Role.objects.get(pk=death.role.pk)
    death.approval.grant.refresh_from_db()
    if row.quiet_until is None:
        return 0
    # A lease that was taken over leaves behind until when the role is quiet: two lengths after its end.
    ended = row.quiet_until - timedelta(seconds=2 * LEASE_SECONDS)
    return company.house.sweeps(since=max(ended, last), until=death.approval.grant.applied_at)


def _killed_at(step: str, company: Company) -> Death:
    role = company.role()
    held = _hold_first(company, role, step)
    approval = company.give(role)
    _await_last(company, role, step, held)
    return Death(role, approval, crash(company.house, "worker"))


def _hold_first(company: Company, role: Role, step: str) -> dict[str, Any]:
    """Have AWS hold the first call of the step."""
    action, kind = STEPS[step][0]
    return company.house.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name)


def _await_last(company: Company, role: Role, step: str, held: dict[str, Any]) -> None:
    """Return while AWS holds the last call of the step."""
    company.house.await_met(held)
    for action, kind in STEPS[step][1:]:
        company.house.await_met(company.house.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name))


def _killed_before_the_lease(company: Company) -> Death:
    """Somebody else has locked the role's row, so that the worker waits for it."""
    house, role = company.house, company.role()
    # It takes no message while its head stands still; the whole of it might keep rows locked that others wait for.
    os.kill(house.stack["worker"].pid, signal.SIGSTOP)
    approval = company.give(role)
    with transaction.atomic():
        Role.objects.select_for_update().get(pk=role.pk)
        os.kill(house.stack["worker"].pid, signal.SIGCONT)
        wait_until(_somebody_waits_for_us, "the worker wants the role", pause=0.02)
        house.kill("worker")
    house.start("worker")
    return Death(role, approval, timezone.now())


def _killed_before_the_acknowledgement(company: Company) -> Death:
    """What the worker did is committed, but the queue does not hear of it."""
    house, role = company.house, company.role()
    held = _hold_first(company, role, "before it reads back")
    approval = company.give(role)
    _await_last(company, role, "before it reads back", held)
    house.line.cut(Mode.SWALLOW)
    company.await_state(approval, "active")
    house.kill("worker")
    assert house.redis().hlen("unacked"), "the message was not acknowledged"
    house.line.cut(Mode.RESET)
    house.line.cut(Mode.PASS)
    house.start("worker")
    return Death(role, approval, timezone.now())


def _somebody_waits_for_us() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def _writes(company: Company, role: Role) -> list[str]:
    return [change.action for change in company.writes(role.name)]
