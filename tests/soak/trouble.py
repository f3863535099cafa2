"""The soak's random faults. Each is a function that breaks something and gives what fixes it."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import redis

from tests.faults import refused_audit
from tests.faults.environment import ALL_WORKERS, WORKERS
from tests.faults.forgery import KEYS, TYPES, forgeries, keep, kept_forgeries, odd_but_ours, put_type
from tests.faults.odd import CONDITIONS, odd_statement
from tests.faults.proxy import Mode
from tests.faults.tenant import Tenant

Fix = Callable[[], None]


def one(tenant: Tenant, chance: random.Random) -> tuple[str, Fix]:
    """Break something and give its name and what fixes it."""
    break_it = chance.choice(TROUBLES)
    return break_it.__name__, break_it(tenant, chance)


def worker_is_killed(tenant: Tenant, chance: random.Random) -> Fix:
    name = chance.choice(ALL_WORKERS)
    tenant.env.kill(name)
    return lambda: tenant.env.start(name)


def all_workers_are_killed(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.kill(*ALL_WORKERS)
    return lambda: tenant.env.start(*ALL_WORKERS)


def beat_is_killed(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.kill("beat")
    return lambda: tenant.env.start("beat")


def redis_is_killed(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.kill("redis")
    return lambda: tenant.env.start("redis")


def redis_forgets(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.redis().flushall()
    return lambda: None


def connections_break(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.proxy.cut(Mode.RESET)
    return lambda: tenant.env.proxy.cut(Mode.PASS)


def worker_is_stalled(tenant: Tenant, chance: random.Random) -> Fix:
    name = chance.choice(ALL_WORKERS)
    tenant.env.stack[name].pause()
    return tenant.env.stack[name].resume


def clocks_jump(tenant: Tenant, chance: random.Random) -> Fix:
    env, name = tenant.env, chance.choice([*ALL_WORKERS, "beat"])
    env.set_clock(name, ahead=chance.choice([-1, 1]) * chance.choice([45, 3600, 90_000]))
    return lambda: env.set_clock(name, ahead=0)


def awss_clock_jumps(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.env.aws.settings(date_skew_seconds=chance.choice([-3600, -45, 45, 3600]))

    def fix() -> None:
        tenant.env.aws.settings(date_skew_seconds=0)

    return fix


def aws_fails(tenant: Tenant, chance: random.Random) -> Fix:
    kinds: list[dict[str, Any]] = [
        {"kind": "throttle"},
        {"kind": "error", "status": 503},
        {"kind": "error", "status": 500},
        {"kind": "slow", "seconds": chance.uniform(0.1, 2.5)},
        {"kind": "lost", "status": 500},
        {"kind": "error", "status": 409, "code": "ConcurrentModification"},
    ]
    actions = ["UpdateAssumeRolePolicy", "PutRolePolicy", "GetRole", "GetRolePolicy", "GetAccountAuthorizationDetails"]
    tenant.env.aws.fault(action=chance.choice(actions), probability=chance.choice([0.3, 1.0]), **chance.choice(kinds))
    return tenant.env.aws.clear_faults


def somebody_edits(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.edit(chance.choice(tenant.roles[-4:]).name, keep=chance.random() < 0.7)
    return lambda: None


def somebody_deletes_the_expiry_policy(tenant: Tenant, chance: random.Random) -> Fix:
    tenant.drop_expiry_policy(chance.choice(tenant.roles[-4:]).name)
    return lambda: None


def somebody_writes_what_cannot_be_decided(tenant: Tenant, chance: random.Random) -> Fix:
    role = chance.choice(tenant.roles[-4:]).name
    condition, effect = chance.choice(list(CONDITIONS.values())), chance.choice(["Allow", "Allow", "Deny"])
    tenant.put(role, odd_statement(condition, effect=effect))
    return lambda: tenant.put(role)


def messages_are_doubled(tenant: Tenant, chance: random.Random) -> Fix:
    for _ in range(5):
        tenant.enqueue(chance.choice(tenant.roles), urgent=chance.random() < 0.5)
    return lambda: None


def poison_messages(tenant: Tenant, chance: random.Random) -> Fix:
    """Leave in Redis what is not ours: messages, messages that wait for an acknowledgement, and a key of another type.

    A worker reads unacknowledged messages when it starts.
    """
    server, name = tenant.env.redis(), chance.choice(WORKERS)
    forged, kept = {**forgeries(), **odd_but_ours()}, kept_forgeries()
    items, entries = chance.sample(sorted(forged.values()), 20), chance.sample(sorted(kept), 3)
    key = chance.choice(sorted(KEYS))
    # The last poison may be there still, in a key of another type.
    with contextlib.suppress(redis.ResponseError):
        for item in items:
            server.lpush(chance.choice(("urgent", "default", "issuer")), item)
        keep(server, {entry: kept[entry] for entry in entries})
    put_type(server, key, chance.choice([kind for kind in TYPES if kind != KEYS[key]]))
    tenant.env.kill(name)
    tenant.env.start(name)
    before = tenant.env.stack[name].pid

    def fix() -> None:
        process = tenant.env.stack[name]
        assert process.pid == before, "somebody else started it"
        assert process.is_running, f"{name} ended with {process.outcome}"

    return fix


def audit_insert_fails(tenant: Tenant, chance: random.Random) -> Fix:
    return refused_audit.refuse(chance.choice(list(refused_audit.WAYS)))


TROUBLES: tuple[Callable[[Tenant, random.Random], Fix], ...] = (
    worker_is_killed,
    all_workers_are_killed,
    beat_is_killed,
    redis_is_killed,
    redis_forgets,
    connections_break,
    worker_is_stalled,
    clocks_jump,
    awss_clock_jumps,
    aws_fails,
    aws_fails,
    aws_fails,
    somebody_edits,
    somebody_edits,
    somebody_deletes_the_expiry_policy,
    somebody_writes_what_cannot_be_decided,
    somebody_writes_what_cannot_be_decided,
    messages_are_doubled,
    poison_messages,
    poison_messages,
    audit_insert_fails,
)
