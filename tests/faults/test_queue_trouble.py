"""R03, R04, R05, R09, R10: the queue loses, doubles and forges messages; nothing depends on it but the speed."""

import random
import re
import time
from pathlib import Path

import pytest

from access.models import Role
from tests.faults.company import Company
from tests.faults.counts import FULL, times
from tests.faults.forgery import forgeries
from tests.faults.house import WORKERS, House, wait_until
from tests.faults.line import Mode

OUTAGES = [5, 60, 600] if FULL else [3]
WRITES_OF_A_GRANT = ["PutRolePolicy", "UpdateAssumeRolePolicy"]


@pytest.mark.busy
@pytest.mark.parametrize("seconds", OUTAGES)
def test_redis_is_killed_and_comes_back(company: Company, seconds: int) -> None:
    role, house = company.role(), company.house
    before = running(house)
    house.kill("redis")
    approval = company.give(role)
    time.sleep(seconds)
    house.start("redis")
    company.await_state(approval, "active", seconds=60)
    assert running(house) == before, "nothing had to be started again"


@pytest.mark.parametrize("mode", [Mode.RESET, Mode.SWALLOW])
@pytest.mark.parametrize("round_", range(times(1, 50)))
def test_the_connection_to_redis_breaks(company: Company, mode: Mode, round_: int) -> None:
    role, house = company.role(), company.house
    before = running(house)
    house.line.cut(mode)
    approval = company.give(role)
    time.sleep(times(3, 30))
    house.line.cut(Mode.RESET)
    house.line.cut(Mode.PASS)
    company.await_state(approval, "active")
    assert running(house) == before, "nothing had to be started again"


def test_a_worker_that_a_broken_connection_has_made_deaf_hears_again(company: Company) -> None:
    chance, house = random.Random(20261124), company.house
    before = running(house)
    for _ in range(times(3, 50)):
        approvals = [company.give(company.role()) for _ in range(3)]
        time.sleep(chance.uniform(0, 0.15))
        house.line.cut(Mode.RESET)
        time.sleep(chance.uniform(0, 1.5))
        house.line.cut(Mode.PASS)
        house.await_sweeps(2)
        for approval in approvals:
            company.await_state(approval, "active")
    assert running(house) == before, "nothing had to be started again"


def test_redis_forgets_everything_again_and_again(company: Company) -> None:
    role, house = company.role(), company.house
    for number in range(times(4, 60)):
        approval = company.give(role)
        house.redis().flushall()
        if number % 2:
            time.sleep(times(1, 10))
            house.redis().flushall()
        company.await_state(approval, "active")
        company.revoke(approval)
        company.hint(role, urgent=True)
        house.redis().flushall()
        company.await_state(approval, "ended")


@pytest.mark.parametrize("round_", range(times(1, 30)))
def test_doubled_reordered_and_late_messages_change_nothing(company: Company, round_: int) -> None:
    first, second = company.role(), company.role()
    house = company.house
    house.kill(*WORKERS)
    approvals = [company.give(first), company.give(second), company.give(first, who=1)]
    company.revoke(approvals[2])
    for role in (second, first) * 5:
        company.hint(role, urgent=role is first)
    late = house.redis().lrange("default", 0, -1)
    shuffle(house)
    house.start(*WORKERS)
    company.settle()
    wait_until(lambda: house.redis().llen("default") == 0, "an empty queue")
    # Ten minutes later the same messages come once more, the last one first.
    time.sleep(times(0, 600))
    house.redis().lpush("default", *late)
    wait_until(lambda: house.redis().llen("default") == 0, "an empty queue")
    house.sweep(2)
    for role in (first, second):
        assert [change.action for change in company.writes(role.name)] == WRITES_OF_A_GRANT


