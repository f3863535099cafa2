"""R17: whatever somebody leaves in Redis ends no worker, and holds up a revocation no longer than a sweep."""

import json
from functools import partial

import pytest

from access import ledger
from access.models import Role
from portal import calls
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.forgery import KEYS, TYPES, forgeries, keep, kept_forgeries, message, odd_but_ours, put_type
from tests.faults.house import WORKERS, House, is_ready, wait_until
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
def test_no_message_ends_a_worker_and_each_is_counted(company: Company) -> None:
    role, house, forged = company.role(), company.house, forgeries()
    before, dropped = running(house), ledger.counted(ledger.QUEUE_DROPPED)[0]
    for item in forged.values():
        for queue in calls.QUEUES:
            house.redis().lpush(queue, item)
    _live_once(company, role)
    assert running(house) == before
    assert [change.action for change in company.writes(role.name)] == WRITES_OF_A_GRANT * 2
    expected = dropped + len(forged) * len(calls.QUEUES)
    wait_until(lambda: ledger.counted(ledger.QUEUE_DROPPED)[0] >= expected, "all are counted")
    assert ledger.counted(ledger.QUEUE_DROPPED)[0] == expected


def test_odd_parts_of_a_call_of_ours_reach_no_worker(company: Company) -> None:
    role, house = company.role(), company.house
    before = running(house)
    for item in odd_but_ours().values():
        house.redis().lpush("urgent", item)
        house.redis().lpush("default", item)
    _live_once(company, role)
    assert running(house) == before


@pytest.mark.busy
def test_nothing_that_waits_for_its_acknowledgement_ends_a_worker(company: Company) -> None:
    """Workers read what nobody acknowledged when they start, so that one entry ended each of them again and again."""
    house, role = company.house, company.role()
    approval = _admitted(company, role)
    good = json.dumps([message(body="[[999999999], {}, {}]"), "", "default"]).encode()
    keep(house.redis(), {**kept_forgeries(), "a call of ours": good})
    # Nobody restores anything while somebody holds this key.
    put_type(house.redis(), "unacked_mutex", "hash")
    company.revoke(approval)
    house.kill(*WORKERS)
    house.start(*WORKERS)
    before = running(house)
    company.await_state(approval, "ended")
    wait_until(lambda: not house.redis().zscore("unacked_index", "a call of ours"), "the entries are looked at")
    assert set(house.redis().hkeys("unacked")).isdisjoint(name.encode() for name in kept_forgeries())
    assert running(house) == before


@pytest.mark.busy
@pytest.mark.parametrize("kind", TYPES)
def test_keys_of_another_type_end_no_worker_and_hold_up_no_revocation(company: Company, kind: str) -> None:
    house, role = company.house, company.role()
    approval, before = _admitted(company, role), running(house)
    wrong = [key for key, right in KEYS.items() if right != kind]
    for key in wrong:
        put_type(house.redis(), key, kind)
    company.revoke(approval)
    company.await_state(approval, "ended")
    _live_once(company, role)
    assert running(house) == before


@pytest.mark.parametrize("kind", ["string", "list"])
def test_a_worker_starts_whatever_the_type_of_its_keys(company: Company, kind: str) -> None:
    house, role = company.house, company.role()
    house.kill(*WORKERS, "issuer")
    for key, right in KEYS.items():
        if right != kind:
            put_type(house.redis(), key, kind)
    for name in (*WORKERS, "issuer"):
        house.stack[name].command.log.unlink(missing_ok=True)
        house.stack.start_daypass([name])
    before = running(house)
    wait_until(lambda: is_ready(house.stack), "the worker is up")
    _live_once(company, role)
    assert running(house) == before


@pytest.mark.busy
@pytest.mark.parametrize("trouble", REFUSALS)
def test_a_redis_that_refuses_to_work_ends_no_worker(company: Company, trouble: str) -> None:
    house, role = company.house, company.role()
    approval, before = _admitted(company, role), running(house)
    refuse, relent = REFUSALS[trouble]
    for name in WORKERS:
        house.stack[name].pause()
    company.hint(role)
    company.hint(role, urgent=True)
    _order(house, refuse)
    try:
        for name in WORKERS:
            house.stack[name].resume()
        company.revoke(approval)
        for name in WORKERS:
            wait_until(partial(_was_refused, house, name), f"Redis refuses something that {name} asks for")
    finally:
        _order(house, relent)
    company.await_state(approval, "ended")
    assert running(house) == before


def test_a_flood_of_junk_is_dropped_many_at_once(company: Company) -> None:
    house, role = company.house, company.role()
    approval, before = _admitted(company, role), running(house)
    taken, dropped = _takings(house), ledger.counted(ledger.QUEUE_DROPPED)[0]
    _flood(house, [b"x"] * JUNK)
    company.revoke(approval)
    company.await_state(approval, "ended")
    wait_until(lambda: not any(map(house.redis().llen, WORKERS_QUEUES)), "the queues are empty")
    assert running(house) == before
    assert _takings(house) - taken < JUNK / 2
    wait_until(lambda: ledger.counted(ledger.QUEUE_DROPPED)[0] >= dropped + 2 * JUNK, "all are counted")


def test_a_queue_full_of_calls_holds_up_no_revocation(company: Company) -> None:
    house, role = company.house, company.role()
    approval, before = _admitted(company, role), running(house)
    _flood(house, [_call(2**40 + number) for number in range(CALLS)])
    company.revoke(approval)
    company.await_state(approval, "ended")
    assert house.redis().llen("urgent")
    house.redis().delete(*WORKERS_QUEUES)
    assert running(house) == before


def test_equal_calls_are_worth_one(company: Company) -> None:
    house, role = company.house, company.role()
    approval, before = _admitted(company, role), running(house)
    _flood(house, [_call(role.pk)] * CALLS)
    company.revoke(approval)
    company.await_state(approval, "ended")
    wait_until(lambda: not any(map(house.redis().llen, WORKERS_QUEUES)), "the queues are empty")
    assert running(house) == before


def _call(role_id: int) -> bytes:
    return calls.make("access.tasks.reconcile_role", [role_id], queue="urgent")[1]


def _takings(house: House) -> int:
    """Return how often somebody has asked Redis for the next message."""
    return int(house.redis().info("commandstats")["cmdstat_brpop"]["calls"])


def _flood(house: House, messages: list[bytes]) -> None:
    """Put messages before everything else in both queues, while no worker takes any."""
    for name in WORKERS:
        house.stack[name].pause()
    try:
        for queue in WORKERS_QUEUES:
            house.redis().rpush(queue, *messages)
    finally:
        for name in WORKERS:
            house.stack[name].resume()


def _order(house: House, words: tuple[str, ...]) -> None:
    house.redis().execute_command(*words)  # type: ignore[no-untyped-call]


def _was_refused(house: House, name: str) -> bool:
    return "Redis refuses" in house.stack[name].last_lines(1000)


def _admitted(company: Company, role: Role) -> Approval:
    """Give a contractor access and see that AWS admits them."""
    approval = company.give(role)
    company.await_state(approval, "active")
    assert company.is_let_in(approval)
    return approval


def _live_once(company: Company, role: Role) -> None:
    """Let a grant begin and be revoked."""
    approval = _admitted(company, role)
    company.revoke(approval)
    company.await_state(approval, "ended")
