"""Verify the whole audit chain, and compare it with the checkpoints that were signed outside the database.

This code trusts no row of the database: not the head, not the worker's results, and no checkpoint without a valid
signature.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from access.ledger.chain import event_hash
from access.models import AuditEvent, AuditHead, SpooledEvent
from access.signatures import Statement, is_signed, trusted_keys
from access.texts.text import Text

_NOTHING = "0" * 64  # the hash before the first event


@dataclass(frozen=True, slots=True)
class Finding:
    """An error, and the sequence number of its event. The number is 0 if the error does not concern an event."""

    sequence: int
    text: Text


@dataclass(slots=True)
class Verified:
    """The result of a verification, and the evidence for it."""

    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    checkpoints: int = 0
    newest: Statement | None = None

    @property
    def first(self) -> Finding | None:
        """The finding with the lowest sequence number. Findings that do not concern an event come last."""
        return min(self.findings, key=lambda one: (one.sequence == 0, one.sequence), default=None)


def verify_whole(statements: Iterable[tuple[str, Statement]], *, public_keys: Collection[str]) -> Verified:
    """Verify the whole chain, and compare it with signed statements, each with the name of its source.

    `public_keys` are the keys that are trusted from the start.
    """
    found = Verified()
    signed = _genuine(list(statements), public_keys, found)
    found.checkpoints = len(signed)
    found.newest = max(signed.values(), key=lambda one: one.sequence, default=None)
    # Read the head first: the chain can grow in the meantime, but must reach at least this head.
    head = AuditHead.objects.filter(pk=1).first()
    spooled = set(map(str, SpooledEvent.objects.exclude(chained_at=None).values_list("key", flat=True)))
    last, last_hash, anchored = 0, _NOTHING, 0
    for event in AuditEvent.objects.order_by("sequence").iterator():
        found.findings += _wrong_in(event, last, last_hash)
        made = signed.pop(event.sequence, None)
        if made is not None and made.hash != event.hash:
            found.findings.append(_contradicted(made, anchored))
        elif made is not None:
            anchored = event.sequence
        if head is not None and event.sequence == head.sequence and event.hash != head.hash:
            found.findings.append(_at(event.sequence, "chain_head_differs"))
        spooled.discard(str(event.details.get("spool_key")) if isinstance(event.details, Mapping) else "")
        last, last_hash, found.events = event.sequence, event.hash, found.events + 1
    found.findings += _wrong_at_end(last, head, signed)
    found.findings += [Finding(0, Text("chain_spooled_event_missing", {"key": key})) for key in sorted(spooled)]
    return found


def _at(sequence: int, code: str, /, **facts: object) -> Finding:
    return Finding(sequence, Text(code, {"event": sequence, **facts}))


def _genuine(statements: list[tuple[str, Statement]], roots: Collection[str], found: Verified) -> dict[int, Statement]:
    """Return the checkpoints by their sequence number.

    Add a finding for each one that is untrusted or contradicts another.
    """
    trusted = trusted_keys(roots, (one for _, one in statements))
    by_sequence: dict[int, Statement] = {}
    seen: set[Statement] = set()
    genuine: list[Statement] = []
    for source, made in statements:
        if made in seen:
            continue
        seen.add(made)
        if made.key not in trusted:
            unknown = Text("chain_checkpoint_of_unknown_key", {"source": source, "event": made.sequence})
            found.findings.append(Finding(0, unknown))
        elif not is_signed(made):
            wrong = Text("chain_checkpoint_wrong", {"source": source, "event": made.sequence})
            found.findings.append(Finding(0, wrong))
        else:
            genuine.append(made)
    for made in genuine:
        if (other := by_sequence.setdefault(made.sequence, made)).hash != made.hash:
            found.findings.append(_at(made.sequence, "chain_checkpoints_contradict", first=other.at, second=made.at))
    found.findings += _signed_after_replacement(genuine)
    by_sequence.pop(0, None)
    return by_sequence


def _signed_after_replacement(genuine: Collection[Statement]) -> Iterator[Finding]:
    """Yield a finding for each statement of a key after the first checkpoint of the key that replaced it."""
    first: dict[str, int] = {}
    for made in genuine:
        if not made.new_key:
            first[made.key] = min(first.get(made.key, made.sequence), made.sequence)
    replaced: dict[str, int] = {}
    for made in genuine:
        if made.new_key in first and made.new_key != made.key:
            replaced[made.key] = min(replaced.get(made.key, first[made.new_key]), first[made.new_key])
    for made in genuine:
        if made.sequence > (at := replaced.get(made.key, made.sequence)):
            yield _at(made.sequence, "chain_key_replaced", at=made.at, replaced=at)


def _wrong_in(event: AuditEvent, last: int, last_hash: str) -> Iterator[Finding]:
    if event.sequence != last + 1:
        yield _at(last + 1, "chain_event_missing", next=event.sequence, last=last)
    elif event.previous_hash != last_hash:
        yield _at(event.sequence, "chain_event_unconnected", last=last)
    if event.hash != event_hash(event):
        yield _at(event.sequence, "chain_event_changed")


def _contradicted(made: Statement, anchored: int) -> Finding:
    return _at(made.sequence, "chain_event_not_signed_one", at=made.at, anchored=anchored)


def _wrong_at_end(last: int, head: AuditHead | None, left: Mapping[int, Statement]) -> Iterator[Finding]:
    """Yield the findings about the end of the chain; `left` are the checkpoints whose event was not found."""
    if head is None:
        yield Finding(last + 1, Text("chain_head_missing", {"last": last}))
    elif head.sequence > last:
        yield _at(last + 1, "chain_tail_missing", head=head.sequence, last=last)
    elif last > AuditHead.objects.get(pk=1).sequence:
        yield _at(last, "chain_head_behind", head=head.sequence)
    for sequence, made in sorted(left.items()):
        gap = sequence if sequence <= last else last + 1
        yield _at(gap, "chain_signed_event_missing", at=made.at, signed=sequence)
