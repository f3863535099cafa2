"""The soak's random faults. Each is a function that breaks something and gives what mends it."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import redis

from tests.faults import refused_audit
from tests.faults.company import Company
from tests.faults.forgery import KEYS, TYPES, forgeries, keep, kept_forgeries, odd_but_ours, put_type
from tests.faults.house import WORKERS
from tests.faults.line import Mode
from tests.faults.odd import CONDITIONS, odd_statement

Mend = Callable[[], None]


def one(company: Company, chance: random.Random) -> tuple[str, Mend]:
    """Break something and give its name and what mends it."""
    break_it = chance.choice(TROUBLES)
    return break_it.__name__, break_it(company, chance)


def worker_is_killed(company: Company, chance: random.Random) -> Mend:
    name = chance.choice(WORKERS)
    company.house.kill(name)
    return lambda: company.house.start(name)


def all_workers_are_killed(company: Company, chance: random.Random) -> Mend:
    company.house.kill(*WORKERS)
    return lambda: company.house.start(*WORKERS)


def beat_is_killed(company: Company, chance: random.Random) -> Mend:
    company.house.kill("beat")
    return lambda: company.house.start("beat")


def redis_is_killed(company: Company, chance: random.Random) -> Mend:
    company.house.kill("redis")
    return lambda: company.house.start("redis")


def redis_forgets(company: Company, chance: random.Random) -> Mend:
    company.house.redis().flushall()
    return lambda: None


def connections_break(company: Company, chance: random.Random) -> Mend:
    company.house.line.cut(Mode.RESET)
    return lambda: company.house.line.cut(Mode.PASS)


def worker_stands_still(company: Company, chance: random.Random) -> Mend:
    name = chance.choice(WORKERS)
    company.house.stack[name].pause()
    return company.house.stack[name].resume


def clocks_jump(company: Company, chance: random.Random) -> Mend:
    house, name = company.house, chance.choice([*WORKERS, "beat"])
    house.set_clock(name, ahead=chance.choice([-1, 1]) * chance.choice([45, 3600, 90_000]))
    return lambda: house.set_clock(name, ahead=0)


def awss_clock_jumps(company: Company, chance: random.Random) -> Mend:
    company.house.aws.settings(date_skew_seconds=chance.choice([-3600, -45, 45, 3600]))

    def mend() -> None:
        company.house.aws.settings(date_skew_seconds=0)

    return mend


def aws_fails(company: Company, chance: random.Random) -> Mend:
    kinds: list[dict[str, Any]] = [
        {"kind": "throttle"},
        {"kind": "error", "status": 503},
        {"kind": "error", "status": 500},
        {"kind": "slow", "seconds": chance.uniform(0.1, 2.5)},
        {"kind": "lost", "status": 500},
        {"kind": "error", "status": 409, "code": "ConcurrentModification"},
    ]
    actions = ["UpdateAssumeRolePolicy", "PutRolePolicy", "GetRole", "GetRolePolicy", "GetAccountAuthorizationDetails"]
    company.house.aws.fault(
        action=chance.choice(actions), probability=chance.choice([0.3, 1.0]), **chance.choice(kinds)
    )
    return company.house.aws.clear_faults


def somebody_edits(company: Company, chance: random.Random) -> Mend:
    company.edit(chance.choice(company.roles[-4:]).name, keep=chance.random() < 0.7)
    return lambda: None


def somebody_deletes_the_closing_policy(company: Company, chance: random.Random) -> Mend:
    company.drop_closing(chance.choice(company.roles[-4:]).name)
    return lambda: None


def somebody_writes_what_nobody_can_judge(company: Company, chance: random.Random) -> Mend:
    role = chance.choice(company.roles[-4:]).name
    condition, effect = chance.choice(list(CONDITIONS.values())), chance.choice(["Allow", "Allow", "Deny"])
    company.put(role, odd_statement(condition, effect=effect))
    return lambda: company.put(role)


def messages_are_doubled(company: Company, chance: random.Random) -> Mend:
    for _ in range(5):
        company.hint(chance.choice(company.roles), urgent=chance.random() < 0.5)
    return lambda: None


def poison_messages(company: Company, chance: random.Random) -> Mend:
    """Leave in Redis what is not ours: messages, messages that wait for an acknowledgement, and a key of another type.

    A worker looks at what waits for an acknowledgement when it starts.
    """
    server, name = company.house.redis(), chance.choice(WORKERS)
    forged, kept = {**forgeries(), **odd_but_ours()}, kept_forgeries()
    items, entries = chance.sample(sorted(forged.values()), 20), chance.sample(sorted(kept), 3)
    key = chance.choice(sorted(KEYS))
    # The last poison may be there still, in a key of another type.
    with contextlib.suppress(redis.ResponseError):
        for item in items:
            server.lpush(chance.choice(("urgent", "default", "issuer")), item)
        keep(server, {entry: kept[entry] for entry in entries})
    put_type(server, key, chance.choice([kind for kind in TYPES if kind != KEYS[key]]))
    company.house.kill(name)
    company.house.start(name)
    before = company.house.stack[name].pid

    def mend() -> None:
        process = company.house.stack[name]
        assert process.pid == before, "somebody else started it"
        assert process.is_running, f"{name} ended with {process.outcome}"

    return mend


def audit_insert_fails(company: Company, chance: random.Random) -> Mend:
    return refused_audit.refuse(chance.choice(list(refused_audit.WAYS)))


TROUBLES: tuple[Callable[[Company, random.Random], Mend], ...] = (
    worker_is_killed,
    all_workers_are_killed,
    beat_is_killed,
    redis_is_killed,
    redis_forgets,
    connections_break,
    worker_stands_still,
    clocks_jump,
    awss_clock_jumps,
    aws_fails,
    aws_fails,
    aws_fails,
    somebody_edits,
    somebody_edits,
    somebody_deletes_the_closing_policy,
    somebody_writes_what_nobody_can_judge,
    somebody_writes_what_nobody_can_judge,
    messages_are_doubled,
    poison_messages,
    poison_messages,
    audit_insert_fails,
)
