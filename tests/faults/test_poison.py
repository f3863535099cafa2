"""R17: no content of Redis ends a worker, or delays a revocation for longer than a sweep."""

import json
from functools import partial

import pytest

from access.ledger.counters import QUEUE_DROPPED, counted
from access.models import Role
from portal import calls
from tests.faults.approvals import Approval
from tests.faults.counts import EVERY_KIND
from tests.faults.environment import WORKERS, Environment, is_ready, wait_until
from tests.faults.forgery import KEYS, TYPES, forgeries, keep, kept_forgeries, message, odd_but_ours, put_type
from tests.faults.tenant import Tenant
from tests.faults.test_queue_trouble import WRITES_OF_A_GRANT, running

WORKERS_QUEUES = ("urgent", "default")
JUNK, CALLS = 100_000, 20_000  # in each of the queues

# How Redis comes to refuse what the workers ask for, and how it ends.
REFUSALS = {
    "no memory": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
    "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "no rights": (("ACL", "SETUSER", "default", "-brpop", "-type"), ("ACL", "SETUSER", "default", "+@all")),
}


@pytest.mark.busy
def test_no_message_ends_a_worker_and_each_is_counted(tenant: Tenant) -> None:
    role, env, forged = tenant.role(), tenant.env, forgeries()
    _nothing_to_count(env)
    before, dropped = running(env), counted(QUEUE_DROPPED)[0]
    for item in forged.values():
        for queue in calls.QUEUES:
            env.redis().lpush(queue, item)
    _live_once(tenant, role)
    assert running(env) == before
    assert [change.action for change in tenant.writes(role.name)] == WRITES_OF_A_GRANT * 2
    expected = dropped + len(forged) * len(calls.QUEUES)
    wait_until(lambda: counted(QUEUE_DROPPED)[0] >= expected, "all are counted")
    assert counted(QUEUE_DROPPED)[0] == expected


def test_unexpected_parts_of_our_calls_reach_no_worker(tenant: Tenant) -> None:
    role, env = tenant.role(), tenant.env
    before = running(env)
    for item in odd_but_ours().values():
        env.redis().lpush("urgent", item)
        env.redis().lpush("default", item)
    _live_once(tenant, role)
    assert running(env) == before


@pytest.mark.busy
def test_no_unacknowledged_message_ends_a_worker(tenant: Tenant) -> None:
    """Workers read unacknowledged messages when they start, so that one entry ended each of them repeatedly."""
    env, role = tenant.env, tenant.role()
    approval = _admitted(tenant, role)
    good = json.dumps([message(body="[[999999999], {}, {}]"), "", "default"]).encode()
    keep(env.redis(), {**kept_forgeries(), "a call of ours": good})
    # Nobody restores anything while somebody holds this key.
    put_type(env.redis(), "unacked_mutex", "hash")
    tenant.revoke(approval)
    env.kill(*WORKERS)
    env.start(*WORKERS)
    before = running(env)
    tenant.await_state(approval, "ended")
    wait_until(lambda: not env.redis().zscore("unacked_index", "a call of ours"), "the entries are read")
    assert set(env.redis().hkeys("unacked")).isdisjoint(name.encode() for name in kept_forgeries())
    assert running(env) == before


@pytest.mark.busy
@pytest.mark.parametrize("kind", TYPES if EVERY_KIND else [*TYPES][:2])
def test_keys_of_another_type_end_no_worker_and_delay_no_revocation(tenant: Tenant, kind: str) -> None:
    env, role = tenant.env, tenant.role()
    approval, before = _admitted(tenant, role), running(env)
    wrong = [key for key, right in KEYS.items() if right != kind]
    for key in wrong:
        put_type(env.redis(), key, kind)
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    _live_once(tenant, role)
    assert running(env) == before


@pytest.mark.parametrize("kind", ["string", "list"] if EVERY_KIND else ["string"])
def test_a_worker_starts_whatever_the_type_of_its_keys(tenant: Tenant, kind: str) -> None:
    env, role = tenant.env, tenant.role()
    env.kill(*WORKERS, "issuer")
    for key, right in KEYS.items():
        if right != kind:
            put_type(env.redis(), key, kind)
    for name in (*WORKERS, "issuer"):
        env.stack[name].command.log.unlink(missing_ok=True)
        env.stack.start_daypass([name])
    before = running(env)
    wait_until(lambda: is_ready(env.stack), "the worker is up")
    _live_once(tenant, role)
    assert running(env) == before


