"""Whether the clocks of the database, of the processes and of AWS agree, and what is stopped while they do not.

While any two differ by more than 30 seconds nobody is admitted: no approvals, no new or longer trust statements, no
credentials and console pages. Ends and revocations go on. Which of the clocks is wrong need not be known for that.
"""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from access import clock, pauses
from access.ledger import spool
from access.models import ClockComparison, ClockEpisode, User
from access.rules.facts import Refused

CALM = timedelta(minutes=5)  # without a difference, before an episode is over: one that comes and goes is one
GIVEN_UP_AFTER = timedelta(days=1)  # after that, only the pages show it
_KEPT = timedelta(days=1)  # readings of processes that are gone
BY = "daypass"
SUBJECT = "clocks"
UNKNOWN = "AWS's answers do not say what time it is there, so the clocks cannot be compared."


def found(*, now: datetime, needs_aws: bool = False) -> str:
    """Return which clocks differ and by how much, or "" when none does by more than 30 seconds.

    `needs_aws` asks for AWS's clock as this process has just seen it: one that is not known counts as different then.
    """
    own = clock.offsets()
    if needs_aws and own.aws is None:
        return UNKNOWN
    known = {**_others(now=now), _name(): own}
    ahead = {"the database": timedelta(0)}
    for name, offsets in known.items():
        ahead |= {f"process {name}": offsets.process} if offsets.process is not None else {}
        ahead |= {f"AWS as {name} sees it": offsets.aws} if offsets.aws is not None else {}
    return _sentence(ahead)


def check(*, now: datetime) -> None:
    """Raise Refused while the clocks differ too much for anybody to be admitted."""
    if found(now=now):
        raise Refused("clock_skew")


def earliest(at: datetime) -> datetime:
    """Return the earliest time that any clock shows when the database's shows `at`: by it nothing ends too early."""
    own = clock.offsets()
    return at + min(timedelta(0), own.process or timedelta(0), own.aws or timedelta(0))


def record(*, now: datetime) -> None:
    """Store what this process knows, so that the others stop what admits as well."""
    own = clock.offsets()
    facts = {"read_at": now, "process_ahead": own.process or timedelta(0), "aws_ahead": own.aws}
    ClockComparison.objects.update_or_create(process=_name(), defaults=facts)


def observe(*, now: datetime) -> None:
    """Compare the clocks, and open, continue or end the episode in which they differ."""
    record(now=now)
    ClockComparison.objects.filter(read_at__lt=now - _KEPT).delete()
    text, episode = found(now=now), open_episode()
    if text and episode is None:
        _begin(text, now=now)
    elif text and episode is not None:
        ClockEpisode.objects.filter(pk=episode.pk).update(observed_at=now, text=text[:1000])
    elif episode is not None and not pauses.is_recent(episode.observed_at, within=CALM, now=now):
        _end(episode, now=now)


def open_episode() -> ClockEpisode | None:
    """Return the episode that is not over, if there is one."""
    return ClockEpisode.objects.filter(ended_at=None).first()


def to_notify(*, now: datetime) -> list[int]:
    """Return the ids of the episodes of which not every administrator was notified."""
    lately = ClockEpisode.objects.filter(notified_at=None, began_at__gt=now - GIVEN_UP_AFTER)
    return list(lately.order_by("pk").values_list("pk", flat=True))


def addresses(episode: ClockEpisode) -> list[str]:
    """Return the addresses of the administrators who were not notified of this episode yet."""
    everybody = User.objects.filter(is_active=True, is_staff=True, contractor=None).order_by("email")
    return [email for email in everybody.values_list("email", flat=True) if email not in episode.notified]


def _others(*, now: datetime) -> Mapping[str, clock.Offsets]:
    """Return what other processes found lately."""
    lately = timedelta(seconds=3 * settings.SWEEP_SECONDS + 5)
    rows = ClockComparison.objects.exclude(process=_name()).filter(read_at__gt=now - lately)
    return {
        row.process: clock.Offsets(row.process_ahead, row.aws_ahead)
        for row in rows
        if pauses.is_recent(row.read_at, within=lately, now=now)
    }


def _sentence(ahead: Mapping[str, timedelta]) -> str:
    first, last = min(ahead, key=ahead.__getitem__), max(ahead, key=ahead.__getitem__)
    apart = ahead[last] - ahead[first]
    if apart <= pauses.LARGEST_SKEW:
        return ""
    return f"The clock of {last} is {apart.total_seconds():.0f} seconds ahead of that of {first}."


@transaction.atomic
def _begin(text: str, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            ClockEpisode.objects.create(began_at=now, observed_at=now, text=text[:1000])
    except IntegrityError:  # another sweep was faster
        return
    spool.record(verb="clocks.differ", subject=SUBJECT, by=BY, now=now, found=text)


@transaction.atomic
def _end(episode: ClockEpisode, *, now: datetime) -> None:
    if ClockEpisode.objects.filter(pk=episode.pk, ended_at=None).update(ended_at=now):
        spool.record(verb="clocks.agree", subject=SUBJECT, by=BY, now=now, differed_since=episode.began_at)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:200]
