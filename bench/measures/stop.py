"""How long one stop takes on many roles, against only the same AWS calls, and in which order it writes."""

import os
import time

from django.db.models import F
from django.utils import timezone

from access import tasks
from access.actions import stopping
from access.actions.stop_targets import Target
from access.models import Grant, Role, User
from access.rules.stopping import Scope
from bench import raw, seed, worker
from bench.rows import Bound, Row

ROLES = int(os.environ.get("BENCH_STOP_ROLES", "100"))
THREADS = 2  # of raw; `bench.rows` starts the worker with as many processes
DENY, TRUST = "PutRolePolicy", "UpdateAssumeRolePolicy"
PATIENCE = 300.0  # seconds


def measure() -> list[Row]:
    """Return the trust policies that were written before the last Deny, and the roles per second of ours and raw."""
    worker.await_ready()
    env, iam, log = seed.set_up(), raw.client(threads=THREADS), raw.Log()
    roles = env.roles(ROLES, name="ours")
    seed.make_default_deny([_other(role) for role in roles])
    env.grants(roles, each=1)
    _reconcile(roles)
    raw.replay_all(iam, _elsewhere(log.news(), roles), threads=THREADS)
    log.news()  # raw makes its calls with the worker's identity too
    denied, ended = _stop(env, roles)
    made = log.news()
    writes = [call.action for call in made if call.is_write]
    early = writes[: len(writes) - writes[::-1].index(DENY)].count(TRUST)
    started = time.perf_counter()
    raw.replay_all(iam, _elsewhere(made, roles), threads=THREADS)
    bare = time.perf_counter() - started
    note = f"{ROLES} roles: all denied after {denied:.1f} s, all ended after {ended:.1f} s"
    return [
        Row("stop-order", early, 0, "writes", early, Bound.AT_MOST, 0, "trust policies before the last Deny"),
        Row("stop-roles", ROLES / ended, ROLES / bare, "roles/s", bare / ended, Bound.AT_LEAST, 0.25, note),
    ]


def _stop(env: seed.Environment, roles: list[Role]) -> tuple[float, float]:
    """Stop the account; return the seconds until AWS had every Deny, and until all grants had ended."""
    started = time.perf_counter()
    administrator = User.objects.create(email="ada@example.com", is_staff=True)
    stopping.stop(by=administrator, target=Target(Scope.ACCOUNT, env.account), reason="Bench.", now=timezone.now())
    _await(roles, state__denied_generation=F("state__generation"))
    denied = time.perf_counter() - started
    _await(roles, state__reconciled_generation=F("state__generation"))
    if Grant.objects.filter(removed_at=None).exists():
        raise RuntimeError("Some grants are still in AWS.")
    return denied, time.perf_counter() - started


def _reconcile(roles: list[Role]) -> None:
    for role in roles:
        tasks.reconcile_role.apply_async(args=(role.pk,), queue="default")
    _await(roles, state__reconciled_generation=F("state__generation"))


def _await(roles: list[Role], **reached: F) -> None:
    """Return when all roles have reached this; raise RuntimeError if it takes too long."""
    deadline = time.perf_counter() + PATIENCE
    waiting = Role.objects.filter(pk__in=[role.pk for role in roles]).exclude(**reached)
    while waiting.exists():
        if time.perf_counter() > deadline:
            raise RuntimeError(f"{waiting.count()} roles are not done after {PATIENCE:.0f} s.")
        time.sleep(0.02)


def _elsewhere(made: list[raw.Call], roles: list[Role]) -> dict[str, list[raw.Call]]:
    """Return the calls of each role by the name of the role to which raw makes them."""
    asked = raw.by_role(made)
    return {_other(role): asked[role.name] for role in roles}


def _other(role: Role) -> str:
    return role.name.replace("ours", "raw")
