"""R03, R04, R05, R09, R10: the queue loses and doubles messages; nothing depends on it but the speed."""

import random
import re
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from access.models import Role
from dev.stack import Stack
from tests.faults.company import Company
from tests.faults.counts import FULL, times
from tests.faults.house import WORKERS, House, is_ready, wait_until
from tests.faults.line import Mode

# Who waits for Redis tries again after two seconds, and after four more.
OUTAGES = [5, 60, 600] if FULL else [1.5]
BEATS = [1, 2, 3] if FULL else [3]
WRITES_OF_A_GRANT = ["PutRolePolicy", "UpdateAssumeRolePolicy"]


@pytest.mark.busy
@pytest.mark.parametrize("seconds", OUTAGES)
def test_redis_is_killed_and_comes_back(company: Company, seconds: float) -> None:
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
    time.sleep(30 if FULL else 1.5)
    house.line.cut(Mode.RESET)
    house.line.cut(Mode.PASS)
    company.await_state(approval, "active")
    assert running(house) == before, "nothing had to be started again"


def test_a_worker_that_a_broken_connection_has_made_deaf_hears_again(company: Company) -> None:
    chance, house = random.Random(20261124), company.house
    before = running(house)
    for _ in range(times(2, 50)):
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
            time.sleep(10 if FULL else 0.5)
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
    before = received(house.stack)
    with house.neighbour(tmp_path / "var", app="tests.faults.impatient:app") as impatient:
        # Whoever of those who share the queue is impatient gives the messages of all of them to the next one.
        impatient.start_daypass(["worker"])
        wait_until(lambda: is_ready(impatient), "the impatient worker is up")
        for action in WRITES_OF_A_GRANT:
            house.aws.fault(action, "slow", seconds=1.3, times=1, role=role.name)
        approval = company.give(role)
        company.await_state(approval, "active")
        company.revoke(approval)
        company.await_state(approval, "ended")
        house.sweep(2)
        given = received(house.stack) + received(impatient) - before
    assert max(given.values()) > 1, "the queue has given no message twice"
    assert [change.action for change in company.writes(role.name)] == WRITES_OF_A_GRANT * 2


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_the_number_of_beats_and_of_whole_installations_changes_nothing_but_the_reads(
    company: Company, tmp_path: Path, round_: int
) -> None:
    role, house = company.role(), company.house
    house.kill("beat")
    assert _lives_once(company, role) == WRITES_OF_A_GRANT * 2
    with house.neighbour(tmp_path / "one") as one, house.neighbour(tmp_path / "two") as two:
        one.start_daypass(WORKERS)
        for beats in BEATS:
            _let_beat(house.stack, one, two, beats=beats)
            wait_until(lambda: is_ready(one), "the second installation's worker is up")
            assert _lives_once(company, role) == WRITES_OF_A_GRANT * 2, f"{beats} beats"
            house.await_sweeps(times(1, beats))
        assert len(company.writes(role.name)) == (1 + len(BEATS)) * 2 * len(WRITES_OF_A_GRANT)
        _live_together(company)


def _let_beat(*stacks: Stack, beats: int) -> None:
    """Return when so many of the stacks' beats have asked for a sweep."""
    for stack in stacks[:beats]:
        if not stack["beat"].is_running:
            stack["beat"].command.log.unlink(missing_ok=True)
            stack.start_daypass(["beat"])
    for stack in stacks[:beats]:
        wait_until(partial(_has_beaten, stack), "the beat beats")


def _has_beaten(stack: Stack) -> bool:
    return "Sending due task sweep" in stack["beat"].last_lines()


def _lives_once(company: Company, role: Role) -> list[str]:
    """Let a grant begin and end, and give what was written for it."""
    before = len(company.writes(role.name))
    approval = company.give(role)
    company.await_state(approval, "active")
    company.revoke(approval)
    company.await_state(approval, "ended")
    return [change.action for change in company.writes(role.name)[before:]]


def _live_together(company: Company) -> None:
    """Two grants at once on each of two roles cost no more writes than they would one after the other."""
    roles = [company.role(), company.role()]
    approvals = [company.give(role, who=who) for role in roles for who in (0, 1)]
    company.settle()
    company.revoke(approvals[0])
    company.settle()
    company.house.sweep(4)
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


def received(stack: Stack) -> Counter[str]:
    """Count how often the stack's workers were given each message about a role."""
    logs = [stack[name].command.log for name in WORKERS]
    said = "".join(log.read_text(errors="replace") for log in logs if log.exists())
    return Counter(re.findall(r"Task access\.tasks\.reconcile_role\[([0-9a-f-]{36})\] received", said))


def shuffle(house: House) -> None:
    """Turn the order of the messages that wait."""
    for queue in ("default", "urgent"):
        for _ in range(house.redis().llen(queue)):
            house.redis().lmove(queue, f"{queue}-turned", "LEFT", "LEFT")
        if house.redis().exists(f"{queue}-turned"):
            house.redis().rename(f"{queue}-turned", queue)