@pytest.mark.parametrize("round_", range(times(1, 30)))
def test_a_message_that_comes_again_while_it_is_worked_on_changes_nothing(
    company: Company, tmp_path: Path, round_: int
) -> None:
    role, house = company.role(), company.house
    house.kill(*WORKERS)
    with house.neighbour(tmp_path / "var", app="tests.faults.impatient:app") as impatient:
        impatient.start_daypass(WORKERS)
        for action in WRITES_OF_A_GRANT:
            house.aws.fault(action, "slow", seconds=1.3, times=1, role=role.name)
        approval = company.give(role)
        company.await_state(approval, "active")
        company.revoke(approval)
        company.await_state(approval, "ended")
        house.sweep(2)
        log = (impatient.options.var / "logs" / "worker.log").read_text(errors="replace")
    received = re.findall(r"Task access\.tasks\.reconcile_role\[([0-9a-f-]{36})\] received", log)
    assert len(received) > len(set(received)), "the queue has given no message twice"
    assert [change.action for change in company.writes(role.name)] == WRITES_OF_A_GRANT * 2


def test_a_worker_survives_what_nobody_of_ours_has_sent(company: Company) -> None:
    role, house = company.role(), company.house
    before = running(house)
    for forged in forgeries():
        house.redis().lpush("default", forged)
    approval = company.give(role)
    company.await_state(approval, "active")
    assert running(house) == before
    assert [change.action for change in company.writes(role.name)] == WRITES_OF_A_GRANT


def test_what_is_no_message_at_all_costs_one_start_of_the_worker(company: Company) -> None:
    role, worker = company.role(), company.house.stack["worker"]
    company.house.redis().lpush("default", "not even json")
    wait_until(lambda: worker.has_died, "Celery ends, as it does when a message cannot be read")
    worker.start()
    approval = company.give(role)
    company.await_state(approval, "active")
    assert worker.is_running


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_the_number_of_beats_changes_nothing_but_the_reads(company: Company, tmp_path: Path, round_: int) -> None:
    role, house = company.role(), company.house
    house.kill("beat")
    _lives_once(company, role)
    assert _lives_once(company, role) == WRITES_OF_A_GRANT * 2
    with house.neighbour(tmp_path / "one") as one, house.neighbour(tmp_path / "two") as two:
        for beats, beat in enumerate((house.stack, one, two), start=1):
            beat.start_daypass(["beat"])
            house.await_sweeps(2 * beats)
            assert _lives_once(company, role) == WRITES_OF_A_GRANT * 2, f"{beats} beats"
            house.await_sweeps(beats)
    assert len(company.writes(role.name)) == 5 * 2 * len(WRITES_OF_A_GRANT)


def _lives_once(company: Company, role: Role) -> list[str]:
    """Let a grant begin and end, and give what was written for it."""
    before = len(company.writes(role.name))
    approval = company.give(role)
    company.await_state(approval, "active")
    company.revoke(approval)
    company.await_state(approval, "ended")
    return [change.action for change in company.writes(role.name)[before:]]


def test_two_whole_installations_on_one_database_write_once(company: Company, tmp_path: Path) -> None:
    roles, house = [company.role(), company.role()], company.house
    with house.neighbour(tmp_path / "var") as second:
        second.start_daypass(["worker", "urgent", "beat"])
        approvals = [company.give(role, who=who) for role in roles for who in (0, 1)]
        company.settle()
        company.revoke(approvals[0])
        company.settle()
        house.sweep(4)
    for role in roles:
        assert len(company.writes(role.name)) <= 2 * (3 if role is roles[0] else 2)


def test_twenty_idle_sweeps_write_nothing(company: Company) -> None:
    role = company.role()
    company.give(role)
    company.edit(role.name)
    company.settle()
    company.house.sweep(2)
    known = len(company.writes(role.name))
    company.house.sweep(20)
    assert len(company.writes(role.name)) == known


def running(house: House) -> dict[str, int]:
    """Give the ids of the processes that run."""
    return {name: process.pid for name, process in house.stack.processes.items() if process.is_running}


def shuffle(house: House) -> None:
    """Turn the order of the messages that wait."""
    for queue in ("default", "urgent"):
        for _ in range(house.redis().llen(queue)):
            house.redis().lmove(queue, f"{queue}-turned", "LEFT", "LEFT")
        if house.redis().exists(f"{queue}-turned"):
            house.redis().rename(f"{queue}-turned", queue)
