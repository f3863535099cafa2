"""Report whether the process is running, and whether everything that it needs is available."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access import clock, endings, pauses, schema, skew
from access.ledger.chaining import audit_state
from access.ledger.counters import QUEUE_DROPPED, UNTRANSLATED, counted
from access.ledger.walks import last_walk
from access.models import Role, UnmanagedStatement
from access.models.role_states import STUCK_AFTER
from access.presenters import audit, chain_state, worker
from access.reviews.troubles import three_sweeps
from access.texts.text import CodedError, Text

PING_SECONDS = 1


class NotReady(CodedError):
    """The sentence says what is missing, without hosts or secrets."""


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
    missing = {name: text for name, check in _CHECKS.items() if (text := _missing(check, now))}
    checks = {name: missing[name].english if name in missing else "ok" for name in _CHECKS}
    codes = {name: text.code for name, text in missing.items()}
    detail = {} if "database" in missing else _detail(now)
    answer = {"ready": not missing, **checks, "codes": codes, **detail}
    return JsonResponse(answer, status=503 if missing else 200)


def _now() -> datetime:
    try:
        return clock.now()
    except DatabaseError:
        return timezone.now()  # nothing else can be found out then


def _missing(check: Callable[[datetime], None], now: datetime) -> Text | None:
    try:
        check(now)
    except NotReady as error:
        return error.text
    except DatabaseError:
        return Text("database_silent")
    return None


def _database(_now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if schema.is_too_old(connection):
        raise NotReady("database_too_old")


def _redis(_now: datetime) -> None:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PING_SECONDS, socket_timeout=PING_SECONDS, retry=None
    )
    try:
        client.ping()
    except redis.RedisError as error:
        raise NotReady("queue_silent") from error
    finally:
        client.close()


def _worker(now: datetime) -> None:
    if out := worker.outage(now=now):
        raise NotReady("sweep_outdated", since=_second(out.since)) if out.since else NotReady("sweep_missing")


def _revocations(now: datetime) -> None:
    at, recent = endings.last_look(now=now)
    if not recent:
        raise NotReady("endings_outdated", since=_second(at)) if at else NotReady("endings_missing")


def _waiting(now: datetime) -> None:
    too_long = pauses.not_recent("state__waiting_since", within=three_sweeps(), now=now)
    oldest = Role.objects.filter(too_long, state__failures=0).order_by("state__waiting_since").first()
    if oldest is not None and oldest.state.waiting_since is not None:
        raise NotReady("role_waiting", since=_second(oldest.state.waiting_since))


def _clocks(now: datetime) -> None:
    if text := skew.found(now=now):
        skew.record(now=now)
        raise NotReady("clocks_not_ready", difference=text)


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _detail(now: datetime) -> dict[str, object]:
    """Return numbers and times, and in `attention` a sentence per code of what a person should check.

    None of it takes anything down: access still ends on time, and revoking still works.
    """
    numbers = _roles_in_trouble(now) | _audit_chain() | _queue() | _untranslated()
    problems = audit.problems(audit_state(now=now))
    found = [*problems, *_counted_problems(numbers)]
    said = " ".join(problem.english for problem in problems) or "ok"
    return numbers | {"audit": said, "attention": {problem.code: problem.english for problem in found}}


def _counted_problems(numbers: Mapping[str, Any]) -> Iterator[Text]:
    if stuck := numbers["roles_stuck"]:
        yield Text("roles_stuck", {"count": stuck})
    if urgent := numbers["unmanaged_statements_urgent"]:
        yield Text("unmanaged_statements_urgent", {"count": urgent})
    if dropped := numbers["queue_dropped"]:
        yield Text("queue_dropped", {"count": dropped})
    if events := numbers["audit_broken_at"]:
        yield chain_state.broken(events)


def _roles_in_trouble(now: datetime) -> dict[str, object]:
    last = Role.objects.filter(state__reconciled_at__isnull=False).order_by("-state__reconciled_at").first()
    return {
        "last_reconcile": last.state.reconciled_at if last else None,
        "roles_with_a_problem": Role.objects.exclude(state__problem="").count(),
        "role_problems": _role_problems(),
        "roles_stuck": Role.objects.filter(state__failures__gte=STUCK_AFTER).count(),
    } | _unmanaged_statements(now)


def _role_problems() -> dict[str, int]:
    """Return how many roles have each problem, by its code."""
    counts = Role.objects.exclude(state__problem_code="").values_list("state__problem_code").annotate(Count("pk"))
    return dict(counts.order_by("state__problem_code"))


def _unmanaged_statements(now: datetime) -> dict[str, object]:
    """Count the statements of trust policies that no grant explains: those there now, and those removed in a day."""
    reported = UnmanagedStatement.objects.reported(now=now)
    return {
        "unmanaged_statements": reported.open().count(),
        "unmanaged_statements_removed": reported.exclude(settled_at=None).count(),
        "unmanaged_statements_urgent": reported.filter(is_urgent=True).count(),
    }


def _audit_chain() -> dict[str, object]:
    """Return how the last walk along the audit chain went."""
    walk, broken = last_walk()
    return {"audit_walked_at": walk.ended_at if walk else None, "audit_broken_at": broken}


def _queue() -> dict[str, object]:
    """Return how much in Redis was not ours and was dropped: somebody can write to Redis."""
    total, at = counted(QUEUE_DROPPED)
    return {"queue_dropped": total, "queue_dropped_at": at}


def _untranslated() -> dict[str, object]:
    """Return how many sentences were shown in English to readers of another language; the log names their codes."""
    total, at = counted(UNTRANSLATED)
    return {"texts_untranslated": total, "texts_untranslated_at": at}


_CHECKS: dict[str, Callable[[datetime], None]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "revocations": _revocations,
    "waiting": _waiting,
    "clocks": _clocks,
}
