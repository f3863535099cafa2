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
from tests.faults.counts import FULL, times
from tests.faults.environment import ALL_WORKERS, WORKERS, Environment, is_ready, wait_until
from tests.faults.proxy import Mode
from tests.faults.tenant import Tenant

# A process that waits for Redis tries again after two seconds, and after four more.
OUTAGES = [5, 60, 600] if FULL else [1.5]
BEATS = [1, 2, 3] if FULL else [3]
WRITES_OF_A_GRANT = ["PutRolePolicy", "UpdateAssumeRolePolicy"]


@pytest.mark.busy
@pytest.mark.parametrize("seconds", OUTAGES)
def test_redis_is_killed_and_comes_back(tenant: Tenant, seconds: float) -> None:
    role, env = tenant.role(), tenant.env
    before = running(env)
    env.kill("redis")
    approval = tenant.create_grant(role)
    time.sleep(seconds)
    env.start("redis")
    tenant.await_state(approval, "active", seconds=60)
    assert running(env) == before, "nothing had to be started again"


@pytest.mark.parametrize("mode", [Mode.RESET, Mode.SWALLOW])
@pytest.mark.parametrize("round_", range(times(1, 50)))
def test_the_connection_to_redis_breaks(tenant: Tenant, mode: Mode, round_: int) -> None:
    role, env = tenant.role(), tenant.env
    before = running(env)
    env.proxy.cut(mode)
    approval = tenant.create_grant(role)
    time.sleep(30 if FULL else 1.5)
    env.proxy.cut(Mode.RESET)
    env.proxy.cut(Mode.PASS)
    tenant.await_state(approval, "active")
    assert running(env) == before, "nothing had to be started again"


def test_a_worker_with_a_broken_connection_receives_messages_again(tenant: Tenant) -> None:
    chance, env = random.Random(20261124), tenant.env
    before = running(env)
    for _ in range(times(2, 50)):
        approvals = [tenant.create_grant(tenant.role()) for _ in range(3)]
        time.sleep(chance.uniform(0, 0.15))
        env.proxy.cut(Mode.RESET)
        time.sleep(chance.uniform(0, 1.5))
        env.proxy.cut(Mode.PASS)
        env.await_sweeps(2)
        for approval in approvals:
            tenant.await_state(approval, "active")
    assert running(env) == before, "nothing had to be started again"


def test_redis_forgets_everything_again_and_again(tenant: Tenant) -> None:
    role, env = tenant.role(), tenant.env
    for number in range(times(4, 60)):
        approval = tenant.create_grant(role)
        env.redis().flushall()
        if number % 2:
            time.sleep(10 if FULL else 0.5)
            env.redis().flushall()
        tenant.await_state(approval, "active")
        tenant.revoke(approval)
        tenant.enqueue(role, urgent=True)
        env.redis().flushall()
        tenant.await_state(approval, "ended")


@pytest.mark.parametrize("round_", range(times(1, 30)))
def test_doubled_reordered_and_late_messages_change_nothing(tenant: Tenant, round_: int) -> None:
    first, second = tenant.role(), tenant.role()
    env = tenant.env
    env.kill(*ALL_WORKERS)
    approvals = [tenant.create_grant(first), tenant.create_grant(second), tenant.create_grant(first, who=1)]
    tenant.revoke(approvals[2])
    for role in (second, first) * 5:
        tenant.enqueue(role, urgent=role is first)
    late = env.redis().lrange("default", 0, -1)
    shuffle(env)
    env.start(*ALL_WORKERS)
    tenant.settle()
    wait_until(lambda: env.redis().llen("default") == 0, "an empty queue")
    # Ten minutes later the same messages come once more, the last one first.
    time.sleep(times(0, 600))
    env.redis().lpush("default", *late)
    wait_until(lambda: env.redis().llen("default") == 0, "an empty queue")
    env.sweep(2)
    for role in (first, second):
        assert [change.action for change in tenant.writes(role.name)] == WRITES_OF_A_GRANT


