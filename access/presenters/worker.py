"""What Daypass knows about the worker and about AWS, and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from access import pauses
from access.ledger.chaining import WORKER
from access.ledger.counters import QUEUE_DROPPED, UNTRANSLATED, counted
from access.models import Heartbeat, Role
from access.reviews.troubles import DAY, three_sweeps


@dataclass(frozen=True, slots=True)
class Outage:
    """The worker has missed several sweeps; `since` is its last one, None before the first."""

    since: datetime | None


def outage(*, now: datetime) -> Outage | None:
    """Return the outage of the worker, None while its sweeps are recent."""
    last = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    recent = last is not None and -pauses.LARGEST_SKEW <= now - last <= three_sweeps()
    return None if recent else Outage(last)


def roles_read_at(roles: QuerySet[Role] | None = None) -> datetime | None:
    """Return when the role that was read least recently was read in AWS, or None when some were never read.

    Without `roles`, all of them count.
    """
    rows = (Role.objects.all() if roles is None else roles).filter(to_build=False)
    found = rows.aggregate(at=Min("state__observed_at"), unread=Count("pk", filter=Q(state__observed_at=None)))
    oldest: datetime | None = found["at"]
    return None if found["unread"] else oldest


def is_aws_known(read_at: datetime | None, *, now: datetime) -> bool:
    """Return whether AWS was read so recently that a page can say what is there."""
    return pauses.is_recent(read_at, within=three_sweeps(), now=now)


def recently_dropped(*, now: datetime) -> datetime | None:
    """Return when something in Redis that is not Daypass's was last dropped, if that was in the last day."""
    _total, at = counted(QUEUE_DROPPED)
    return at if pauses.is_recent(at, within=DAY, now=now) else None


def recently_untranslated(*, now: datetime) -> datetime | None:
    """Return when a sentence was last shown in English to a reader of another language, if that was in the last day."""
    _total, at = counted(UNTRANSLATED)
    return at if pauses.is_recent(at, within=DAY, now=now) else None
