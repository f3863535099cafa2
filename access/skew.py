"""Compare the clocks of the database, the processes and AWS, and refuse new access while they differ too much.

While any two differ by more than 30 seconds nobody is admitted: no approvals, no new or longer trust statements, no
credentials and console pages. Ends and revocations continue. Which of the clocks is wrong need not be known for that.
"""

import os
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from django.conf import settings
from django.db import connection

from access import clock, pauses
from access.ledger import clocks
from access.models import ClockComparison, ClockEpisode, User
from access.rules.facts import Refused
from access.texts.text import Text

CALM = timedelta(minutes=5)  # after this time without a difference, the clocks count as agreeing again
GIVEN_UP_AFTER = timedelta(days=1)  # after that, only the pages show it
_KEPT = timedelta(days=1)  # readings of processes that are gone
_INEXACT = timedelta(seconds=1)  # two measurements of the same clock differ by less


def found(*, now: datetime, needs_aws: bool = False) -> Text | None:
    """Return which clocks differ and by how much, or None when none does by more than 30 seconds.

    `needs_aws` asks for AWS's clock as this process has just seen it: one that is not known counts as different then.
    """
    own = clock.offsets()
    if needs_aws and own.aws is None:
        return Text("clocks_unknown")
    known = {**_others(now=now), _name(): own}
    ahead: list[tuple[timedelta, Text | str]] = [(timedelta(0), connection.vendor)]
    for name, offsets in known.items():
        ahead += [(offsets.process, name)] if offsets.process is not None else []
        ahead += [(offsets.aws, Text("clock_of_aws", {"process": name}))] if offsets.aws is not None else []
    return _text_of(ahead)


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
    clocks.store_comparison(_name(), facts)


def observe(*, now: datetime) -> None:
    """Compare the clocks, and open, continue or end the episode in which they differ."""
    record(now=now)
    clocks.forget_comparisons(before=now - _KEPT)
    text, episode = found(now=now), open_episode()
    if text and episode is None:
        clocks.begin_episode(text, now=now)
    elif text and episode is not None:
        clocks.continue_episode(episode, text, now=now)
    elif episode is not None and not pauses.is_recent(episode.observed_at, within=CALM, now=now):
        clocks.end_episode(episode, now=now)


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


def _text_of(clocks: Sequence[tuple[timedelta, Text | str]]) -> Text | None:
    """Return a text about the two clocks that are furthest apart, if that is too far; each has how far it is ahead.

    The first one is the database's, which is named in place of those that agree with it.
    """
    measured = [ahead for ahead, _ in clocks]
    if max(measured) - min(measured) <= pauses.LARGEST_SKEW:
        return None
    named = [(ahead if abs(ahead) >= _INEXACT else timedelta(0), name) for ahead, name in clocks]
    (least, behind), (most, ahead) = min(named, key=itemgetter(0)), max(named, key=itemgetter(0))
    seconds = round((most - least).total_seconds())
    return Text("clocks_apart", {"seconds": seconds, "ahead": ahead, "behind": behind})


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:200]