@pytest.mark.parametrize("round_", range(times(1, 30)))
def test_a_message_delivered_again_during_its_task_changes_nothing(tenant: Tenant, tmp_path: Path, round_: int) -> None:
    role, env = tenant.role(), tenant.env
    before = received(env.stack)
    with env.neighbour(tmp_path / "var", app="tests.faults.impatient:app") as impatient:
        # An impatient process that shares the queue passes the messages of all of them to the next one.
        impatient.start_daypass(["worker"])
        wait_until(lambda: is_ready(impatient), "the impatient worker is up")
        for action in WRITES_OF_A_GRANT:
            # Together longer than the queue waits, each well below the worker's own patience.
            env.aws.fault(action, "slow", seconds=1.0, times=1, role=role.name)
        approval = tenant.create_grant(role)
        tenant.await_state(approval, "active")
        tenant.revoke(approval)
        tenant.await_state(approval, "ended")
        env.sweep(2)
        given = received(env.stack) + received(impatient) - before
    assert max(given.values()) > 1, "the queue has given no message twice"
    assert [change.action for change in tenant.writes(role.name)] == WRITES_OF_A_GRANT * 2


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_the_number_of_beats_and_installations_changes_only_the_reads(
    tenant: Tenant, tmp_path: Path, round_: int
) -> None:
    role, env = tenant.role(), tenant.env
    env.kill("beat")
    assert _one_grant_lifetime(tenant, role) == WRITES_OF_A_GRANT * 2
    with env.neighbour(tmp_path / "one") as one, env.neighbour(tmp_path / "two") as two:
        one.start_daypass(WORKERS)
        for beats in BEATS:
            _let_beat(env.stack, one, two, beats=beats)
            wait_until(lambda: is_ready(one), "the second installation's worker is up")
            assert _one_grant_lifetime(tenant, role) == WRITES_OF_A_GRANT * 2, f"{beats} beats"
            env.await_sweeps(times(1, beats))
        assert len(tenant.writes(role.name)) == (1 + len(BEATS)) * 2 * len(WRITES_OF_A_GRANT)
        _live_together(tenant)


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


def _one_grant_lifetime(tenant: Tenant, role: Role) -> list[str]:
    """Let a grant begin and end, and return what was written for it."""
    before = len(tenant.writes(role.name))
    approval = tenant.create_grant(role)
    tenant.await_state(approval, "active")
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    return [change.action for change in tenant.writes(role.name)[before:]]


def _live_together(tenant: Tenant) -> None:
    """Two grants at once on each of two roles cost no more writes than they would one after the other."""
    roles = [tenant.role(), tenant.role()]
    approvals = [tenant.create_grant(role, who=who) for role in roles for who in (0, 1)]
    tenant.settle()
    tenant.revoke(approvals[0])
    tenant.settle()
    tenant.env.sweep(4)
    for role in roles:
        assert len(tenant.writes(role.name)) <= 2 * (3 if role is roles[0] else 2)


def test_twenty_idle_sweeps_write_nothing(tenant: Tenant) -> None:
    role = tenant.role()
    tenant.create_grant(role)
    tenant.edit(role.name)
    tenant.settle()
    tenant.env.sweep(2)
    known = len(tenant.writes(role.name))
    tenant.env.sweep(20)
    assert len(tenant.writes(role.name)) == known


def running(env: Environment) -> dict[str, int]:
    """Return the ids of the processes that run."""
    return {name: process.pid for name, process in env.stack.processes.items() if process.is_running}


def received(stack: Stack) -> Counter[str]:
    """Count how often the stack's workers were given each message about a role."""
    logs = [stack[name].command.log for name in WORKERS]
    said = "".join(log.read_text(errors="replace") for log in logs if log.exists())
    return Counter(re.findall(r"Task access\.tasks\.reconcile_role\[([0-9a-f-]{36})\] received", said))


def shuffle(env: Environment) -> None:
    """Turn the order of the messages that wait."""
    for queue in ("default", "urgent"):
        for _ in range(env.redis().llen(queue)):
            env.redis().lmove(queue, f"{queue}-turned", "LEFT", "LEFT")
        if env.redis().exists(f"{queue}-turned"):
            env.redis().rename(f"{queue}-turned", queue)
