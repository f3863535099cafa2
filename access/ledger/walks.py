"""Verify the audit chain in parts.

The worker verifies the whole chain every day, some events at a time. Other checks rely on this result, and verify only
later events.
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
    """One event of the chain, by its sequence number and hash. The default is the place before the first event."""

    sequence: int = 0
    hash: str = "0" * 64


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a verification came, at which events it found errors, and whether it reached the end of the chain."""

    to: Link
    broken_at: list[int]
    is_at_end: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known about the chain.

    `by_worker` is the worker's last complete verification, or its first one if that is still running. `now` is the
    verification of the later events. `broken_at` lists the errors of both, and of a verification that is still running.
    """

    by_worker: ChainWalk | None
    now: Walked
    broken_at: list[int]


def walk(*, after: Link = Link(), most: int | None = None) -> Walked:
    """Verify the chain after one link, for at most `most` events, and find gaps, changed events and a truncated end.

    The chain can grow in the meantime. It must reach at least the head before the verification, and at most the head
    after.
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
    """Return the hashes that checkpoints in the database contain for these events.

    `audit_verify` checks the signatures.
    """
    rows = Checkpoint.objects.filter(new_key="", sequence__gt=after.sequence)
    rows = rows if most is None else rows.filter(sequence__lte=after.sequence + most)
    return dict(rows.values_list("sequence", "hash"))


def broken_links() -> list[int]:
    """Verify the whole chain, and return the sequence numbers of all errors."""
    return walk().broken_at


def walk_on(*, now: datetime, most: int = AT_ONCE) -> None:
    """Begin or continue the verification of this day. Record the errors that it finds, and log them."""
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
    """Return the last complete verification, or the first one if that is still running, and where errors were found."""
    ended = ChainWalk.objects.exclude(ended_at=None).order_by("-pk").first()
    on_its_way = ChainWalk.objects.filter(ended_at=None).order_by("pk").first()
    found = {sequence for row in (ended, on_its_way) if row for sequence in row.broken_at}
    return ended or on_its_way, sorted(found)


def verify(*, most: int = AT_ONCE) -> Verified:
    """Return what is known about the chain, after verifying the events since the worker's last verification."""
    by_worker, broken = last_walk()
    after = Link(by_worker.sequence, by_worker.hash) if by_worker else Link()
    came = walk(after=after, most=most)
    if came.broken_at:
        log.error("audit.broken", at=came.broken_at[:NAMED], count=len(came.broken_at))
    return Verified(by_worker, came, sorted({*broken, *came.broken_at[:NAMED]}))
