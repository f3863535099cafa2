"""The worker walks the audit chain every day; an evidence pack says what was verified, when and how far."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import tasks
from access.evidence import packing
from access.ledger.chain import append
from access.ledger.walks import verify, walk_on
from access.models import AuditEvent, AuditHead, ChainWalk, Grant
from tests import factories
from tests.factories import DAY, NOON, SECOND, Cast
from tests.integration.test_evidence import content, opened
from tests.integration.test_ledger import unguarded, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def grant(cast: Cast) -> Grant:
    """Return a grant whose events come after five others, which the pack does not hold."""
    written()
    return factories.create_grant(cast)


def pack(cast: Cast, grant: Grant) -> tuple[Any, str]:
    """Return what the pack says of the chain, and its page with single blanks."""
    files = opened(packing.pack(grant, by=cast.alice, now=NOON))
    return content(files)["chain"], " ".join(files["evidence.html"].split())


def change(sequence: int, **facts: Any) -> None:
    with unguarded():
        AuditEvent.objects.filter(sequence=sequence).update(**facts or {"actor": "mallory@example.com"})


def last() -> int:
    return AuditHead.objects.get().sequence


def walks() -> list[tuple[int, bool, list[int]]]:
    return [(row.sequence, row.ended_at is not None, row.broken_at) for row in ChainWalk.objects.order_by("day")]


class TestTheWalk:
    def test_the_chain_is_verified_once_a_day_from_its_beginning(self) -> None:
        written()
        walk_on(now=NOON)
        written()
        walk_on(now=NOON + SECOND)
        assert walks() == [(5, True, [])]
        walk_on(now=NOON + DAY)
        assert walks() == [(5, True, []), (10, True, [])]

    def test_verification_continues_where_it_stopped_and_over_midnight(self) -> None:
        written()
        for number, came in enumerate([(2, False), (4, False), (5, True)]):
            walk_on(now=NOON + number * DAY / 2, most=2)
            assert walks() == [(*came, [])]

    def test_a_broken_chain_is_logged_as_an_error_and_found_again_the_next_day(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        written()
        change(3)
        for _ in range(3):
            walk_on(now=NOON, most=2)
        assert walks() == [(5, True, [3])]
        assert [record.levelname for record in caplog.records if "audit.broken" in record.getMessage()] == ["ERROR"]
        walk_on(now=NOON + DAY)
        assert walks() == [(5, True, [3]), (5, True, [3])]

    @pytest.mark.parametrize("kept", [4, 2, 0])
    def test_a_cut_tail_is_found_before_and_after_the_verified_position(self, kept: int) -> None:
        written()
        walk_on(now=NOON, most=4)
        with unguarded():
            AuditEvent.objects.filter(sequence__gt=kept).delete()
        walk_on(now=NOON, most=4)
        assert walks() == [(4, True, [5])]

    def test_a_rewritten_chain_does_not_match_the_verified_part(self) -> None:
        written()
        walk_on(now=NOON)
        with unguarded():
            AuditEvent.objects.all().delete()
            AuditHead.objects.update(sequence=0, hash="0" * 64)
        written(4)
        assert verify().broken_at == [5]
        append(verb="test.else", subject="test:4", by="worker", now=NOON)
        assert verify().broken_at == [5]
        written(1)
        assert verify().broken_at == [6]

    def test_the_sweep_continues_the_verification(self) -> None:
        written()
        tasks.sweep()
        assert walks() == [(5, True, [])]


class TestThePack:
    def test_it_verifies_only_events_that_the_worker_has_not_verified(self, cast: Cast, grant: Grant) -> None:
        walk_on(now=NOON)
        walked = last()
        written(3)
        chain, page = pack(cast, grant)
        assert chain["walked_by_worker"]["to_sequence"] == walked
        assert chain["walked_now"] == {"after_sequence": walked, "to_sequence": walked + 3}
        assert chain["holds"]
        assert f"The audit chain is intact from its first event to event {walked + 3}" in page
        at = NOON.isoformat()
        assert f"The worker verified events 1 to {walked}. It began at {at} and ended at {at}." in page
        assert f"Daypass verified events {walked + 1} to {walked + 3} when it created this pack." in page

    def test_a_change_in_the_verified_part_is_found_by_the_next_verification_and_reported(
        self, cast: Cast, grant: Grant
    ) -> None:
        walk_on(now=NOON)
        change(2)
        assert pack(cast, grant)[0]["broken_at"] == []
        walk_on(now=NOON + DAY, most=3)
        chain, page = pack(cast, grant)
        assert (chain["holds"], chain["broken_at"]) == (False, [2])
        assert "The audit chain is broken at event 2" in page
        for later in range(2, 5):
            walk_on(now=NOON + later * DAY)
            assert pack(cast, grant)[0]["broken_at"] == [2]

    def test_its_own_events_are_verified_again(self, cast: Cast, grant: Grant) -> None:
        walk_on(now=NOON)
        given = AuditEvent.objects.get(verb="grant.created").sequence
        change(given)
        assert pack(cast, grant)[0]["broken_at"] == [given]

    def test_before_the_first_verification_it_says_that_there_was_none(self, cast: Cast, grant: Grant) -> None:
        end = last()
        chain, page = pack(cast, grant)
        assert (chain["holds"], chain["walked_by_worker"]) == (True, None)
        assert (
            f"The worker has not verified the chain yet. Daypass verified events 1 to {end} when it created this pack."
            in page
        )

    def test_an_unverified_event_is_not_called_verified(
        self, cast: Cast, grant: Grant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        end = last()
        walk_on(now=NOON, most=2)
        monkeypatch.setattr(verify, "__kwdefaults__", {"most": 4})
        chain, page = pack(cast, grant)
        assert (chain["holds"], chain["broken_at"]) == (False, [])
        assert f"Daypass verified the audit chain only up to event 6. The chain ends at event {end}." in page
        assert (
            f"The worker has verified events 1 to 2 since {NOON.isoformat()}, and is still verifying later events."
            in page
        )


def test_readyz_reports_a_broken_chain_and_stays_ready() -> None:
    written()
    before = Client().get(reverse("readyz"))
    assert (before.json()["audit_walked_at"], before.json()["audit_broken_at"]) == (None, [])
    change(4)
    walk_on(now=NOON)
    after = Client().get(reverse("readyz"))
    assert (after.json()["audit_walked_at"], after.json()["audit_broken_at"]) == ("2026-11-24T12:00:00Z", [4])
    assert after.status_code == before.status_code
