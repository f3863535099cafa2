"""Count frequent things that need no event. Counters are not part of the audit chain."""

from datetime import datetime

from django.db.models import F

from access.models import Counter

QUEUE_DROPPED = "queue.dropped"  # messages, entries and keys in Redis that were not ours


def count(name: str, number: int, *, now: datetime) -> None:
    """Add `number` to a counter, which begins at 0."""
    counter, _ = Counter.objects.get_or_create(name=name, defaults={"at": now})
    Counter.objects.filter(pk=counter.pk).update(total=F("total") + number, at=now)


def counted(name: str) -> tuple[int, datetime | None]:
    """Return the total of a counter and the time of the last count. Return 0 and None if nothing was counted."""
    counter = Counter.objects.filter(name=name).first()
    return (counter.total, counter.at) if counter else (0, None)
