"""Is the process up, and is everything that it needs."""

from collections.abc import Callable
from datetime import datetime

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access import clock, endings, pauses, schema, skew
from access.ledger.chaining import audit_state
from access.ledger.counters import QUEUE_DROPPED, counted
from access.ledger.walks import last_walk
from access.models import Role, UnmanagedStatement
from access.models.catalogue import STUCK_AFTER
from access.presenters import audit, worker

PING_SECONDS = 1


class NotReady(Exception):
    """The message says what is missing, without hosts or secrets."""


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    now = _now()
    checks = {name: _result(check, now) for name, check in _CHECKS.items()}
    ready = all(result == "ok" for result in checks.values())
    detail = _roles_in_trouble(now) | _audit_chain(now) | _queue() if checks["database"] == "ok" else {}
    return JsonResponse({"ready": ready, **checks, **detail}, status=200 if ready else 503)


def _now() -> datetime:
    try:
        return clock.now()
    except DatabaseError:
        return timezone.now()  # nothing else can be found out then


def _result(check: Callable[[datetime], None], now: datetime) -> str:
    try:
        check(now)
    except NotReady as reason:
        return str(reason)
    except DatabaseError:
        return "the database does not respond"
    return "ok"


def _database(_now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if schema.is_too_old(connection):
        raise NotReady(schema.TOO_OLD)


def _redis(_now: datetime) -> None:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PING_SECONDS, socket_timeout=PING_SECONDS, retry=None
    )
    try:
        client.ping()
    except redis.RedisError as error:
        raise NotReady("Redis does not respond; changes wait for the next sweep") from error
    finally:
        client.close()


def _worker(now: datetime) -> None:
    if out := worker.outage(now=now):
        raise NotReady(f"no sweep since {out.since:%Y-%m-%d %H:%M:%S} UTC" if out.since else "no sweep yet")


def _revocations(now: datetime) -> None:
    at, recent = endings.last_look(now=now)
    if not recent:
        since = f"since {at:%Y-%m-%d %H:%M:%S} UTC" if at else "yet"
        raise NotReady(f"nobody has looked for access to end {since}; start manage.py end_revoked --watch")


def _waiting(now: datetime) -> None:
    too_long = pauses.not_recent("waiting_since", within=worker.three_sweeps(), now=now)
    oldest = Role.objects.filter(too_long, failures=0).order_by("waiting_since").first()
    if oldest is not None:
        raise NotReady(f"a role has been waiting since {oldest.waiting_since:%Y-%m-%d %H:%M:%S} UTC")


def _clocks(now: datetime) -> None:
    if text := skew.found(now=now):
        skew.record(now=now)
        raise NotReady(f"{text} Daypass grants no access until they agree; access still ends.")


def _roles_in_trouble(now: datetime) -> dict[str, object]:
    last = Role.objects.filter(reconciled_at__isnull=False).order_by("-reconciled_at").first()
    return {
        "last_reconcile": last.reconciled_at if last else None,
        "roles_with_a_problem": Role.objects.exclude(problem="").count(),
        "roles_stuck": Role.objects.filter(failures__gte=STUCK_AFTER).count(),
    } | _unmanaged_statements(now)


def _unmanaged_statements(now: datetime) -> dict[str, object]:
    """Count the statements of trust policies that no grant explains: those there now, and those removed in a day."""
    reported = UnmanagedStatement.objects.reported(now=now)
    return {
        "unmanaged_statements": reported.open().count(),
        "unmanaged_statements_removed": reported.exclude(settled_at=None).count(),
        "unmanaged_statements_urgent": reported.filter(is_urgent=True).count(),
    }


def _audit_chain(now: datetime) -> dict[str, object]:
    """Return how the last walk along the audit chain went and whether it takes events. That takes nothing down:
    somebody has to look, and revoking still works.
    """
    walk, broken = last_walk()
    said = " ".join(audit.in_words(audit_state(now=now))) or "ok"
    return {"audit": said, "audit_walked_at": walk.ended_at if walk else None, "audit_broken_at": broken}


def _queue() -> dict[str, object]:
    """Return how much in Redis was not ours and was dropped. It takes nothing down: somebody can write to Redis."""
    total, at = counted(QUEUE_DROPPED)
    return {"queue_dropped": total, "queue_dropped_at": at}


_CHECKS: dict[str, Callable[[datetime], None]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "revocations": _revocations,
    "waiting": _waiting,
    "clocks": _clocks,
}
