"""The audit chain: it holds, it shows every tampering, and nothing changes without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from access.actions import deciding, requests
from access.ledger.chain import append, event_hash
from access.ledger.grants import mark_applied
from access.ledger.requests import expire_overdue
from access.ledger.walks import broken_links
from access.models import AuditEvent, AuditHead, Decision, Grant, Request, Role, SpooledEvent
from tests import history
from tests.factories import HOUR, NOON, Cast, ask, create_grant
from tests.integration.concurrently import run_together


@contextmanager
def unguarded() -> Iterator[None]:
    """Remove the guards of the database, as its owner could."""
    drops = history.drops() if connection.vendor == "sqlite" else ["SET LOCAL session_replication_role = replica"]
    with connection.cursor() as cursor:
        for drop in drops:
            cursor.execute(drop)
    yield


def written(count: int = 5) -> None:
    for number in range(count):
        append(verb="test.happened", subject=f"test:{number}", by="worker", now=NOON, number=number, text="ü ✓")


@pytest.mark.django_db
class TestTheChain:
    def test_an_empty_chain_is_valid(self) -> None:
        assert list(broken_links()) == []

    def test_an_appended_chain_is_valid(self) -> None:
        written()
        assert list(broken_links()) == []
        assert list(AuditEvent.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]

    def test_the_chain_is_valid_over_the_lifetime_of_a_grant(self, cast: Cast) -> None:
        grant = create_grant(cast)
        requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
        assert list(broken_links()) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"actor": "mallory@example.com"},
            {"verb": "test.else"},
            {"subject": "test:9"},
            {"details": {"number": 99}},
            {"at": NOON + HOUR},
        ],
        ids=["actor", "verb", "subject", "details", "time"],
    )
    def test_a_changed_event_is_found(self, change: dict[str, Any]) -> None:
        written()
        with unguarded():
            AuditEvent.objects.filter(sequence=3).update(**change)
        assert list(broken_links()) == [3]

    def test_a_changed_event_with_a_matching_hash_is_found_at_the_next(self) -> None:
        written()
        with unguarded():
            event = AuditEvent.objects.get(sequence=3)
            event.actor = "mallory@example.com"
            event.hash = event_hash(event)
            event.save()
        assert list(broken_links()) == [4]

    def test_a_missing_event_is_found(self) -> None:
        written()
        with unguarded():
            AuditEvent.objects.filter(sequence=3).delete()
        assert 4 in list(broken_links())

    def test_a_cut_tail_is_found(self) -> None:
        written()
        with unguarded():
            AuditEvent.objects.filter(sequence__gte=4).delete()
        assert list(broken_links()) == [5]

    def test_an_emptied_chain_is_found(self) -> None:
        written()
        with unguarded():
            AuditEvent.objects.all().delete()
        assert list(broken_links()) == [5]

    def test_an_event_beside_the_chain_is_found(self) -> None:
        written()
        values: dict[str, Any] = {**AuditEvent.objects.values().get(sequence=5)}
        AuditEvent.objects.create(**values | {"id": None, "sequence": 6, "hash": "f" * 64})
        assert 6 in list(broken_links())


@pytest.mark.usefixtures("commits")
def test_a_chain_that_grows_while_it_is_read_is_valid() -> None:
    AuditHead.objects.get_or_create(pk=1)
    written(count=50)
    snapshots = run_together(
        partial(written, count=200), *[lambda: [list(broken_links()) for _ in range(30)] for _ in range(2)]
    )[1:]
    assert snapshots == [[[]] * 30] * 2


@pytest.mark.django_db
class TestBothOrNeither:
    """Where the audit chain cannot be written, nothing is opened, and what ends something waits to be chained."""

    def test_asking_leaves_no_request(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        failing_at(monkeypatch, "request.submitted")
        with pytest.raises(OSError, match="disk is full"):
            ask(cast)
        assert not Request.objects.exists()

    def test_approving_leaves_no_grant(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        request = ask(cast)
        before = Role.objects.get(pk=cast.role.pk).state.generation
        failing_at(monkeypatch, "grant.created")
        with pytest.raises(OSError, match="disk is full"):
            deciding.approve(by=cast.alice, request=request, content_hash=request.content_hash, now=NOON)
        assert not Grant.objects.exists()
        assert not Decision.objects.exists()
        assert Request.objects.get().state == "pending"
        assert Role.objects.get(pk=cast.role.pk).state.generation == before
        assert list(broken_links()) == []

    def test_revoking_succeeds(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        grant = create_grant(cast)
        failing_at(monkeypatch, "grant.revoked")
        requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
        assert Grant.objects.get().revoked_at == NOON
        assert SpooledEvent.objects.get().verb == "grant.revoked"

    def test_the_results_of_the_worker_are_stored(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        grant = create_grant(cast)
        failing_at(monkeypatch, "grant.applied")
        with transaction.atomic():
            mark_applied([grant], by="worker", now=NOON, statements={grant.session_name: {}})
        assert Grant.objects.get().applied_at == NOON
        assert SpooledEvent.objects.get().verb == "grant.applied"


def failing_at(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """Let the disk be full when this event is to be written."""
    true_create = AuditEvent.objects.bulk_create

    def bulk_create(events: list[AuditEvent], **options: Any) -> Any:
        if any(event.verb == verb for event in events):
            raise OSError("the disk is full")
        return true_create(events, **options)

    monkeypatch.setattr(AuditEvent.objects, "bulk_create", bulk_create)


@pytest.mark.django_db
def test_every_change_is_on_record_with_its_actor(cast: Cast) -> None:
    create_grant(cast)
    assert list(AuditEvent.objects.values_list("verb", "actor")) == [
        ("request.submitted", "richard@example.com"),
        ("decision.approved", "alice@example.com"),
        ("request.approved", "alice@example.com"),
        ("grant.created", "alice@example.com"),
    ]


@pytest.mark.django_db
def test_history_survives_its_subjects(cast: Cast) -> None:
    request = ask(cast)
    assert AuditEvent.objects.get().subject == f"request:{request.public_id}"
    assert not [field for field in AuditEvent._meta.get_fields() if field.is_relation]


@pytest.mark.django_db
def test_overdue_requests_expire_at_their_deadline(cast: Cast) -> None:
    request = ask(cast)
    expire_overdue(now=NOON + 23 * HOUR)
    assert Request.objects.get().state == "pending"
    expire_overdue(now=request.expires_at)
    assert Request.objects.get().state == "expired"
    assert AuditEvent.objects.filter(verb="request.expired", actor="daypass").count() == 1
    expire_overdue(now=request.expires_at)
    assert AuditEvent.objects.filter(verb="request.expired").count() == 1


@pytest.mark.django_db
def test_an_event_is_rolled_back_with_its_change() -> None:
    def break_off() -> None:
        with transaction.atomic():
            written(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert not AuditEvent.objects.exists()
    assert AuditHead.objects.get().sequence == 0
