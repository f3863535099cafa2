"""One writer per role: a holder that stands still on its way to a write, and goes on after somebody else took over."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from dev.stack import Stack
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.counts import times
from tests.faults.history import NEVER, Change
from tests.faults.house import LEASE_SECONDS, wait_until
from tests.faults.judge import admits, denies

HOLD = 1.0
ROUNDS = range(times(1, 10))


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_holder_that_goes_on_after_a_takeover_writes_nothing(company: Company, tmp_path: Path, round_: int) -> None:
    role, house = company.role(), company.house
    with second_worker(company, tmp_path) as second:
        closing = house.aws.fault("PutRolePolicy", "slow", seconds=HOLD, times=1, role=role.name)
        approval = company.give(role)
        house.await_met(closing)
        last_look = house.aws.fault("GetRole", "slow", seconds=HOLD, times=1, role=role.name)
        house.await_met(last_look)
        taken_over_and_revoked(company, second, approval)
        company.await_state(approval, "ended")
        assert not [change for change in company.writes(role.name) if opens(change, approval)]


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_write_that_lands_after_a_takeover_is_undone_and_nothing_was_called_ended_before(
    company: Company, tmp_path: Path, round_: int
) -> None:
    role, house = company.role(), company.house
    with second_worker(company, tmp_path) as second:
        write = house.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=2 * LEASE_SECONDS, times=1, role=role.name)
        approval = company.give(role)
        house.await_met(write)
        taken_over_and_revoked(company, second, approval)
        company.await_state(approval, "ended")
        (late,) = [change for change in company.writes(role.name) if opens(change, approval)]
        assert late.until < NEVER
        assert house.sweeps(since=late.since, until=late.until) <= 2
        assert not company.is_let_in(approval)


@contextmanager
def second_worker(company: Company, tmp_path: Path) -> Iterator[Stack]:
    """Give another installation's worker that is up and stands still."""
    with company.house.neighbour(tmp_path / "var") as second:
        second.start_daypass(["worker"])
        wait_until(lambda: "ready" in second["worker"].last_lines(100), "the second worker is up")
        # Only its head stands still: a child in the middle of a transaction would hold up everybody else.
        os.kill(second["worker"].pid, signal.SIGSTOP)
        yield second


def taken_over_and_revoked(company: Company, second: Stack, approval: Approval) -> None:
    """Stop the holder where it is, revoke, let the second worker take over, and let the first go on."""
    holder = company.house.stack["worker"]
    holder.pause()
    company.revoke(approval)
    second["worker"].resume()
    wait_until(lambda: is_denied(company, approval), "the second worker has taken the role over")
    assert company.state(approval) == "ending"
    holder.resume()


def is_denied(company: Company, approval: Approval) -> bool:
    """Whether the closing policy denies the grant's sessions already now."""
    user_id = f"{company.unique_id(approval.role)}:{approval.session_name}"
    return denies(company.closing(approval.role), user_id, timezone.now())


def opens(change: Change, approval: Approval) -> bool:
    return admits(change.trust, approval.caller, approval.starts_at)
