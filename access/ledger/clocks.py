"""Store the clock differences that processes measured, and the periods in which clocks differed, with events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from access.ledger.spool import record
from access.models import ClockComparison, ClockEpisode
from access.models.texts import reason_columns
from access.texts import stored
from access.texts.text import Text

SUBJECT = "clocks"
BY = "daypass"


def store_comparison(process: str, facts: Mapping[str, Any]) -> None:
    """Store what a process measured. This has no event."""
    ClockComparison.objects.update_or_create(process=process, defaults=facts)


def forget_comparisons(*, before: datetime) -> None:
    """Delete the measurements of processes that no longer run."""
    ClockComparison.objects.filter(read_at__lt=before).delete()


@transaction.atomic
def begin_episode(text: Text, *, now: datetime) -> None:
    """Store that the clocks differ, unless another sweep has already stored this."""
    try:
        with transaction.atomic():
            ClockEpisode.objects.create(began_at=now, observed_at=now, **reason_columns(text))
    except IntegrityError:
        return
    record(verb="clocks.differ", subject=SUBJECT, by=BY, now=now, text=stored.dump(text))


def continue_episode(episode: ClockEpisode, text: Text, *, now: datetime) -> None:
    """Store that the clocks still differ, and by how much."""
    ClockEpisode.objects.filter(pk=episode.pk).update(observed_at=now, **reason_columns(text))


@transaction.atomic
def end_episode(episode: ClockEpisode, *, now: datetime) -> None:
    """Store that the clocks agree again."""
    if ClockEpisode.objects.filter(pk=episode.pk, ended_at=None).update(ended_at=now):
        record(verb="clocks.agree", subject=SUBJECT, by=BY, now=now, differed_since=episode.began_at)


def store_clocks_notified(episode: ClockEpisode, addresses: Sequence[str], *, is_whole: bool, now: datetime) -> None:
    """Store to which addresses the email was sent; `is_whole` says that no recipient is left."""
    done = {"notified_at": now} if is_whole else {}
    ClockEpisode.objects.filter(pk=episode.pk).update(notified=[*episode.notified, *addresses], **done)
