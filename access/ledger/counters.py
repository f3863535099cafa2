"""Count frequent things that need no event. Counters are not part of the audit chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import get_language

from access import wording
from access.models import Counter

log = structlog.get_logger(__name__)

QUEUE_DROPPED = "queue.dropped"  # messages, entries and keys in Redis that were not ours
UNTRANSLATED = "texts.untranslated"  # sentences shown in English to readers of another language


def count(name: str, number: int, *, now: datetime | Now) -> None:
    """Add `number` to a counter, which begins at 0. `now` can be the time of the database's transaction."""
    counter, _ = Counter.objects.get_or_create(name=name, defaults={"at": now})
    Counter.objects.filter(pk=counter.pk).update(total=F("total") + number, at=now)


def counted(name: str) -> tuple[int, datetime | None]:
    """Return the total of a counter and the time of the last count. Return 0 and None if nothing was counted."""
    counter = Counter.objects.filter(name=name).first()
    return (counter.total, counter.at) if counter else (0, None)


@contextmanager
def counting_untranslated() -> Iterator[None]:
    """Count the sentences that a page or an email shows in English although its reader has another language.

    The log names their codes, so that somebody can translate them.
    """
    with wording.untranslated() as codes:
        yield
    if not codes:
        return
    log.warning("texts.untranslated", codes=sorted(set(codes)), language=get_language())
    try:
        count(UNTRANSLATED, len(codes), now=Now())
    except DatabaseError:
        log.warning("texts.not_counted", exc_info=True)
