"""Sign the head of the audit chain, and write the signature to places outside the database."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import Q

from access import signatures
from access.ledger import spool_files
from access.models import AuditEvent, AuditHead, Checkpoint, Heartbeat
from access.signatures import Statement

log = structlog.get_logger(__name__)

CHECKPOINT = "checkpoint"  # with this heartbeat, only one of several workers writes the checkpoint
AT_MOST_EVERY = timedelta(minutes=1)
AT_LEAST_EVERY = timedelta(hours=23)  # a day, less the time by which a sweep can be late
OLD_AFTER = timedelta(hours=25)  # after this time, Daypass reports that a checkpoint is missing
LOOKED_AT = 100  # rows that name our key, although anybody who can insert into the table can write such rows


def checkpoint(*, now: datetime) -> None:
    """Sign the head if it has moved, at most once a minute. Sign it at least once a day in any case."""
    if not settings.CHECKPOINT_KEY:
        _warn_once()
        return
    head, last = AuditHead.objects.get(pk=1), _newest_of_ours()
    if not _is_due(head, last, now=now) or not _is_ours(now=now):
        return
    if last is not None and not is_in_chain(last):
        log.error("audit.checkpoint_contradicted", sequence=last.sequence, hash=last.hash)
        return
    key = settings.CHECKPOINT_KEY
    _publish(signatures.sign(private=key, sequence=head.sequence, hash_=head.hash, at=now))


def hand_over(new_key: str, *, now: datetime) -> Statement:
    """Sign with the current key that `new_key` replaces it. Publish and return this statement.

    Raises BadKey if one of the keys is not valid.
    """
    signatures.check_public_key(new_key)
    head, key = AuditHead.objects.get(pk=1), settings.CHECKPOINT_KEY
    made = signatures.sign(private=key, sequence=head.sequence, hash_=head.hash, at=now, new_key=new_key)
    _publish(made)
    return made


def newest_trusted() -> Checkpoint | None:
    """Return the newest checkpoint of a configured key, or of a key that replaced a configured key.

    Checkpoints of other keys prove nothing, because everybody who can insert rows can sign them with their own key.
    """
    roots = set(settings.CHECKPOINT_PUBLIC_KEYS)
    if settings.CHECKPOINT_KEY:
        roots.add(signatures.public_key(settings.CHECKPOINT_KEY))
    if not roots:
        return None
    successions = Checkpoint.objects.exclude(new_key="").order_by("-pk")[:LOOKED_AT]
    return _newest_of(signatures.trusted_keys(roots, map(statement_of, successions)))


def _newest_of_ours() -> Checkpoint | None:
    """Return the newest checkpoint of the current key. Rows that others insert do not prevent new checkpoints."""
    return _newest_of({signatures.public_key(settings.CHECKPOINT_KEY)})


def _newest_of(keys: Collection[str]) -> Checkpoint | None:
    rows = Checkpoint.objects.filter(new_key="", key__in=keys).order_by("-pk")[:LOOKED_AT]
    return next((row for row in rows if signatures.is_signed(statement_of(row))), None)


def is_in_chain(row: Checkpoint) -> bool:
    """Return whether the chain still contains the signed event."""
    return AuditEvent.objects.filter(sequence=row.sequence, hash=row.hash).exists()


def statement_of(row: Checkpoint) -> Statement:
    """Return the statement that a row contains."""
    at = row.at.astimezone(UTC).isoformat()
    return Statement(row.sequence, row.hash, at, row.key, row.new_key, row.signature)


def _is_due(head: AuditHead, last: Checkpoint | None, *, now: datetime) -> bool:
    if head.sequence == 0:
        return False
    if last is None or last.at > now:  # a checkpoint with a time in the future does not count
        return True
    has_moved = (head.sequence, head.hash) != (last.sequence, last.hash)
    return now - last.at >= (AT_MOST_EVERY if has_moved else AT_LEAST_EVERY)


def _is_ours(*, now: datetime) -> bool:
    """Return whether no other process has begun a checkpoint in this minute.

    If this process crashes now, the next minute makes a checkpoint.
    """
    over = Q(at__lte=now - AT_MOST_EVERY) | Q(at__gt=now)
    if Heartbeat.objects.filter(over, name=CHECKPOINT).update(at=now):
        return True
    return Heartbeat.objects.get_or_create(name=CHECKPOINT, defaults={"at": now})[1]


def _publish(made: Statement) -> None:
    """Write the checkpoint to the log, the file and the database, in this order.

    The copies outside the database come first, because they matter most.
    """
    log.info("audit.checkpoint", **asdict(made))
    if not spool_files.write([made.line], file=Path(settings.CHECKPOINT_FILE)):
        log.error("audit.checkpoint_file_failed", sequence=made.sequence)
    Checkpoint.objects.create(**asdict(made) | {"at": datetime.fromisoformat(made.at)})


@cache
def _warn_once() -> None:
    log.warning(
        "audit.no_checkpoint_key", remedy="Set DAYPASS_CHECKPOINT_KEY for the worker: see docs/reference/audit.md."
    )
