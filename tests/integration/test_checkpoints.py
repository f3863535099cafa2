"""The worker signs the head of the audit chain outside the database; its key is replaced by a signed line."""

import io
import stat
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from access import housekeeping
from access.evidence import packing
from access.ledger import checkpoints
from access.ledger.chaining import audit_state
from access.ledger.checkpoints import hand_over, statement_of
from access.ledger.walks import broken_links
from access.models import AuditHead, Checkpoint, Heartbeat
from access.signatures import new_private_key, public_key, read, sign
from tests import factories
from tests.factories import HOUR, NOON, SECOND, Cast
from tests.integration.anchoring import KEY, MINUTE, OTHER_KEY, cut, first_bad, forge, lines, verify
from tests.integration.test_evidence import content, opened
from tests.integration.test_ledger import unguarded, written
from tests.refusals import refusing_command

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checkpoint_file")]


class TestTheWorker:
    def test_it_signs_the_head_and_writes_the_checkpoint_to_file_log_and_database(
        self, checkpoint_file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        written()
        housekeeping.run(now=NOON)
        head, (line,) = AuditHead.objects.get(), lines(checkpoint_file)
        assert (line["sequence"], line["hash"], line["at"]) == (5, head.hash, NOON.isoformat())
        assert line["key"] == public_key(KEY)
        assert stat.S_IMODE(checkpoint_file.stat().st_mode) == 0o600
        assert statement_of(Checkpoint.objects.get()) == read(checkpoint_file.read_text())
        assert line["signature"] in caplog.text
        assert KEY not in caplog.text + checkpoint_file.read_text()

    def test_a_growing_chain_is_signed_at_most_once_a_minute(self, checkpoint_file: Path) -> None:
        for second in range(0, 121, 20):
            written(1)
            housekeeping.run(now=NOON + second * SECOND)
        assert [line["sequence"] for line in lines(checkpoint_file)] == [1, 4, 7]

    def test_an_unchanged_chain_is_signed_once_a_day(self, checkpoint_file: Path) -> None:
        written()
        for hour in range(49):
            housekeeping.run(now=NOON + hour * HOUR)
        assert len(lines(checkpoint_file)) == 3

    @pytest.mark.parametrize("key", ["k", public_key(OTHER_KEY), public_key(KEY)], ids=["odd", "another", "own"])
    def test_it_continues_signing_despite_forged_rows(self, checkpoint_file: Path, key: str) -> None:
        written()
        housekeeping.run(now=NOON)
        future = NOON + 87600 * HOUR
        for sequence in (9999, 10_000):
            Checkpoint.objects.create(sequence=sequence, hash="f" * 64, at=future, key=key, signature="s")
        assert audit_state(now=NOON).unanchored_since is None
        written(1)
        housekeeping.run(now=NOON + HOUR)
        assert [line["sequence"] for line in lines(checkpoint_file)] == [5, 6]
        assert audit_state(now=NOON + HOUR).unanchored_since is None

    @pytest.mark.parametrize("whose", ["another", "own, without a signature", "none", "a successor of another"])
    def test_only_a_known_key_says_that_checkpoints_are_made(
        self, checkpoint_file: Path, settings: Any, whose: str
    ) -> None:
        written()
        housekeeping.run(now=NOON)
        later, head = NOON + 26 * HOUR, AuditHead.objects.get()
        keys = {"another": [OTHER_KEY], "a successor of another": [new_private_key(), OTHER_KEY]}.get(whose, [KEY])
        made = sign(private=keys[-1], sequence=head.sequence, hash_=head.hash, at=later)
        for former in keys[:-1]:
            handed = sign(private=former, sequence=1, hash_=head.hash, at=later, new_key=public_key(keys[-1]))
            Checkpoint.objects.create(**asdict(handed) | {"at": later})
        facts = {"signature": "s"} if whose.startswith("own") else {}
        Checkpoint.objects.create(**asdict(made) | {"at": later} | facts)
        if whose == "none":
            settings.CHECKPOINT_KEY, settings.CHECKPOINT_PUBLIC_KEYS = "", []
        assert audit_state(now=later).unanchored_since == NOON

    @pytest.mark.parametrize("role", ["worker", "web"])
    def test_a_key_that_was_handed_over_counts(self, checkpoint_file: Path, settings: Any, role: str) -> None:
        written()
        housekeeping.run(now=NOON)
        later = NOON + 26 * HOUR
        assert audit_state(now=later).unanchored_since == NOON
        hand_over(public_key(OTHER_KEY), now=later)
        settings.CHECKPOINT_KEY = OTHER_KEY
        housekeeping.run(now=later)
        if role == "web":
            settings.CHECKPOINT_KEY = ""
        else:
            settings.CHECKPOINT_PUBLIC_KEYS = []
        assert audit_state(now=later).unanchored_since is None

    def test_two_workers_write_one_checkpoint(self, checkpoint_file: Path) -> None:
        written()
        housekeeping.run(now=NOON)
        with unguarded():
            Checkpoint.objects.all().delete()  # as if the other one had not come to store it yet
        housekeeping.run(now=NOON + SECOND)
        assert len(lines(checkpoint_file)) == 1

    @pytest.mark.parametrize("ahead", [2 * MINUTE, 400 * 24 * HOUR])
    def test_a_checkpoint_of_a_wrong_clock_delays_nothing(self, checkpoint_file: Path, ahead: Any) -> None:
        written()
        housekeeping.run(now=NOON + ahead)
        written(1)
        housekeeping.run(now=NOON)
        assert len(lines(checkpoint_file)) == 2

    def test_an_empty_chain_is_not_signed(self, checkpoint_file: Path) -> None:
        housekeeping.run(now=NOON)
        assert not checkpoint_file.exists()
        assert verify()[0] == 2  # a database from which everything was deleted looks the same

    def test_without_a_key_it_signs_nothing_and_continues(
        self, checkpoint_file: Path, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        checkpoints._warn_once.cache_clear()
        settings.CHECKPOINT_KEY = ""
        written()
        for second in range(2):
            housekeeping.run(now=NOON + second * SECOND)
        assert not checkpoint_file.exists()
        assert caplog.text.count("audit.no_checkpoint_key") == 1
        assert Heartbeat.objects.get(name="worker").at == NOON + SECOND
        assert audit_state(now=NOON + 26 * HOUR).unanchored_since == NOON

    def test_it_does_not_sign_a_chain_that_contradicts_the_last_checkpoint(self, checkpoint_file: Path) -> None:
        written()
        housekeeping.run(now=NOON)
        forge(3, actor="mallory@example.com")
        written(1)
        housekeeping.run(now=NOON + HOUR)
        assert len(lines(checkpoint_file)) == 1
        assert broken_links() == [5]

    def test_an_unwritable_file_is_reported_and_the_rest_is_done(
        self, checkpoint_file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        checkpoint_file.parent.write_text("no directory")
        written()
        housekeeping.run(now=NOON)
        assert "audit.checkpoint_file_failed" in caplog.text
        assert Checkpoint.objects.exists()


class TestTheKey:
    def test_a_new_key_is_signed_by_the_old_one(self, signed: Path, settings: Any, tmp_path: Path) -> None:
        new = self.made(tmp_path / "new.key")
        call_command("audit_key", "hand-over", str(tmp_path / "new.key"), stdout=io.StringIO(), stderr=io.StringIO())
        settings.CHECKPOINT_KEY = (tmp_path / "new.key").read_text().strip()
        housekeeping.run(now=NOON + HOUR)
        assert [line["key"] for line in lines(signed)] == [public_key(KEY)] * 3 + [new]
        assert verify()[0] == 0
        cut(8)
        assert first_bad(verify()[1]) == (9, "chain_signed_event_missing")

    def test_without_that_signature_its_checkpoints_are_not_trusted(
        self, signed: Path, settings: Any, tmp_path: Path
    ) -> None:
        self.made(tmp_path / "new.key")
        settings.CHECKPOINT_KEY = (tmp_path / "new.key").read_text().strip()
        housekeeping.run(now=NOON + HOUR)
        assert first_bad(verify()[1])[1] == "chain_checkpoint_of_unknown_key"

    def test_checkpoints_of_the_old_key_afterwards_are_reported(
        self, signed: Path, settings: Any, tmp_path: Path
    ) -> None:
        self.made(tmp_path / "new.key")
        call_command("audit_key", "hand-over", str(tmp_path / "new.key"), stdout=io.StringIO(), stderr=io.StringIO())
        written(1)
        housekeeping.run(now=NOON + HOUR)  # before the worker has the new key
        settings.CHECKPOINT_KEY = (tmp_path / "new.key").read_text().strip()
        housekeeping.run(now=NOON + 2 * HOUR)
        replaced_at = lines(signed)[-1]["sequence"]
        assert verify()[0] == 0
        settings.CHECKPOINT_KEY = KEY
        written(1)
        housekeeping.run(now=NOON + 3 * HOUR)
        code, said = verify()
        assert code == 1
        assert first_bad(said)[1] == "chain_key_replaced"
        assert f"replaced this key at event {replaced_at}." in said

    def test_a_key_cannot_introduce_itself(self, signed: Path, settings: Any) -> None:
        mallory = new_private_key()
        settings.CHECKPOINT_KEY = OTHER_KEY
        hand_over(public_key(mallory), now=NOON)
        assert first_bad(verify()[1])[1] == "chain_checkpoint_of_unknown_key"

    def test_its_file_is_readable_only_by_its_owner_and_never_overwritten(self, tmp_path: Path) -> None:
        self.made(tmp_path / "new.key")
        assert stat.S_IMODE((tmp_path / "new.key").stat().st_mode) == 0o600
        with refusing_command("command_file_unreadable"):
            self.made(tmp_path / "new.key")

    @pytest.mark.parametrize("text", ["", "short", "x" * 44, "changeme\n"])
    def test_an_invalid_key_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "bad.key").write_text(text)
        with refusing_command("command_key_invalid"):
            call_command("audit_key", "hand-over", str(tmp_path / "bad.key"))
        assert not Checkpoint.objects.exists()

    @pytest.mark.parametrize("key", ["", KEY], ids=["no key", "the same key"])
    def test_a_key_can_be_replaced_only_by_another_key(self, tmp_path: Path, settings: Any, key: str) -> None:
        (tmp_path / "same.key").write_text(KEY)
        settings.CHECKPOINT_KEY = key
        with refusing_command("command_key_current" if key else "command_key_not_set"):
            call_command("audit_key", "hand-over", str(tmp_path / "same.key"))

    @staticmethod
    def made(checkpoint_file: Path) -> str:
        out = io.StringIO()
        call_command("audit_key", "new", str(checkpoint_file), stdout=out)
        return out.getvalue().strip()


def test_an_evidence_pack_names_the_newest_checkpoint(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    files = opened(packing.pack(grant, by=cast.alice, now=NOON))
    assert content(files)["chain"]["checkpoint"] is None
    assert "No checkpoint has been signed yet" in files["evidence.html"]
    housekeeping.run(now=NOON)
    files = opened(packing.pack(grant, by=cast.alice, now=NOON))
    assert content(files)["chain"]["checkpoint"]["sequence"] == Checkpoint.objects.get().sequence
    assert Checkpoint.objects.get().hash in files["evidence.html"]
