"""How long after an approval's commit its grant is applied: a real worker, Redis, PostgreSQL and the local AWS."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from access.actions import deciding
from access.models import Grant, Notification, Request, Role
from bench import raw, seed, worker
from bench.rows import Bound, Row

ROUNDS = 150
WARM_UP = 20  # rounds that are not counted: clients are built and connections made in them
PATIENCE = 60.0  # seconds for one grant
REST = 0.05  # seconds; a machine that rested takes a millisecond longer for its first call, so all three begin rested
APPLIED = """
CREATE FUNCTION bench_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('bench', NEW.id::text); RETURN NEW; END $$;
CREATE TRIGGER bench_applied AFTER UPDATE OF applied_at ON access_grant FOR EACH ROW
WHEN (OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL) EXECUTE FUNCTION bench_applied()
"""


def measure() -> list[Row]:
    """Return p50 and p95 of many rounds; each times ours, raw and an empty Celery round trip one after the other."""
    worker.await_ready()
    env = seed.set_up()
    count = WARM_UP + ROUNDS
    requests = env.requests(env.roles(count, name="ours"))
    Request.objects.update(notify_next_at=None)  # nobody is reminded aside of what waits
    seed.make_default_deny([_overflow_role(request.role) for request in requests])
    iam = raw.client()
    with _applied() as listener:
        log = raw.Log()
        times = [_round(env, request, listener, iam, log) for request in requests]
    ours, bare, empty = (sorted(column) for column in zip(*times[WARM_UP:], strict=True))
    trip = statistics.median(empty)
    return [
        _row("approve-to-applied-p50", 50, ours, bare, trip, 1.5),
        _row("approve-to-applied-p95", 95, ours, bare, trip, 2.5),
    ]


def _row(name: str, percent: int, ours: list[float], bare: list[float], trip: float, target: float) -> Row:
    mine, its = _percentile(ours, percent), _percentile(bare, percent)
    note = f"judged: (ours - {trip:.1f} ms, one empty Celery round trip) / raw = {(mine - trip) / its:.2f}"
    return Row(name, mine, its, "ms", (mine - trip) / its, Bound.AT_MOST, target, note)


def _round(
    env: seed.Environment, request: Request, listener: "psycopg.Connection[Any]", iam: Any, log: raw.Log
) -> tuple[float, float, float]:
    """Return the milliseconds of ours, of only the same AWS calls, and of a task that does nothing."""
    time.sleep(REST)
    ours = _approve(env, request, listener)
    _await_rest(request.role)
    made = log.news(about=request.role.name)
    time.sleep(REST)
    started = time.perf_counter()
    raw.replay(iam, made, role=_overflow_role(request.role))
    bare = time.perf_counter() - started
    time.sleep(REST)
    return ours * 1000, bare * 1000, worker.empty_trip() * 1000


def _approve(env: seed.Environment, request: Request, listener: "psycopg.Connection[Any]") -> float:
    """Approve, and return the seconds from the commit to the moment at which `applied_at` is committed too."""
    commits: list[float] = []
    with transaction.atomic():
        transaction.on_commit(partial(_note, commits))
        deciding.approve(by=env.alice, request=request, content_hash=request.content_hash, now=timezone.now())
    grant = Grant.objects.get(request=request)
    told = [(time.perf_counter(), note.payload) for note in listener.notifies(timeout=PATIENCE, stop_after=1)]
    if [payload for _, payload in told] != [str(grant.pk)]:
        raise RuntimeError(f"The grant on {request.role} was not applied within {PATIENCE:.0f} s.")
    return told[0][0] - commits[0]


def _note(times: list[float]) -> None:
    times.append(time.perf_counter())


def _await_rest(role: Role) -> None:
    """Return when the worker has let the role go and sent its emails: it does nothing while raw is measured."""
    deadline = time.monotonic() + PATIENCE
    held = Role.objects.filter(Q(state__reconciled_generation=0) | Q(state__leased_until__isnull=False), pk=role.pk)
    unsent = Notification.objects.filter(request__role=role, sent_at=None)
    while held.exists() or unsent.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The worker did not let {role} go: {Role.objects.filter(pk=role.pk).values().get()}")
        time.sleep(0.005)


@contextmanager
def _applied() -> Iterator["psycopg.Connection[Any]"]:
    """Yield a connection that is notified of every grant that becomes applied, at the commit."""
    with connection.cursor() as cursor:
        cursor.execute(APPLIED)
    words = connection.get_connection_params()
    with psycopg.connect(host=words["host"], user=words["user"], dbname=words["dbname"], autocommit=True) as listener:
        listener.execute("LISTEN bench")
        yield listener


def _overflow_role(role: Role) -> str:
    return role.name.replace("ours", "raw")


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
