"""One button ends everything that rests on a person or a company: access, requests, sessions here."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import deciding, people
from access.models import AuditEvent, Contractor, Grant, Request, Role, User
from access.rules.facts import Refused
from access.rules.people import can_sponsor, check_can_sponsor
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast
from tests.integration.concurrently import run_together
from tests.integration.conftest import Enqueued
from tests.integration.pages import codes, text, visitor
from tests.patching import replace
from tests.refusals import refusing

WHAT: dict[str, Callable[[Cast], Any]] = {
    "contractor": lambda cast: Contractor.objects.get(user=cast.richard),
    "company": lambda _cast: factories.company(),
    "colleague": lambda cast: cast.alice,
}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def granted(cast: Cast) -> Grant:
    return factories.create_grant(cast, now=NOON)


def path(cast: Cast, kind: str, way: str = "disable") -> str:
    return reverse(f"{kind}_{way}", args=[WHAT[kind](cast).public_id])


@pytest.mark.parametrize("kind", WHAT)
def test_the_page_lists_grants_that_will_end_and_the_button_ends_them(
    cast: Cast, granted: Grant, enqueued: list[Enqueued], kind: str, django_capture_on_commit_callbacks: Any
) -> None:
    waiting = factories.ask(cast, now=NOON)
    richard, ada = visitor(cast.richard), visitor(cast.ada)
    assert richard.get("/").status_code == 200
    shown = text(ada.get(path(cast, kind)))
    assert f"Richard : access to {granted.role.name} (would otherwise end on" in shown
    assert "1 pending request will be cancelled" in shown
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(path(cast, kind))
    ended, lapsed = Grant.objects.get(), Request.objects.get(pk=waiting.pk)
    assert ended.revoked_at == NOON
    assert ended.revoked_code == "revoked_disabled"
    assert lapsed.state == "expired"
    assert enqueued == [Enqueued(granted.role_id, "urgent")]
    assert richard.get("/").status_code == 302
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"grant.revoked", "request.expired"} < verbs
    assert any(verb.endswith(".disabled") for verb in verbs)


@pytest.mark.parametrize("kind", WHAT)
def test_a_disabled_contractor_can_neither_request_nor_receive_access(cast: Cast, kind: str) -> None:
    pending = factories.ask(cast, now=NOON)
    people.disable_person_or_company(by=cast.ada, what=WHAT[kind](cast), now=NOON)
    Request.objects.filter(pk=pending.pk).update(state="pending", settled_at=None)
    pending = Request.objects.get(pk=pending.pk)
    with pytest.raises(Refused):
        deciding.approve(by=cast.bob, request=pending, content_hash=pending.content_hash, now=NOON)
    with pytest.raises(Refused):
        factories.ask(cast, now=NOON)


@pytest.mark.parametrize("kind", WHAT)
def test_an_enabled_contractor_can_sign_in_again_and_regains_no_grants(cast: Cast, granted: Grant, kind: str) -> None:
    people.disable_person_or_company(by=cast.ada, what=WHAT[kind](cast), now=NOON)
    assert not User.objects.get(pk=cast.richard.pk).is_active
    visitor(cast.ada).post(path(cast, kind, "enable"))
    assert User.objects.get(pk=cast.richard.pk).is_active
    assert Grant.objects.get().revoked_at == NOON
    assert factories.ask(cast, now=NOON).state == "pending"


def test_a_contractor_of_a_disabled_company_cannot_be_enabled_separately(cast: Cast) -> None:
    people.disable_person_or_company(by=cast.ada, what=factories.company(), now=NOON)
    people.enable_person_or_company(by=cast.ada, what=WHAT["contractor"](cast), now=NOON)
    assert not User.objects.get(pk=cast.richard.pk).is_active
    assert not Contractor.objects.get(user=cast.richard).is_effectively_active


def test_only_their_own_grants_end(cast: Cast, granted: Grant) -> None:
    ritas = factories.create_grant(cast, now=NOON, by=cast.rita, principal_arn="")
    people.disable_person_or_company(by=cast.ada, what=WHAT["contractor"](cast), now=NOON)
    assert Grant.objects.get(pk=ritas.pk).revoked_at is None
    assert User.objects.get(pk=cast.rita.pk).is_active


@pytest.mark.parametrize("kind", WHAT)
def test_a_grant_that_is_over_only_by_the_clock_ends_too(
    cast: Cast, granted: Grant, enqueued: list[Enqueued], kind: str, django_capture_on_commit_callbacks: Any
) -> None:
    ahead = granted.ends_at + HOUR
    assert people.what_ends(WHAT[kind](cast), now=ahead).grants == [granted]
    with django_capture_on_commit_callbacks(execute=True):
        people.disable_person_or_company(by=cast.ada, what=WHAT[kind](cast), now=ahead)
    assert Grant.objects.get().revoked_at == ahead
    assert enqueued == [Enqueued(granted.role_id, "urgent")]


def test_a_grant_already_removed_from_aws_is_unchanged(cast: Cast, granted: Grant) -> None:
    Grant.objects.filter(pk=granted.pk).update(removed_at=granted.ends_at)
    people.disable_person_or_company(by=cast.ada, what=WHAT["contractor"](cast), now=granted.ends_at + SECOND)
    assert Grant.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("who", "kind", "may"),
    [
        ("ada", "contractor", True),
        ("ada", "company", True),
        ("ada", "colleague", True),
        ("alice", "contractor", True),
        ("alice", "company", False),
        ("alice", "colleague", False),
        ("bob", "contractor", False),
        ("mallory", "contractor", False),
        ("richard", "contractor", False),
        ("rita", "contractor", False),
    ],
)
def test_sponsors_can_disable_their_contractors_and_administrators_everybody(
    cast: Cast, granted: Grant, who: str, kind: str, may: bool
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    person = User.objects.get(pk=getattr(cast, who).pk)
    client = visitor(person)
    assert client.get(path(cast, kind)).status_code == (200 if may else 404)
    assert client.post(path(cast, kind)).status_code == (302 if may else 404)
    assert (Grant.objects.get().revoked_at is not None) == may
    Grant.objects.update(revoked_at=None, revoked_by=None, revoked_reason="", revoked_code="")


def test_nobody_can_disable_themselves(cast: Cast) -> None:
    with refusing("cannot_disable_yourself"):
        people.disable_person_or_company(by=cast.ada, what=cast.ada, now=NOON)


class TestContract:
    """Contract end, roles and sponsor can change; what is given never outlives the contract."""

    def change(self, cast: Cast, **different: Any) -> Any:
        form = {"contract_ends_at": "2027-01-31T18:00", "roles": [cast.role.pk], "sponsor": cast.ada.pk} | different
        return visitor(cast.ada).post(self.path(cast), form)

    def path(self, cast: Cast) -> str:
        return reverse("contractor", args=[Contractor.objects.get(user=cast.richard).public_id])

    def test_a_change_is_recorded_with_the_former_value(self, cast: Cast) -> None:
        self.change(cast, roles=[])
        ron = Contractor.objects.get(user=cast.richard)
        assert (ron.sponsor, list(ron.roles.all())) == (cast.ada, [])
        assert AuditEvent.objects.get().details["changes"]["roles"] == [[cast.role.name], []]

    def test_a_contract_cannot_end_before_its_grants(self, cast: Cast, granted: Grant) -> None:
        factories.move_end(granted, NOON + 6 * HOUR)
        page = self.change(cast, contract_ends_at="2026-11-24T17:59")
        assert "contract_ends_before_access" in codes(page)
        assert self.change(cast, contract_ends_at="2026-11-24T18:00").status_code == 302

    def test_only_internal_users_are_sponsors(self, cast: Cast) -> None:
        for nobody in (cast.rita, cast.mallory):
            assert "Select a valid choice." in text(self.change(cast, sponsor=nobody.pk))
            ron = Contractor.objects.get(user=cast.richard)
            with pytest.raises(Refused):
                people.set_contract(
                    by=cast.ada, contractor=ron, ends_at=NOON + HOUR, role_ids=[], sponsor=nobody, now=NOON
                )

    def saved_as_the_page_came(self, cast: Cast, **different: Any) -> Contractor:
        """Ada changes only these fields: all others are sent as the browser has them from the page."""
        form = visitor(cast.ada).get(self.path(cast)).context["form"]
        offered = {str(value) for value, _ in form.fields["sponsor"].choices}
        chosen = str(form["sponsor"].value())
        assert chosen in offered  # else the browser sends the first one
        as_it_is = {
            "contract_ends_at": form["contract_ends_at"].value().strftime("%Y-%m-%dT%H:%M"),
            "roles": [role.pk for role in form.fields["roles"].queryset if role in form["roles"].value()],
            "sponsor": chosen,
        }
        assert visitor(cast.ada).post(self.path(cast), as_it_is | different).status_code == 302
        return Contractor.objects.get(user=cast.richard)

    def test_a_longer_contract_does_not_change_the_sponsor(self, cast: Cast) -> None:
        assert cast.alice not in User.objects.sponsors()
        ron = self.saved_as_the_page_came(cast, contract_ends_at="2027-01-31T18:00")
        assert (ron.sponsor, ron.contract_ends_at.year) == (cast.alice, 2027)

    def test_a_temporarily_disabled_role_stays_assigned(self, cast: Cast) -> None:
        other = factories.role("other")
        other.contractors.add(Contractor.objects.get(user=cast.richard))
        Role.objects.filter(pk=cast.role.pk).update(is_active=False)
        page = text(visitor(cast.ada).get(self.path(cast)))
        assert f"Disabled roles that stay in the contract: {cast.role.name}." in page
        ron = self.saved_as_the_page_came(cast, contract_ends_at="2027-01-31T18:00", roles=[])
        assert list(ron.roles.all()) == [cast.role]
        assert AuditEvent.objects.get().details["changes"]["roles"] == [[cast.role.name, "other"], [cast.role.name]]

    def test_a_role_that_is_not_offered_cannot_be_assigned(self, cast: Cast) -> None:
        Role.objects.update(is_active=False)
        assert "Select a valid choice." in text(self.change(cast))


def test_an_administrator_can_make_and_remove_sponsors(cast: Cast) -> None:
    rights = reverse("colleague_rights", args=[cast.bob.public_id])
    visitor(cast.ada).post(rights, {"sponsor": "yes"})
    assert can_sponsor(User.objects.get(pk=cast.bob.pk).facts())
    visitor(cast.ada).post(rights, {"sponsor": "no"})
    assert not can_sponsor(User.objects.get(pk=cast.bob.pk).facts())
    assert visitor(cast.alice).post(rights, {"sponsor": "yes"}).status_code == 404


@pytest.mark.parametrize("round_", range(5))
@pytest.mark.parametrize("kind", WHAT)
def test_no_approval_succeeds_while_its_person_is_disabled(
    commits: None, cast: Cast, enqueued: list[Enqueued], round_: int, kind: str
) -> None:
    pending = factories.ask(cast, now=NOON)
    what = WHAT[kind](cast)
    run_together(
        lambda: deciding.approve(by=cast.bob, request=pending, content_hash=pending.content_hash, now=NOON),
        lambda: people.disable_person_or_company(by=cast.ada, what=what, now=NOON),
    )
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert Request.objects.get().state in {"approved", "expired"}


@pytest.mark.parametrize("round_", range(5))
def test_a_contractor_handed_over_to_a_sponsor_who_is_being_disabled_keeps_no_access(
    commits: None, cast: Cast, granted: Grant, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch, round_: int
) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_sponsor=True)
    bob, ron = User.objects.get(pk=cast.bob.pk), Contractor.objects.get(user=cast.richard)
    plain, is_looked_at, is_disabled = check_can_sponsor, threading.Event(), threading.Event()

    def look_and_wait(person: Any) -> None:
        plain(person)
        is_looked_at.set()
        is_disabled.wait(0.2 * round_)

    def hand_over() -> None:
        people.set_contract(
            by=cast.ada, contractor=ron, ends_at=NOON + DAY, role_ids=[cast.role.pk], sponsor=bob, now=NOON
        )

    def disable() -> None:
        is_looked_at.wait(1)
        people.disable_person_or_company(by=cast.ada, what=bob, now=NOON)
        is_disabled.set()

    replace(monkeypatch, check_can_sponsor, look_and_wait)
    run_together(hand_over, disable)
    assert not User.objects.get(pk=bob.pk).is_active
    rests_on_bob = Contractor.objects.get(pk=ron.pk).sponsor == bob
    assert (Grant.objects.get().revoked_at is not None) == rests_on_bob
    assert User.objects.get(pk=cast.richard.pk).is_active != rests_on_bob
