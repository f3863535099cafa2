"""What the audit chain did not take is spooled, and chained once by a sweep: from the table and from files."""

import dataclasses
import functools
import os
import signal
import stat
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from access.actions import requests
from access.ledger import spool, spool_files
from access.ledger.chaining import audit_state, chain_spooled
from access.ledger.spool import record
from access.ledger.subjects import subject_of
from access.ledger.walks import broken_links
from access.models import Grant, SpooledEvent
from tests.factories import HOUR, NOON, SECOND, Cast, create_grant
from tests.integration.concurrently import run_together
from tests.integration.refusing import EVENTS, SPOOL, chained, failing, is_revoked, lines, refuse_inserts, revoke, sql
from tests.integration.test_ledger import unguarded

pytestmark = pytest.mark.django_db


def test_events_are_chained_once_in_the_order_in_which_they_happened(cast: Cast) -> None:
    first, second = create_grant(cast), create_grant(cast, by=cast.rita, principal=None)
    with failing(EVENTS):
        revoke(cast, second, now=NOON + 2 * SECOND)
        requests.return_access(by=cast.richard, grant=first, now=NOON + SECOND)
    for _ in range(2):
        chain_spooled(now=NOON + HOUR)
    assert [(event.verb, event.at, event.actor) for event in chained()] == [
        ("grant.returned", NOON + SECOND, "richard@example.com"),
        ("grant.revoked", NOON + 2 * SECOND, "alice@example.com"),
    ]
    assert chained()[1].details["reason"] == "Enough."
    assert broken_links() == []


