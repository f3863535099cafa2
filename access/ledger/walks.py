"""Whether the audit chain holds. The worker walks all of it every day, some events at a time; a check in between trusts
it for the verified events, and verifies those that came after.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from access.ledger.chain import event_hash
from access.models import AuditEvent, AuditHead, ChainWalk, Checkpoint

AT_ONCE = 20_000  # events, about a second's worth
NAMED = 100  # broken links of one walk that are named
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Link:
    """An event of the chain, by its sequence number and its hash; without any, the place before the first one."""

    sequence: int = 0
    hash: str = "0" * 64


@dataclass(frozen=True, slots=True)
class Walked:
    """How far somebody has come along the chain, where it did not hold, and whether there it ended."""

    to: Link
    broken_at: list[int]
    is_at_end: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known of the chain: the last walk of the worker's that came to the end (or the first one, on its way),
    what was walked now from there on, and where it did not hold by either, or by the walk that is on its way.
    """

    by_worker: ChainWalk | None
    now: Walked
    broken_at: list[int]


def walk(*, after: Link = Link(), most: int | None = None) -> Walked:
    """Walk along the chain from one link, for at most so many events: a gap, a changed event and a cut tail are found.

    The chain may grow meanwhile: it has to reach at least the head of before, and at most the head of after.
    """
    before = AuditHead.objects.get(pk=1)
    last, count, broken = after, 0, []
    signed = _signed(after, most)
    if after.sequence == before.sequence and after.hash != before.hash:
        broken.append(after.sequence)
    for event in AuditEvent.objects.filter(sequence__gt=after.sequence).order_by("sequence")[:most].iterator():
        is_joined = (event.sequence, event.previous_hash) == (last.sequence + 1, last.hash)
        is_noted = event.sequence != before.sequence or event.hash == before.hash
        is_noted = is_noted and signed.get(event.sequence, event.hash) == event.hash
        if not (is_joined and is_noted and event.hash == event_hash(event)):
            broken.append(event.sequence)
        last, count = Link(event.sequence, event.hash), count + 1
    is_at_end = most is None or count < most
    if is_at_end and last.sequence < before.sequence:
        broken.append(before.sequence)
    elif is_at_end and last.sequence > AuditHead.objects.get(pk=1).sequence:
        broken.append(last.sequence)
    return Walked(last, broken, is_at_end)


def _signed(after: Link, most: int | None) -> dict[int, str]:
    """Return what the checkpoints in the database say of these events. Their signatures are for `audit_verify`."""
    rows = Checkpoint.objects.filter(new_key="", sequence__gt=after.sequence)
    rows = rows if most is None else rows.filter(sequence__lte=after.sequence + most)
    return dict(rows.values_list("sequence", "hash"))


def broken_links() -> list[int]:
    """Return the sequence numbers at which the chain does not hold, after walking all of it."""
    return walk().broken_at


def walk_on(*, now: datetime, most: int = AT_ONCE) -> None:
    """Take the day's walk further, or begin it; what does not hold is recorded with it, and an error in the log."""
    row = ChainWalk.objects.filter(ended_at=None).order_by("pk").first()
    if row is None:
        # A verification with a date in the future comes from a wrong clock. Ignore it, or it would replace the real
        # one.
        ChainWalk.objects.filter(day__gt=now.date(), broken_at=[]).delete()
        row, _ = ChainWalk.objects.get_or_create(day=now.date(), defaults={"began_at": now})
    if row.ended_at is not None:
        return
    came = walk(after=Link(row.sequence, row.hash), most=most)
    # If two processes verify at the same time, only one result counts.
    ChainWalk.objects.filter(pk=row.pk, sequence=row.sequence, ended_at=None).update(
        sequence=came.to.sequence,
        hash=came.to.hash,
        broken_at=[*row.broken_at, *came.broken_at][:NAMED],
        ended_at=now if came.is_at_end else None,
    )
    if came.broken_at:
        log.error("audit.broken", at=came.broken_at[:NAMED], count=len(came.broken_at))


def last_walk() -> tuple[ChainWalk | None, list[int]]:
    """Return the last walk that came to the end, or else the first one, on its way; and where it did not hold by this
    one or by the one that is on its way.
    """
    ended = ChainWalk.objects.exclude(ended_at=None).order_by("-pk").first()
    on_its_way = ChainWalk.objects.filter(ended_at=None).order_by("pk").first()
    found = {sequence for row in (ended, on_its_way) if row for sequence in row.broken_at}
    return ended or on_its_way, sorted(found)


def verify(*, most: int = AT_ONCE) -> Verified:
    """Return what is known of the chain, after walking what came since the worker's last walk."""
    by_worker, broken = last_walk()
    after = Link(by_worker.sequence, by_worker.hash) if by_worker else Link()
    came = walk(after=after, most=most)
    if came.broken_at:
        log.error("audit.broken", at=came.broken_at[:NAMED], count=len(came.broken_at))
    return Verified(by_worker, came, sorted({*broken, *came.broken_at[:NAMED]}))
