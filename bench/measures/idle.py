"""What one sweep asks of AWS when nothing has changed on a thousand roles."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.utils import timezone

from access import housekeeping
from access.models import Role
from access.reconcile import convergence, daily_refresh, drift, due
from bench import raw, seed
from bench.rows import Bound, Row

ROLES = 1000
MOST_READS = 20
THREADS = 4


def measure() -> list[Row]:
    """Return the reads of one idle sweep; a write, or a role that was found changed, makes the figure infinite."""
    env = seed.set_up()
    roles = env.roles(ROLES, name="idle")
    env.grants(roles, each=1)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(_reconcile, [[role.pk for role in roles[part::THREADS]] for part in range(THREADS)]))
    log = raw.Log()
    log.news()
    found = _sweep()
    made = log.news()
    reads = sum(not call.is_write for call in made)
    writes = len(made) - reads
    judged = reads if not found and not writes else float("inf")
    note = f"{writes} writes, {len(found)} roles found changed; raw: one read a role"
    return [Row("idle-sweep-1000-roles", reads, ROLES, "reads", judged, Bound.AT_MOST, MOST_READS, note)]


def _sweep() -> list[int]:
    """Do what the sweep does, and return the roles that it would have enqueued."""
    now = timezone.now()
    housekeeping.run(now=now)
    daily_refresh.read_quotas(now=now)
    return [*due.due(now=now), *drift.drifted(now=now)]


def _reconcile(role_ids: list[int]) -> None:
    for role_id in role_ids:
        convergence.role(role_id, now=timezone.now)
        Role.objects.get(pk=role_id, state__problem="", state__reconciled_generation=1)
    connection.close()
