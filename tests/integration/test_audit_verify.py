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


TAMPERINGS: dict[str, tuple[Callable[[], Any], int, str]] = {
    "an event is changed": (
        lambda: AuditEvent.objects.filter(sequence=4).update(actor="mallory@example.com"),
        4,
        "chain_event_changed",
    ),
    "an event is gone": (lambda: AuditEvent.objects.filter(sequence=4).delete(), 4, "chain_event_missing"),
    "the first event is gone": (lambda: AuditEvent.objects.filter(sequence=1).delete(), 1, "chain_event_missing"),
    "the tail is cut": (
        lambda: AuditEvent.objects.filter(sequence__gt=7).delete(),
        8,
        "chain_tail_missing",
    ),
    "the tail is cut and the head moved": (lambda: cut(3), 4, "chain_signed_event_missing"),
    "everything is gone": (lambda: cut(0), 1, "chain_signed_event_missing"),
    "the tail is cut and the chain continues": (cut_and_continue, 5, "chain_event_not_signed_one"),
    "everything is hashed again from the first event": (
        lambda: forge(1, actor="mallory@example.com"),
        5,
        "chain_event_not_signed_one",
    ),
    "everything is hashed again after a checkpoint": (
        lambda: forge(6, details={"number": 1}),
        7,
        "chain_event_not_signed_one",
    ),
    "a signed event is gone": (lambda: AuditEvent.objects.filter(sequence=5).delete(), 5, "chain_event_missing"),
    "an event is slipped in": (
        lambda: AuditEvent.objects.create(
            sequence=10, at=NOON, actor="m", verb="x.y", subject="s", previous_hash=ZERO, hash="f" * 64
        ),
        10,
        "chain_event_unconnected",
    ),
    "the head is gone": (lambda: AuditHead.objects.all().delete(), 9, "chain_head_missing"),
    "the head has another hash": (lambda: AuditHead.objects.update(hash="f" * 64), 9, "chain_head_differs"),
    "the head is behind": (lambda: AuditHead.objects.update(sequence=8), 8, "chain_head_differs"),
    "a checkpoint in the database is changed": (
        lambda: Checkpoint.objects.update(hash="f" * 64),
        5,
        "chain_checkpoint_wrong",
    ),
    "a checkpoint of another key": (strange_checkpoint, 9, "chain_checkpoint_of_unknown_key"),
    "a spooled event is marked and not chained": (hidden_event, 0, "chain_spooled_event_missing"),
}


class TestTheVerification:
    def test_a_valid_chain_is_compared_with_its_checkpoints(self, signed: Path) -> None:
        code, said = verify()
        assert code == 0
        assert "The audit chain is intact: it has 9 events." in said
        assert "2 checkpoints. The newest checkpoint was signed at 2026-11-24T12:01:00+00:00 and covers event 7" in said

    def test_the_newest_checkpoint_is_that_of_the_latest_event_whatever_its_clock(self, signed: Path) -> None:
        head = AuditHead.objects.get()
        made = sign(private=KEY, sequence=9, hash_=head.hash, at=NOON - HOUR)
        Checkpoint.objects.create(sequence=9, hash=made.hash, at=NOON - HOUR, key=made.key, signature=made.signature)
        assert "The newest checkpoint was signed at 2026-11-24T11:00:00+00:00 and covers event 9" in verify()[1]

    @pytest.mark.parametrize(("tamper", "event", "finding"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
    def test_tampering_is_found_and_the_first_bad_event_is_named(
        self, signed: Path, tamper: Callable[[], Any], event: int, finding: str
    ) -> None:
        with unguarded():
            tamper()
        code, said = verify()
        assert code == 1
        assert first_bad(said) == (event, finding)

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
        assert first_bad(verify("--checkpoints", str(log))[1]) == (4, "chain_signed_event_missing")

    @pytest.mark.parametrize(
        "line",
        ["no json", "null", "[]", "{}", '{"sequence": "5"}', "[" * 100_000, "\xff"],
        ids=["text", "null", "list", "empty", "half", "deep", "bytes"],
    )
    def test_a_line_that_is_not_a_checkpoint_is_a_finding(self, signed: Path, line: str) -> None:
        with signed.open("ab") as opened_file:
            opened_file.write(line.encode("latin-1") + b"\n")
        code, said = verify()
        assert (code, first_bad(said)) == (1, (0, "chain_checkpoint_unreadable"))
        assert "checkpoints.jsonl:3 " in said

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
        assert "(chain_checkpoints_contradict)" in said

    def test_with_nothing_to_compare_it_reports_no_success(self, settings: Any) -> None:
        written()
        assert verify()[0] == 2
        assert verify("--checkpoints", "/nowhere/checkpoints")[0] == 2
        assert verify("--public-key", "x")[0] == 2
        settings.CHECKPOINT_PUBLIC_KEYS = []
        code, said = verify()
        assert code == 0
        assert "(chain_not_compared)" in said

    def test_a_broken_chain_is_found_without_checkpoints(self, settings: Any) -> None:
        settings.CHECKPOINT_PUBLIC_KEYS = []
        written()
        with unguarded():
            AuditEvent.objects.filter(sequence=2).delete()
        assert first_bad(verify()[1]) == (2, "chain_event_missing")