@pytest.mark.busy
@pytest.mark.parametrize("trouble", REFUSALS)
def test_a_redis_that_refuses_to_work_ends_no_worker(tenant: Tenant, trouble: str) -> None:
    env, role = tenant.env, tenant.role()
    approval, before = _admitted(tenant, role), running(env)
    refuse, relent = REFUSALS[trouble]
    for name in WORKERS:
        env.stack[name].pause()
    tenant.enqueue(role)
    tenant.enqueue(role, urgent=True)
    _order(env, refuse)
    try:
        for name in WORKERS:
            env.stack[name].resume()
        tenant.revoke(approval)
        for name in WORKERS:
            wait_until(partial(_was_refused, env, name), f"Redis refuses something that {name} asks for")
    finally:
        _order(env, relent)
    tenant.await_state(approval, "ended")
    assert running(env) == before


def test_a_flood_of_junk_is_dropped_in_batches(tenant: Tenant) -> None:
    env, role = tenant.env, tenant.role()
    approval, before = _admitted(tenant, role), running(env)
    taken, dropped = _takings(env), counted(QUEUE_DROPPED)[0]
    _flood(env, [b"x"] * JUNK)
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    wait_until(lambda: not any(map(env.redis().llen, WORKERS_QUEUES)), "the queues are empty")
    assert running(env) == before
    assert _takings(env) - taken < JUNK / 2
    wait_until(lambda: counted(QUEUE_DROPPED)[0] >= dropped + 2 * JUNK, "all are counted")


def test_a_queue_full_of_calls_delays_no_revocation(tenant: Tenant) -> None:
    env, role = tenant.env, tenant.role()
    approval, before = _admitted(tenant, role), running(env)
    _flood(env, [_call(2**40 + number) for number in range(CALLS)])
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    assert env.redis().llen("urgent")
    env.redis().delete(*WORKERS_QUEUES)
    assert running(env) == before


def test_equal_calls_are_executed_once(tenant: Tenant) -> None:
    env, role = tenant.env, tenant.role()
    approval, before = _admitted(tenant, role), running(env)
    _flood(env, [_call(role.pk)] * CALLS)
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    wait_until(lambda: not any(map(env.redis().llen, WORKERS_QUEUES)), "the queues are empty")
    assert running(env) == before


def _call(role_id: int) -> bytes:
    return calls.make("access.tasks.reconcile_role", [role_id], queue="urgent")[1]


def _takings(env: Environment) -> int:
    """Return how often somebody has asked Redis for the next message."""
    return int(env.redis().info("commandstats")["cmdstat_brpop"]["calls"])


def _flood(env: Environment, messages: list[bytes]) -> None:
    """Put messages before everything else in both queues, while no worker takes any."""
    for name in WORKERS:
        env.stack[name].pause()
    try:
        for queue in WORKERS_QUEUES:
            env.redis().rpush(queue, *messages)
    finally:
        for name in WORKERS:
            env.stack[name].resume()


def _order(env: Environment, words: tuple[str, ...]) -> None:
    env.redis().execute_command(*words)  # type: ignore[no-untyped-call]


def _nothing_to_count(env: Environment) -> None:
    """Return when no worker has dropped anything that is not recorded: what a killed one had not recorded is lost."""
    env.kill(*WORKERS, "issuer")
    env.redis().flushall()
    env.start(*WORKERS, "issuer")


def _was_refused(env: Environment, name: str) -> bool:
    return "queue.refused" in env.stack[name].last_lines(1000)


def _admitted(tenant: Tenant, role: Role) -> Approval:
    """Return a contractor access and see that AWS admits them."""
    approval = tenant.create_grant(role)
    tenant.await_state(approval, "active")
    assert tenant.is_admitted(approval)
    return approval


def _live_once(tenant: Tenant, role: Role) -> None:
    """Let a grant begin and be revoked."""
    approval = _admitted(tenant, role)
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
