"""A line that somebody deleted from the spool's files is missed: in the middle, at the end, or with its file."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from access.ledger import spool, spool_files, spool_order
from access.ledger.chain import Entry
from access.ledger.chaining import chain_spooled, takes_events
from access.models import AuditEvent, SpooledEvent
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def write(*verbs: str) -> None:
    lines = [spool._line(Entry(verb, "person:x", {}), by="worker", now=NOON) for verb in verbs]
    spool._write_file([json.dumps({**asdict(line), "mac": spool.mac_of(line)}) for line in lines])


def sweep(number: int = 1) -> None:
    chain_spooled(now=NOON + timedelta(hours=number))


def missed() -> list[tuple[int, int, int]]:
    events = AuditEvent.objects.filter(verb="audit.spool_lines_missing").order_by("sequence")
    return [(one.details["first"], one.details["last"], one.details["count"]) for one in events]


def chained() -> list[str]:
    return list(AuditEvent.objects.filter(verb__startswith="t.").order_by("sequence").values_list("verb", flat=True))


def edit(file: Path, *keep: int) -> None:
    kept = file.read_text().splitlines()
    file.write_text("".join(f"{kept[number]}\n" for number in keep))


def test_nothing_is_reported_when_nothing_is_missing(spool_dir: Path) -> None:
    for number in range(3):
        write(f"t.{number}a", f"t.{number}b")
        write(f"t.{number}c")
        sweep(number)
        sweep(number)
    assert len(chained()) == 9
    assert missed() == []


@pytest.mark.parametrize(
    ("keep", "expected"),
    [((1, 2, 3), (1, 1, 1)), ((0, 2, 3), (2, 2, 1)), ((0, 3), (2, 3, 2)), ((0, 1, 2), (4, 4, 1)), ((), (1, 4, 4))],
)
def test_a_missing_line_is_reported_once(spool_dir: Path, keep: tuple[int, ...], expected: tuple[int, ...]) -> None:
    write("t.a", "t.b", "t.c", "t.d")
    edit(spool_dir / "audit.jsonl", *keep)
    sweep()
    sweep(2)
    assert missed() == [expected]
    assert len(chained()) == len(keep)
    write("t.e")
    sweep(3)
    assert missed() == [expected]


def test_a_missing_file_is_reported(spool_dir: Path) -> None:
    write("t.a")
    sweep()
    write("t.b", "t.c")
    (spool_dir / "audit.jsonl").unlink()
    sweep(2)
    assert missed() == [(2, 3, 2)]


def test_lines_without_numbers_or_with_wrong_ones_are_reported(spool_dir: Path) -> None:
    write("t.a", "t.b", "t.c")
    file = spool_dir / "audit.jsonl"
    held = [json.loads(line) for line in file.read_text().splitlines()]
    del held[0]["seal"]
    held[1]["number"] = 1
    file.write_text("".join(f"{json.dumps(one)}\n" for one in held))
    sweep()
    assert missed() == [(1, 2, 2)]
    assert chained() == ["t.a", "t.b", "t.c"], "they are genuine all the same"


def test_lines_from_before_numbering_are_chained(spool_dir: Path) -> None:
    write("t.a")
    file = spool_dir / "audit.jsonl"
    held = json.loads(file.read_text())
    file.write_text(json.dumps({name: held[name] for name in held if name not in {"series", "number", "seal"}}))
    (spool_dir / spool_order.FILE).unlink()
    sweep()
    assert (chained(), missed()) == (["t.a"], [])


def test_a_forged_last_number_is_ignored(spool_dir: Path) -> None:
    write("t.a")
    file = spool_dir / spool_order.FILE
    for text in ("", "[]", "null", file.read_text().replace('"number": 1', '"number": 900000')):
        file.write_text(text)
        assert spool_order.position() is None
        sweep()
    assert (chained(), missed()) == (["t.a"], [])


def test_an_event_is_written_even_if_its_number_cannot_be_stored(spool_dir: Path) -> None:
    (spool_dir / f"{spool_order.FILE}.new").mkdir(parents=True)
    write("t.a")
    sweep()
    assert (chained(), missed()) == (["t.a"], [])


def test_a_former_key_is_accepted(spool_dir: Path, settings: Any) -> None:
    write("t.a", "t.b")
    edit(spool_dir / "audit.jsonl", 0)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 9, [settings.SECRET_KEY]
    sweep()
    assert missed() == [(2, 2, 1)]


def test_nothing_is_reported_missing_while_a_file_cannot_be_read(spool_dir: Path) -> None:
    write("t.a", "t.b")
    (spool_dir / "taken-1.jsonl").mkdir()
    (spool_dir / "audit.jsonl").unlink()
    sweep()
    assert missed() == []
    (spool_dir / "taken-1.jsonl").rmdir()
    sweep(2)
    assert missed() == [(1, 2, 2)]
    assert not SpooledEvent.objects.exists()


@contextmanager
def no_hanging() -> Iterator[None]:
    """Raise AssertionError in what waits without end, instead of waiting with it."""

    def fail(_signal: int, _frame: object) -> None:
        raise AssertionError("it waits for a file")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_files, "SECONDS", 0.5)


class TestNothingDelaysASweep:
    """A file that does not answer is left for a later sweep; the sweep, and the page that spools, continue."""

    @pytest.mark.parametrize("name", ["position.json", "audit.jsonl", "taken-1.jsonl"])
    def test_a_pipe_in_the_place_of_a_file_blocks_nothing(self, spool_dir: Path, impatient: None, name: str) -> None:
        spool_dir.mkdir()
        os.mkfifo(spool_dir / name)
        with no_hanging():
            sweep()
            write("t.1")
        assert takes_events(now=NOON)

    def test_a_pipe_in_the_place_of_the_next_number_blocks_nothing(self, spool_dir: Path, impatient: None) -> None:
        spool_dir.mkdir()
        os.mkfifo(spool_dir / "position.json.new")
        with no_hanging():
            write("t.1")
            sweep()
        assert chained() == ["t.1"]

    def test_a_lock_that_somebody_keeps_blocks_nothing(self, spool_dir: Path, impatient: None) -> None:
        write("t.1")
        with (spool_dir / "audit.jsonl").open("r+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            for number in range(3):
                with no_hanging():
                    sweep(number)
                    assert spool_files.waiting()
            assert chained() == []
        spool_files._waiting["take"].join()  # it waited for the lock, and has it now
        sweep(4)
        assert chained() == ["t.1"]
        assert missed() == []

    def test_an_endless_number_blocks_nothing(self, spool_dir: Path, impatient: None) -> None:
        spool_dir.mkdir()
        (spool_dir / "position.json").symlink_to("/dev/zero")
        with no_hanging():
            sweep()

    def test_a_file_larger_than_memory_blocks_nothing(self, spool_dir: Path, impatient: None) -> None:
        write("t.1")
        with (spool_dir / "taken-1.jsonl").open("wb") as opened:
            opened.truncate(2**40)
        with no_hanging():
            sweep()
        assert chained() == ["t.1"]


def unnumbered() -> list[tuple[int, int]]:
    events = AuditEvent.objects.filter(verb="audit.spool_lines_unnumbered")
    return [(one.details["count"], len(one.details["spool_keys"])) for one in events]


def test_an_event_whose_number_could_not_be_stored_is_on_record(
    spool_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(spool_order, "_store", full)
        write("t.a", "t.b")
    write("t.c")
    held = (spool_dir / spool_files.OPEN).read_bytes()
    for number in range(3):
        sweep(number)
        (spool_dir / spool_files.OPEN).write_bytes(held)  # a backup that comes back says nothing new
    assert chained() == ["t.a", "t.b", "t.c"]
    assert unnumbered() == [(2, 2)]
    assert missed() == []


def test_a_position_that_is_a_directory_is_on_record(spool_dir: Path) -> None:
    (spool_dir / spool_order.FILE).mkdir(parents=True)
    write("t.a")
    sweep()
    assert chained() == ["t.a"]
    assert unnumbered() == [(1, 1)]


def test_a_number_that_somebody_removed_from_a_line_is_on_record(spool_dir: Path) -> None:
    write("t.a", "t.b")
    file = spool_dir / spool_files.OPEN
    held = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps({k: v for k, v in one.items() if k != "number"}) + "\n" for one in held))
    sweep()
    assert unnumbered() == [(2, 2)]
    assert missed() == [(1, 2, 2)]


@pytest.mark.parametrize("how", ["deleted", "broken"])
def test_numbers_that_begin_again_are_on_record(spool_dir: Path, how: str) -> None:
    restarted = AuditEvent.objects.filter(verb="audit.spool_numbers_restarted")
    write("t.a")
    sweep(1)
    assert not restarted.exists(), "the first numbers begin for the first time"
    position = spool_dir / spool_order.FILE
    position.unlink() if how == "deleted" else position.write_text("{}")
    write("t.b")
    for number in (2, 3):
        sweep(number)
    assert chained() == ["t.a", "t.b"]
    assert restarted.count() == 1
