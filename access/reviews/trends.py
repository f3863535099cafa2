"""How access and decisions went over the last days, for charts. Each figure is read from an index of its time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Least, TruncDate
from django.utils import timezone

from access.lifecycle import RequestState
from access.models import Grant, Request
from access.reviews.oversight import Oversight

DAYS = 30
# A decision took at most so long; the last bucket has the others.
LIMITS = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of requests on one day: approved or denied by people, approved by a policy, expired undecided."""

    day: date
    approved: int = 0
    automatic: int = 0
    denied: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Decisions by day, and how many took how long: by the index in LIMITS, len(LIMITS) for longer."""

    days: list[Decisions]
    times: Mapping[int, int] = field(default_factory=dict)


def last_days(now: datetime) -> list[date]:
    """Return the last DAYS days where the reader is, today included."""
    today = timezone.localtime(now).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def read_open_by_day(oversight: Oversight) -> list[tuple[date, int]]:
    """Return for each day how many grants gave access at some time of it, until now."""
    days, now = last_days(oversight.now), oversight.now
    ended = Least("ends_at", Coalesce("revoked_at", "ends_at"), Value(now))
    rows = Grant.objects.filter(oversight.of_roles("role"), ends_at__gt=_midnight(days[0]), starts_at__lte=now)
    rows = rows.filter(Q(revoked_at=None) | Q(revoked_at__gt=F("starts_at")))
    # The end itself is not part of a grant: what ends at midnight is over on the day that begins.
    grouped = rows.values(first=TruncDate("starts_at"), last=TruncDate(ended - _MOMENT)).annotate(count=Count("pk"))
    changes = dict.fromkeys([*days, days[-1] + timedelta(days=1)], 0)
    for row in grouped:
        if row["last"] >= days[0]:
            changes[max(row["first"], days[0])] += row["count"]
            changes[min(row["last"], days[-1]) + timedelta(days=1)] -= row["count"]
    return _added_up(days, changes)


def read_outcomes(oversight: Oversight) -> Outcomes:
    """Return what was decided in the last days, and how long people took."""
    days = last_days(oversight.now)
    rows = Request.objects.filter(
        oversight.of_roles("role"), settled_at__gte=_midnight(days[0]), break_glass_policy=None
    )
    # Before its time ran out, no request expires: it was cancelled.
    expired = Q(state=RequestState.EXPIRED, settled_at__gte=F("expires_at"))
    rows = rows.filter(Q(state__in=[RequestState.APPROVED, RequestState.DENIED]) | expired)
    grouped = rows.values("state", day=TruncDate("settled_at"), took=_took()).annotate(count=Count("pk"))
    by_day: dict[date, dict[str, int]] = {day: {} for day in days}
    times: dict[int, int] = {}
    for row in grouped:
        name = _column(row)
        of_day = by_day.get(row["day"], {})
        of_day[name] = of_day.get(name, 0) + row["count"]
        if name in {"approved", "denied"}:
            times[row["took"]] = times.get(row["took"], 0) + row["count"]
    return Outcomes([Decisions(day, **counts) for day, counts in by_day.items()], times)


def _took() -> Case:
    """Return the expression for how long a decision took; -1 for one that was made when the request was submitted."""
    steps = [When(settled_at__lte=F("submitted_at") + limit, then=Value(index)) for index, limit in enumerate(LIMITS)]
    at_once = When(settled_at__lte=F("submitted_at"), then=Value(-1))
    return Case(at_once, *steps, default=Value(len(LIMITS)), output_field=IntegerField())


def _column(row: Mapping[str, Any]) -> str:
    """Return under which name a group of requests is counted; only a policy approves in the moment of the request."""
    if row["state"] == RequestState.APPROVED:
        return "automatic" if row["took"] == -1 else "approved"
    return str(row["state"])


def _added_up(days: list[date], changes: Mapping[date, int]) -> list[tuple[date, int]]:
    total, found = 0, []
    for day in days:
        total += changes[day]
        found.append((day, total))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
