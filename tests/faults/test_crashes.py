"""R01, R16: the worker dies, or is asked to end, at every step; what people decided comes true all the same."""

from datetime import timedelta

import pytest

from access.models import Role
from tests.faults.company import Approval, Company
from tests.faults.counts import times
from tests.faults.house import LEASE_SECONDS, WORKERS, wait_until

HOLD = 1.0  # seconds that a call to AWS is held; less than the worker's own patience
ROUNDS = range(times(1, 100))
STEPS = {
    "before it reads the role": ("GetRole", "slow"),
    "while the closing policy is on its way": ("PutRolePolicy", "slow"),
    "before it hears that the closing policy is written": ("PutRolePolicy", "lost"),
    "while the trust policy is on its way": ("UpdateAssumeRolePolicy", "slow"),
    "before it hears that the trust policy is written": ("UpdateAssumeRolePolicy", "lost"),
}


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_grant_comes_true_although_the_worker_is_killed(company: Company, step: str, round_: int) -> None:
    action, kind = STEPS[step]
    role = company.role()
    fault = company.house.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name)
    approval = company.give(role)
    company.house.await_met(fault)
    crash(company)
    company.await_state(approval, "active")
    assert sweeps_after_takeover(company, role, approval) <= 2
    assert company.is_let_in(approval)


def test_a_grant_comes_true_although_the_worker_is_killed_before_it_reads_back(company: Company) -> None:
    role, aws = company.role(), company.house.aws
    write = aws.fault("UpdateAssumeRolePolicy", "slow", seconds=HOLD, times=1, role=role.name)
    approval = company.give(role)
    company.house.await_met(write)
    look = aws.fault("GetRole", "slow", seconds=HOLD, times=1, role=role.name)
    company.house.await_met(look)
    crash(company)
    company.await_state(approval, "active")
    writes = [change.action for change in company.writes(role.name)]
    assert writes == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("step", list(STEPS)[:: times(2, 1)])
def test_a_revocation_comes_true_although_the_worker_is_killed(company: Company, step: str, round_: int) -> None:
    action, kind = STEPS[step]
    role = company.role()
    approval = company.give(role)
    company.await_state(approval, "active")
    assert company.is_let_in(approval)
    fault = company.house.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name)
    company.revoke(approval)
    company.house.await_met(fault)
    crash(company)
    company.await_state(approval, "ended")
    assert not company.is_let_in(approval)
    assert not company.can_upload(approval)


def test_a_task_that_runs_five_times_writes_once(company: Company) -> None:
    role = company.role()
    company.house.kill("beat")
    approval = company.give(role)
    for _ in range(5):
        company.hint(role)
    company.await_state(approval, "active")
    wait_until(lambda: company.house.redis().llen("default") == 0, "an empty queue")
    assert [change.action for change in company.writes(role.name)] == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


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


def crash(company: Company) -> None:
    """Kill every worker and start them again, as a supervisor does."""
    company.house.kill(*WORKERS)
    company.house.start(*WORKERS)


def sweeps_after_takeover(company: Company, role: Role, approval: Approval) -> int:
    """Count the sweeps between the end of the dead worker's lease and the moment when the grant was called applied."""
    row = Role.objects.get(pk=role.pk)
    approval.grant.refresh_from_db()
    # A lease that was taken over leaves behind until when the role is quiet: two lengths after its end.
    ended = row.quiet_until and row.quiet_until - timedelta(seconds=2 * LEASE_SECONDS)
    return company.house.sweeps(since=ended, until=approval.grant.applied_at) if ended else 0