class TestTheTable:
    def test_nobody_changes_or_deletes_it_and_it_is_marked_once(self, cast: Cast, grant: Grant) -> None:
        with failing(EVENTS):
            revoke(cast, grant)
        rows = SpooledEvent.objects.all()
        for change in (
            lambda: rows.update(actor="mallory@example.com"),
            lambda: rows.update(mac="0" * 64, chained_at=NOON),
            rows.delete,
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert rows.update(chained_at=NOON) == 1
        for facts in ({"chained_at": None}, {"chained_at": NOON + HOUR}, {"set_aside_at": NOON}):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**facts)

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
    def test_it_is_not_truncated(self) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(f"TRUNCATE {SPOOL}")

    @pytest.mark.parametrize("column", ["at", "actor", "verb", "subject", "details", "spooled_at", "mac", "key"])
    def test_a_tampered_event_is_set_aside_and_reported(
        self, cast: Cast, column: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        kept, tampered = create_grant(cast), create_grant(cast, by=cast.rita, principal=None)
        with failing(EVENTS):
            revoke(cast, tampered)
            revoke(cast, kept)
        forged = {"at": NOON - HOUR, "spooled_at": NOON, "details": "{}", "key": uuid.uuid4()}
        row = SpooledEvent.objects.get(subject=subject_of(tampered.request))
        with unguarded():
            SpooledEvent.objects.filter(pk=row.pk).update(**{column: forged.get(column, "x" * 20)})
        chain_spooled(now=NOON + HOUR)
        assert [event.subject for event in chained()] == [subject_of(kept.request)]
        assert "spooled_event_set_aside" in caplog.text
        assert audit_state(now=NOON).set_aside == 1

    def test_an_event_signed_with_a_former_key_is_chained(self, cast: Cast, grant: Grant, settings: Any) -> None:
        with failing(EVENTS):
            revoke(cast, grant)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
        chain_spooled(now=NOON)
        assert len(chained()) == 1

    def test_an_event_that_the_chain_cannot_hold_blocks_no_other(self, cast: Cast, grant: Grant) -> None:
        odd = spool.Line(str(uuid.uuid4()), NOON.isoformat(), "worker", "v" * 61, "s", "[1]", NOON.isoformat())
        row = spool.row_of(odd, spool.mac_of(odd))
        row.verb, row.mac = "odd", spool.mac_of(dataclasses.replace(odd, verb="odd"))
        row.save()
        with failing(EVENTS):
            revoke(cast, grant)
        chain_spooled(now=NOON)
        assert [event.verb for event in chained()] == ["grant.revoked"]
        assert audit_state(now=NOON).set_aside == 1

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's triggers raise one kind of error")
    @pytest.mark.parametrize(
        ("error", "set_aside"),
        [
            ("lock_not_available", 0),
            ("query_canceled", 0),
            ("deadlock_detected", 0),
            ("disk_full", 0),
            ("insufficient_privilege", 0),
            ("untranslatable_character", 1),
            ("program_limit_exceeded", 1),
        ],
    )
    def test_only_a_fault_of_the_event_itself_sets_it_aside(
        self, cast: Cast, grant: Grant, error: str, set_aside: int
    ) -> None:
        with failing(EVENTS):
            revoke(cast, grant)
        # The event that a sweep tries first is taken.
        sql(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.verb <> 'audit.tried' THEN RAISE EXCEPTION 'no' USING ERRCODE = '{error}'; END IF; "
            "RETURN NEW; END $$"
        )
        sql(f"CREATE TRIGGER refused BEFORE INSERT ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION refused()")
        chain_spooled(now=NOON)
        sql(f"DROP TRIGGER refused ON {EVENTS}")
        assert audit_state(now=NOON).set_aside == set_aside
        chain_spooled(now=NOON + HOUR)
        assert len(chained()) == 1 - set_aside


class TestTheFile:
    @pytest.fixture
    def revoked(self, cast: Cast, grant: Grant, django_capture_on_commit_callbacks: Any) -> None:
        with failing(EVENTS, SPOOL), django_capture_on_commit_callbacks(execute=True):
            revoke(cast, grant)

    def test_it_holds_events_that_the_table_does_not_accept(self, revoked: None, spool_dir: Path) -> None:
        assert is_revoked()
        assert not SpooledEvent.objects.exists()
        (line,) = lines(spool_dir)
        assert (line["verb"], line["actor"], line["at"]) == ("grant.revoked", "alice@example.com", NOON.isoformat())
        assert stat.S_IMODE((spool_dir / spool_files.OPEN).stat().st_mode) == 0o600
        assert stat.S_IMODE(spool_dir.stat().st_mode) == 0o700

    def test_its_events_are_chained_once(self, revoked: None, spool_dir: Path) -> None:
        held = (spool_dir / spool_files.OPEN).read_bytes()
        chain_spooled(now=NOON + HOUR)
        assert [(event.verb, event.at) for event in chained()] == [("grant.revoked", NOON)]
        assert not audit_state(now=NOON).files_waiting
        # A copy that comes back, of a backup or of a worker that died before it had renamed the file.
        (spool_dir / spool_files.OPEN).write_bytes(held)
        chain_spooled(now=NOON + 2 * HOUR)
        assert len(chained()) == 1
        assert broken_links() == []

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda text: text.replace(b"alice@", b"mallory@"),
            lambda _: b"null\n",
            lambda _: b"\xff\xfe\n",
            lambda _: b"[" * 100_000 + b"\n",
            lambda _: b'{"key": "x", "mac": 5}\n',
            lambda text: text.replace(b'"mac": "', b'"mac": "\xc3\xa9'),
        ],
        ids=["another actor", "null", "no text", "deep", "no event", "another MAC"],
    )
    def test_a_foreign_line_is_kept_and_not_chained(
        self, revoked: None, spool_dir: Path, tamper: Callable[[bytes], bytes]
    ) -> None:
        file = spool_dir / spool_files.OPEN
        genuine = file.read_bytes()
        file.write_bytes(tamper(genuine))
        chain_spooled(now=NOON)
        assert chained() == []
        assert audit_state(now=NOON).set_aside == 1
        # And what comes later, by another line, is chained all the same.
        file.write_bytes(genuine)
        chain_spooled(now=NOON + SECOND)
        assert len(chained()) == 1

    def test_an_incomplete_line_does_not_hide_another(self, spool_dir: Path, revoked: None) -> None:
        file = spool_dir / spool_files.OPEN
        genuine = file.read_text().rstrip("\n")
        file.write_text('{"key": "brok')
        spool_files.append(file, [genuine])
        chain_spooled(now=NOON)
        assert len(chained()) == 1

    def test_no_line_is_lost_while_many_append_and_files_are_rotated(self, spool_dir: Path) -> None:
        file, taken = spool_dir / spool_files.OPEN, []

        def write(number: int) -> None:
            for part in range(20):
                spool_files.append(file, [f"{number}-{part}"])

        def take() -> None:
            for number in range(40):
                spool_files.take(now=NOON + number * SECOND)
                taken.extend(spool_files.taken())

        run_together(*(functools.partial(write, number) for number in range(4)), take)
        spool_files.take(now=NOON + HOUR)
        found = [line for one in spool_dir.iterdir() for line in one.read_text().splitlines()]
        assert sorted(found) == sorted(f"{number}-{part}" for number in range(4) for part in range(20))

    def test_without_a_writable_directory_the_log_is_the_record(
        self, cast: Cast, grant: Grant, spool_dir: Path, caplog: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        spool_dir.write_text("a file where the directory should be")
        with failing(EVENTS, SPOOL), django_capture_on_commit_callbacks(execute=True):
            revoke(cast, grant)
        assert is_revoked()
        assert "audit.file_failed" in caplog.text
        assert "Enough." in next(message for message in caplog.messages if "audit.spooled" in message)

    def test_an_unresponsive_disk_is_not_waited_for(
        self, spool_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        answers = threading.Event()
        monkeypatch.setattr(spool_files, "SECONDS", 0.05)
        monkeypatch.setattr(os, "fsync", lambda _: answers.wait(30))
        spool_files.write(["{}"])
        answers.set()
        assert "audit.file_slow" in caplog.text


class TestWhatIsNoFile:
    """Whatever has the name of a spool file, no sweep hangs at it, and the other files are chained."""

    @pytest.fixture(autouse=True)
    def alarm(self) -> Iterator[None]:
        """Let what hangs fail."""

        def hangs(*_: Any) -> None:
            raise AssertionError("it hangs")

        before = signal.signal(signal.SIGALRM, hangs)
        signal.alarm(20)
        yield
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

    @pytest.mark.parametrize("name", ["audit.jsonl", "taken-20000101T000000000000.jsonl"])
    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("elsewhere")])
    def test_a_pipe_is_skipped(
        self,
        cast: Cast,
        grant: Grant,
        spool_dir: Path,
        make: Callable[[Path], None],
        name: str,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        with failing(EVENTS, SPOOL), django_capture_on_commit_callbacks(execute=True):
            revoke(cast, grant)
        (spool_dir / "audit.jsonl").rename(spool_dir / "taken-20260101T000000000000.jsonl")
        make(spool_dir / name)
        chain_spooled(now=NOON)
        assert [event.verb for event in chained()] == ["grant.revoked"]

    def test_nothing_is_written_to_a_pipe(self, spool_dir: Path) -> None:
        spool_dir.mkdir()
        os.mkfifo(spool_dir / "audit.jsonl")
        assert not spool_files.write(["{}"])


def test_a_slow_chain_is_waited_for_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disabling a company ends many grants in one transaction."""
    tried: list[int] = []

    def slow(*_: Any, **__: Any) -> None:
        tried.append(1)
        time.sleep(0.02)
        raise OSError("no answer")

    for place in ("chain", "table"):
        monkeypatch.setitem(spool._resting, place, 0)
    monkeypatch.setattr(spool, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(spool, "append_all", slow)
    for _ in range(5):
        record(verb="grant.revoked", subject="s", by="worker", now=NOON)
    assert len(tried) == 1
    monkeypatch.setattr(spool, "_resting", {})
    record(verb="grant.revoked", subject="s", by="worker", now=NOON)
    assert len(tried) == 2
    assert SpooledEvent.objects.count() == 6


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no roles")
def test_without_the_right_to_insert_it_is_spooled(cast: Cast, grant: Grant) -> None:
    sql("CREATE ROLE daypass_app")
    sql("GRANT ALL ON ALL TABLES IN SCHEMA public TO daypass_app")
    sql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO daypass_app")
    sql(f"REVOKE INSERT ON {EVENTS} FROM daypass_app")
    sql("SET LOCAL ROLE daypass_app")
    revoke(cast, grant)
    sql("RESET ROLE")
    assert is_revoked()
    assert [row.verb for row in SpooledEvent.objects.all()] == ["grant.revoked"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no deferred triggers")
def test_a_trigger_that_refuses_at_the_commit_is_detected_earlier(cast: Cast, grant: Grant) -> None:
    heal = refuse_inserts(EVENTS, deferred=True)
    revoke(cast, grant)
    heal()
    assert [row.verb for row in SpooledEvent.objects.all()] == ["grant.revoked"]
