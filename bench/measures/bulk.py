"""How fast one worker process brings 10,000 grants on 1,000 roles in sync, against only the same AWS calls; and 1,000
grants on 100 roles in an AWS that is not on the same machine.
"""

import time
from typing import Any

from django.db.models import F

from access import tasks
from access.models import Grant, Role
from bench import raw, seed, worker
from bench.rows import Bound, Row

ROLES, GRANTS_EACH = 1000, 10
THREADS = 1  # of raw; `bench.rows` starts the worker with as many processes
FEW_ROLES = 100
DISTANCE = 0.03  # seconds, less than what IAM takes to answer
ROUNDS = 10
PATIENCE = 120.0  # seconds for one round


def measure() -> list[Row]:
    """Return the roles per second of ours and raw, on the same machine and from afar."""
    worker.await_ready()
    env = seed.set_up()
    iam = raw.client(threads=THREADS)
    _warm_up(env)
    rows = [_row("reconcile-10000", _roles(env, ROLES, name="ours"), iam)]
    few = _roles(env, FEW_ROLES, name="ours-afar")
    with raw.distance("*", seconds=DISTANCE):
        rows.append(_row("reconcile-distant", few, iam))
    _check_applied()
    return rows


def _roles(env: seed.Environment, count: int, *, name: str) -> list[Role]:
    roles = env.roles(count, name=name)
    env.grants(roles, each=GRANTS_EACH)
    seed.make_default_deny([_overflow_role(role.name) for role in roles])
    return roles


def _row(name: str, roles: list[Role], iam: Any) -> Row:
    """Return the row of these roles; ours and raw take turns, a tenth of the roles each time."""
    log, ours, bare = raw.Log(), 0.0, 0.0
    log.news()
    for part in range(ROUNDS):
        ours += _reconcile(roles[part::ROUNDS])
        asked = raw.by_role(log.news())
        made = {_overflow_role(role.name): asked[role.name] for role in roles[part::ROUNDS]}
        started = time.perf_counter()
        raw.replay_all(iam, made, threads=THREADS)
        bare += time.perf_counter() - started
    count = len(roles)
    note = f"one worker process, one thread of raw, {count * GRANTS_EACH / ours:.0f} grants/s"
    return Row(name, count / ours, count / bare, "roles/s", bare / ours, Bound.AT_LEAST, 0.7, note)


def _warm_up(env: seed.Environment) -> None:
    """Let the worker connect everywhere before its time counts."""
    roles = env.roles(2 * THREADS, name="warm")
    env.grants(roles, each=1)
    _reconcile(roles)


def _reconcile(roles: list[Role]) -> float:
    """Send the worker a message for each role and return the seconds until all are in sync."""
    started = time.perf_counter()
    for role in roles:
        tasks.reconcile_role.apply_async(args=(role.pk,), queue="default")
    waiting = Role.objects.filter(pk__in=[role.pk for role in roles]).exclude(
        state__reconciled_generation=F("state__generation")
    )
    while waiting.exists():
        if time.perf_counter() - started > PATIENCE:
            raise RuntimeError(f"{waiting.count()} roles are not in sync after {PATIENCE:.0f} s.")
        time.sleep(0.02)
    return time.perf_counter() - started


def _check_applied() -> None:
    open_grants = Grant.objects.filter(applied_at=None).count()
    if open_grants or Grant.objects.count() < (ROLES + FEW_ROLES) * GRANTS_EACH:
        raise RuntimeError(f"{open_grants} grants were not applied.")


def _overflow_role(name: str) -> str:
    return name.replace("ours", "raw")
