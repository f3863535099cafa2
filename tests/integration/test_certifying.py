"""Grants, imported roles and contracts are reviewed regularly; reviewer, time and result are on record."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import certifying
from access.ledger.subjects import subject_of
from access.models import AuditEvent, Certification, Contractor, Grant, Role, User
from access.reviews.certifying import KINDS, due_count
from access.reviews.scope import Scope
from access.views import reviews as views
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import codes, text, visitor
from tests.refusals import refusing

LATER = NOON + 8 * DAY


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Return the cast, with Alice and Bob as sponsors too."""
    User.objects.filter(pk__in=[cast.alice.pk, cast.bob.pk]).update(is_sponsor=True)
    return cast


@pytest.fixture
def long(cast: Cast) -> Grant:
    """Return Richard's access of ten days, eight of which are over."""
    Role.objects.update(longest_window=30 * DAY)
    cast.role.refresh_from_db()
    return factories.create_grant(cast, ends_at=NOON + 10 * DAY)


def due(kind: str, person: User) -> int:
    return due_count(KINDS[kind], Scope.of(person, now=LATER), now=LATER)


def certify(person: User, kind: str, key: object, verdict: str, reason: str = "") -> int:
    path = reverse("certify", args=[kind, key])
    return visitor(person).post(path, {"verdict": verdict, "reason": reason}).status_code


def test_a_grant_is_due_after_a_week_and_done_once_it_is_certified(cast: Cast, long: Grant) -> None:
    assert due("access", cast.alice) == 1
    assert certify(cast.alice, "access", long.request.public_id, "keep") == 302
    assert due("access", cast.alice) == 0
    page = text(visitor(cast.ada).get(reverse("certifications", args=["access"])))
    assert "Kept by Alice on 2 Dec 2026, 12:00 UTC" in page
    assert AuditEvent.objects.filter(verb="certification.kept", subject=subject_of(long.request)).exists()


def test_a_grant_that_is_not_certified_ends_immediately(cast: Cast, long: Grant) -> None:
    assert certify(cast.ada, "access", long.request.public_id, "reject", "They left the project.") == 302
    long.refresh_from_db()
    assert (long.revoked_by, long.revoked_code) == (cast.ada, "revoked_by_review")
    assert long.revoked_facts == {"comment": "They left the project."}
    verbs = list(AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)[:2])
    assert verbs == ["certification.rejected", "grant.revoked"]


def test_a_denial_needs_a_reason(cast: Cast, long: Grant) -> None:
    assert certify(cast.ada, "access", long.request.public_id, "reject") == 400
    with refusing("reason_missing"):
        certifying.certify_grant(by=cast.ada, grant=long, keep=False, comment=" ", now=LATER)
    long.refresh_from_db()
    assert long.revoked_at is None
    assert not Certification.objects.exists()


def test_a_refused_reason_stays_in_the_form(cast: Cast, long: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 1)
    other = factories.create_grant(cast, by=cast.rita, principal_arn="", ends_at=NOON + 10 * DAY)
    ada, url = visitor(cast.ada), reverse("certifications", args=["access"])
    assert str(other.request.public_id) in ada.get(f"{url}?page=2").content.decode()
    path = reverse("certify", args=["access", other.request.public_id])
    refused = ada.post(path, {"verdict": "reject", "reason": "They left\x1b the project.", "page": "2"})
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "reason_control_characters" in codes(refused)
    assert "They left\x1b the project.</textarea>" in page
    assert 'name="page" value="2"' in page
    assert f'href="{url}?page=1"' in page
    kept = ada.post(path, {"verdict": "keep", "page": "2"})
    assert kept["Location"] == f"{url}?page=2"


def test_a_line_break_counts_once_as_in_the_browser(cast: Cast, long: Grant) -> None:
    reason = "\r\n".join(["x"] * 1000)  # 1,999 signs in the browser, 2,998 as it is sent
    assert certify(cast.ada, "access", long.request.public_id, "reject", reason) == 302
    assert Certification.objects.get().comment == reason.replace("\r\n", "\n")


@pytest.mark.parametrize("name", ["richard", "rita", "mallory"])
def test_people_without_responsibility_certify_nothing(cast: Cast, long: Grant, name: str) -> None:
    assert certify(getattr(cast, name), "access", long.request.public_id, "keep") == 404
    assert not Certification.objects.exists()


def test_an_imported_role_stays_flagged_until_it_is_certified(cast: Cast) -> None:
    Role.objects.update(is_managed=False)
    assert due("roles", cast.alice) == 1
    certify(cast.alice, "roles", cast.role.pk, "reject", "Take the root statement out.")
    page = text(visitor(cast.bob).get(reverse("certifications", args=["roles"])))
    assert "Rejected by Alice" in page
    assert "Take the root statement out." in page
    certify(cast.bob, "roles", cast.role.pk, "keep")
    assert "Kept by Bob" in text(visitor(cast.bob).get(reverse("certifications", args=["roles"])))
    event = AuditEvent.objects.get(verb="certification.kept")
    assert len(event.details["sha256"]) == 64


def test_the_sponsor_reviews_only_the_contracts_of_their_contractors(cast: Cast) -> None:
    ron = factories.contractor(factories.user("ron"), sponsor=cast.bob)
    assert (due("contractors", cast.alice), due("contractors", cast.bob)) == (2, 1)
    assert certify(cast.alice, "contractors", ron.public_id, "keep") == 404
    assert certify(cast.bob, "contractors", ron.public_id, "keep") == 302
    assert due("contractors", cast.bob) == 0
    event = AuditEvent.objects.get(verb="certification.kept")
    assert event.details["sponsor"] == cast.bob.email


def test_a_certified_item_is_due_again_after_its_time(cast: Cast) -> None:
    ron = Contractor.objects.get(user=cast.richard)
    certifying.certify_contractor(by=cast.alice, contractor=ron, keep=True, comment="", now=LATER - 90 * DAY)
    assert due("contractors", cast.alice) == 2
    certifying.certify_contractor(by=cast.alice, contractor=ron, keep=True, comment="", now=LATER - 90 * DAY + HOUR)
    assert due("contractors", cast.alice) == 1


def test_the_database_keeps_a_review_unchanged(cast: Cast) -> None:
    ron = Contractor.objects.get(user=cast.richard)
    made = certifying.certify_contractor(by=cast.alice, contractor=ron, keep=True, comment="", now=LATER)
    for change in (
        lambda: Certification.objects.update(by=cast.bob),
        lambda: Certification.objects.create(
            role=cast.role, contractor=ron, whose=cast.richard, verdict="keep", by=cast.alice, at=LATER
        ),
        lambda: Certification.objects.create(verdict="keep", by=cast.alice, at=LATER),
        lambda: Certification.objects.create(
            contractor=ron, whose=cast.richard, verdict="keep", by=cast.richard, at=LATER
        ),
        lambda: Certification.objects.create(role=cast.role, verdict="reject", by=cast.alice, at=LATER),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Certification.objects.get() == made
