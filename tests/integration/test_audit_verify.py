"""A verification of the audit chain names the first bad event, and compares it with what was signed elsewhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from access.models import AuditEvent, AuditHead, Checkpoint, SpooledEvent
from access.signatures import sign
from tests.factories import HOUR, NOON
from tests.integration.anchoring import KEY, OTHER_KEY, ZERO, cut, first_bad, forge, lines, verify
from tests.integration.test_ledger import unguarded, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checkpoint_file")]


def cut_and_continue() -> None:
    cut(3)
    written(6)


def strange_checkpoint() -> None:
    made = sign(private=OTHER_KEY, sequence=9, hash_=AuditHead.objects.get().hash, at=NOON)
    Checkpoint.objects.create(sequence=9, hash=made.hash, at=NOON, key=made.key, signature=made.signature)


def hidden_event() -> None:
    facts = {"verb": "grant.revoked", "subject": "s", "details": "{}", "mac": "x", "actor": "m"}
    SpooledEvent.objects.create(at=NOON, spooled_at=NOON, chained_at=NOON, **facts)


TAMPERINGS: dict[str, tuple[Callable[[], Any], str]] = {
    "an event is changed": (
        lambda: AuditEvent.objects.filter(sequence=4).update(actor="mallory@example.com"),
        "event 4: its content does not match its hash",
    ),
    "an event is gone": (lambda: AuditEvent.objects.filter(sequence=4).delete(), "event 4: it is missing"),
    "the first event is gone": (lambda: AuditEvent.objects.filter(sequence=1).delete(), "event 1: it is missing"),
    "the tail is cut": (
        lambda: AuditEvent.objects.filter(sequence__gt=7).delete(),
        "event 8: it is missing: the head is at event 9, the chain ends at 7",
    ),
    "the tail is cut and the head moved": (lambda: cut(3), "event 4: it is missing: the checkpoint of"),
    "everything is gone": (lambda: cut(0), "event 1: it is missing: the checkpoint of"),
    "the tail is cut and the chain continues": (cut_and_continue, "event 5: it is not the event"),
    "everything is hashed again from the first event": (
        lambda: forge(1, actor="mallory@example.com"),
        "event 5: it is not the event that was signed at 2026-11-24T12:00:00+00:00: it or an event after 0",
    ),
    "everything is hashed again after a checkpoint": (
        lambda: forge(6, details={"number": 1}),
        "event 7: it is not the event that was signed at 2026-11-24T12:01:00+00:00: it or an event after 5",
    ),
    "a signed event is gone": (lambda: AuditEvent.objects.filter(sequence=5).delete(), "event 5: it is missing"),
    "an event is slipped in": (
        lambda: AuditEvent.objects.create(
            sequence=10, at=NOON, actor="m", verb="x.y", subject="s", previous_hash=ZERO, hash="f" * 64
        ),
        "event 10: it does not continue event 9",
    ),
    "the head is gone": (lambda: AuditHead.objects.all().delete(), "event 10: the head of the chain is missing"),
    "the head has another hash": (lambda: AuditHead.objects.update(hash="f" * 64), "event 9: the head contains"),
    "the head is behind": (lambda: AuditHead.objects.update(sequence=8), "event 8: the head contains another hash"),
    "a checkpoint in the database is changed": (
        lambda: Checkpoint.objects.update(hash="f" * 64),
        "database: checkpoint 5 has a wrong signature",
    ),
    "a checkpoint of another key": (strange_checkpoint, "checkpoint 9 is signed by an unknown key"),
    "a spooled event is marked and not chained": (hidden_event, "is marked as chained but is not in the chain"),
}


class TestTheVerification:
    def test_a_valid_chain_is_compared_with_its_checkpoints(self, signed: Path) -> None:
        code, said = verify()
        assert code == 0
        assert "The audit chain holds: 9 events." in said
        assert "2 checkpoints; the newest, signed at 2026-11-24T12:01:00+00:00, is of event 7" in said

    def test_the_newest_checkpoint_is_that_of_the_latest_event_whatever_its_clock(self, signed: Path) -> None:
        head = AuditHead.objects.get()
        made = sign(private=KEY, sequence=9, hash_=head.hash, at=NOON - HOUR)
        Checkpoint.objects.create(sequence=9, hash=made.hash, at=NOON - HOUR, key=made.key, signature=made.signature)
        assert "the newest, signed at 2026-11-24T11:00:00+00:00, is of event 9" in verify()[1]

    @pytest.mark.parametrize(("tamper", "first"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
    def test_tampering_is_found_and_the_first_bad_event_is_named(
        self, signed: Path, tamper: Callable[[], Any], first: str
    ) -> None:
        with unguarded():
            tamper()
        code, said = verify()
        assert code == 1
        assert first in first_bad(said)

    @pytest.mark.parametrize("tamper", ["the tail is cut and the head moved", "everything is gone"])
    def test_the_copy_of_the_file_is_enough(self, signed: Path, tmp_path: Path, tamper: str) -> None:
        copy = signed.rename(tmp_path / "copy.jsonl")
        with unguarded():
            Checkpoint.objects.all().delete()
            TAMPERINGS[tamper][0]()
        assert verify("--checkpoints", str(copy))[0] == 1

    def test_lines_of_the_log_are_a_copy(self, signed: Path, tmp_path: Path) -> None:
        log = tmp_path / "log.jsonl"
        said = [{"level": "info", "event": "audit.checkpoint"} | line for line in lines(signed)]
        log.write_text("".join(json.dumps(line) + "\n" for line in said))
        assert verify("--checkpoints", str(log))[0] == 0
        cut(3)
        assert "event 4: it is missing" in first_bad(verify("--checkpoints", str(log))[1])

    @pytest.mark.parametrize(
        "line",
        ["no json", "null", "[]", "{}", '{"sequence": "5"}', "[" * 100_000, "\xff"],
        ids=["text", "null", "list", "empty", "half", "deep", "bytes"],
    )
    def test_a_line_that_is_not_a_checkpoint_is_a_finding(self, signed: Path, line: str) -> None:
        with signed.open("ab") as opened_file:
            opened_file.write(line.encode("latin-1") + b"\n")
        code, said = verify()
        assert (code, first_bad(said)) == (1, "checkpoints.jsonl:3 is not a checkpoint")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sequence", 6),
            ("hash", "f" * 64),
            ("at", "2026-11-24T13:00:00+00:00"),
            ("signature", "x"),
            ("new_key", "x"),
            ("sequence", True),
        ],
    )
    def test_a_changed_line_is_a_finding(self, signed: Path, name: str, value: Any) -> None:
        first, *rest = lines(signed)
        signed.write_text("".join(json.dumps(line) + "\n" for line in (first | {name: value}, *rest)))
        assert verify()[0] == 1

    def test_two_different_checkpoints_of_one_event_are_a_finding(self, signed: Path) -> None:
        cut(3)
        written(4)
        with unguarded():
            Checkpoint.objects.all().delete()
        head = AuditHead.objects.get()
        made = sign(private=KEY, sequence=head.sequence, hash_=head.hash, at=NOON + HOUR)
        signed.write_text(signed.read_text() + made.line + "\n")
        code, said = verify()
        assert code == 1
        assert "event 7: two checkpoints contradict each other" in said

    def test_with_nothing_to_compare_it_reports_no_success(self, settings: Any) -> None:
        written()
        assert verify()[0] == 2
        assert verify("--checkpoints", "/nowhere/checkpoints")[0] == 2
        assert verify("--public-key", "x")[0] == 2
        settings.CHECKPOINT_PUBLIC_KEYS = []
        code, said = verify()
        assert code == 0
        assert "not compared with any checkpoint" in said

    def test_a_broken_chain_is_found_without_checkpoints(self, settings: Any) -> None:
        settings.CHECKPOINT_PUBLIC_KEYS = []
        written()
        with unguarded():
            AuditEvent.objects.filter(sequence=2).delete()
        assert first_bad(verify()[1]).startswith("event 2: it is missing")
