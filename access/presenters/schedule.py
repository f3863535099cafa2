"""When people have access to a role: the grants of a role or an account in a day, a week or four weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from access import wording
from access.models import Grant, Role
from access.rules.windows import Window

LENGTHS = {"day": 1, "week": 7, "month": 28}  # in days
COLUMNS = {"day": 8, "week": 7, "month": 4}  # of the axis
LABELS = {"day": wording.TIME, "week": wording.WEEKDAY, "month": wording.SHORT_DAY}
MOST = 200  # rows of one page; to see more, people choose a shorter period or one role
WIDTH = 1000  # units of the drawing from its beginning to its end


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a page shows, from midnight to midnight where the reader is."""

    name: str
    first: date
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, name: str, first: date) -> "Period":
        """Return a day, a week or four weeks that begin with `first`."""
        zone = timezone.get_current_timezone()
        starts_at, ends_at = (
            datetime.combine(day, time(), tzinfo=zone) for day in (first, first + timedelta(days=LENGTHS[name]))
        )
        return cls(name, first, starts_at, ends_at)

    @property
    def length(self) -> timedelta:
        return timedelta(days=LENGTHS[self.name])

    @property
    def labels(self) -> list[str]:
        """Return the labels of the axis, at equal distances."""
        part = (self.ends_at.timestamp() - self.starts_at.timestamp()) / COLUMNS[self.name]
        zone = timezone.get_current_timezone()
        moments = (self.starts_at.timestamp() + part * number for number in range(COLUMNS[self.name]))
        return [wording.shown(datetime.fromtimestamp(moment, tz=zone), LABELS[self.name]) for moment in moments]

    def place(self, at: datetime) -> float:
        """Return where a moment is in the drawing, from 0 to WIDTH."""
        start, end = self.starts_at.timestamp(), self.ends_at.timestamp()
        return round(WIDTH * min(1.0, max(0.0, (at.timestamp() - start) / (end - start))), 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A grant, when it ended or will end, and its bar in the drawing."""

    grant: Grant
    ends_at: datetime
    left: float
    width: float
    state: str

    @property
    def window(self) -> Window:
        """Return from when until when it gave or will give access."""
        return Window(self.grant.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Step:
    """How many grants there are at the same time, from one moment to the next."""

    left: float
    width: float
    height: float  # from 0 to 1, of the most at the same time
    count: int


@dataclass(frozen=True, slots=True)
class Schedule:
    period: Period
    rows: Sequence[Row]
    steps: Sequence[Step]
    is_whole: bool
    now: float | None

    @property
    def most(self) -> int:
        """Return how many grants there are at the same time at most."""
        return max((step.count for step in self.steps), default=0)


def build_schedule(grants: "QuerySet[Grant]", period: Period, *, now: datetime) -> Schedule:
    """Return those of `grants` that admit somebody in `period`, by their start; at most MOST of them."""
    in_force = Q(revoked_at=None) | (Q(revoked_at__gt=F("starts_at")) & Q(revoked_at__gt=period.starts_at))
    found = grants.filter(in_force, starts_at__lt=period.ends_at, ends_at__gt=period.starts_at)
    listed = list(
        found.select_related("request__requester", "contractor__company", "role__account").order_by("starts_at", "pk")[
            : MOST + 1
        ]
    )
    rows = [_row(grant, period, now=now) for grant in listed[:MOST]]
    is_now_shown = period.starts_at <= now < period.ends_at
    return Schedule(
        period, rows, _steps(rows, period), len(listed) <= MOST, period.place(now) if is_now_shown else None
    )


def grants_of_role(role: Role) -> "QuerySet[Grant]":
    """Return the grants of a role and of its overflow roles."""
    return Grant.objects.filter(Q(role=role) | Q(role__overflow_of=role))


def _row(grant: Grant, period: Period, *, now: datetime) -> Row:
    ends_at = min(grant.ends_at, grant.revoked_at or grant.ends_at)
    left, right = period.place(grant.starts_at), period.place(ends_at)
    return Row(grant, ends_at, left, max(round(right - left, 1), 2.0), grant.state(now=now))


def _steps(rows: Sequence[Row], period: Period) -> list[Step]:
    changes: dict[datetime, int] = {}
    for row in rows:
        start, end = max(row.grant.starts_at, period.starts_at), min(row.ends_at, period.ends_at)
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    moments, count, counted = sorted(changes), 0, []
    for moment, after in pairwise(moments):
        count += changes[moment]
        counted.append((period.place(moment), period.place(after), count))
    most = max((count for *_, count in counted), default=1) or 1
    return [Step(a, round(b - a, 1), round(count / most, 3), count) for a, b, count in counted if count]
