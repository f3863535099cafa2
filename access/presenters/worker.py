"""What Daypass knows about the worker and about AWS, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from access import pauses
from access.ledger.chaining import WORKER
from access.models import Heartbeat, Role


@dataclass(frozen=True, slots=True)
class Outage:
    """The worker has missed several sweeps; `since` is its last one, None before the first."""

    since: datetime | None


def outage(*, now: datetime) -> Outage | None:
    """Return the outage of the worker, None while its sweeps are recent."""
    last = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    recent = last is not None and -pauses.LARGEST_SKEW <= now - last <= three_sweeps()
    return None if recent else Outage(last)


def three_sweeps() -> timedelta:
    """Return the time in which three sweeps should have begun, with some seconds to spare."""
    return timedelta(seconds=3 * settings.SWEEP_SECONDS + 5)


def roles_read_at() -> datetime | None:
    """Return when the role that was read least recently was read in AWS, or None when some were never read."""
    roles = Role.objects.filter(to_build=False)
    if roles.filter(state__observed_at=None).exists():
        return None
    oldest: datetime | None = roles.aggregate(at=Min("state__observed_at"))["at"]
    return oldest
