"""Where unmanaged statements cannot be judged, nothing crashes: they count as open, and people read why."""

import sys
from typing import Any

import pytest
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import verify
from access.actions import requests
from access.models import Grant, Request, Role, RoleState
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import odd, pages
from tests.integration.pages import codes, text, visitor
from tests.refusals import refusing
from tests.slices import slice_of

CONDITIONS = odd.TAKEN | odd.IMPOSSIBLE
REASON = "Ask an administrator to remove or restrict"
every_condition = pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS.keys())


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def imported() -> Cast:
    return factories.cast(is_managed=False)


def becomes_odd(role: Role, *statements: Any) -> None:
    """Let the worker have read these unmanaged statements."""
    RoleState.objects.filter(pk=role.pk).update(observed_trust=odd.policy(*statements), observed_at=NOON)


@every_condition
@pytest.mark.django_db
def test_richard_reads_why_requesting_is_refused(imported: Cast, condition: Any) -> None:
    becomes_odd(imported.role, odd.statement(condition))
    with refusing("admitted_by_unmanaged_statement"):
        factories.ask(imported)
    richard = visitor(imported.richard)
    form = {
        "role": str(imported.role.pk),
        "principal": str(factories.proven(imported.richard).pk),
        "starts_at": "",
        "length": "60",
        "reason": "Upload the file.",
    }
    answer = richard.post(reverse("request_new"), form)
    assert answer.status_code == 200
    assert REASON in text(answer)
    assert not Request.objects.exists()


@every_condition
@pytest.mark.django_db
def test_alice_reads_why_approving_is_refused(imported: Cast, condition: Any) -> None:
    asked = factories.ask(imported)
    becomes_odd(imported.role, odd.statement(condition))
    page = visitor(imported.alice).get(pages.of(asked, "approval"))
    assert page.status_code == 200
    assert REASON in text(page)
    with refusing("admitted_by_unmanaged_statement"):
        factories.approve(imported, asked)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("condition", slice_of([*CONDITIONS.values()], one_in=4), ids=slice_of([*CONDITIONS], one_in=4))
@pytest.mark.django_db
def test_no_page_about_the_role_crashes(imported: Cast, condition: Any) -> None:
    asked, grant = factories.ask(imported), factories.create_grant(imported)
    longer = requests.extend(
        by=imported.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="Not done yet.", now=NOON
    )
    becomes_odd(imported.role, odd.statement(condition), odd.statement(condition, Sid="Other", Effect="Deny"))
    name = [imported.role.account.account_id, imported.role.name]
    seen_by = {
        imported.richard: [pages.of(asked), pages.of(grant.request), reverse("roles"), reverse("request_new")],
        imported.alice: [pages.of(longer, "approval"), pages.of(grant.request), reverse("inbox")],
        imported.ada: [reverse(page, args=name) for page in ("role", "role_trust", "approval_settings")]
        + [reverse("reviews")],
    }
    for person, urls in seen_by.items():
        for url in urls:
            assert visitor(person).get(url).status_code == 200, url


@pytest.mark.django_db
class TestTheVerifierItselfFails:
    """An error that nobody thought of is no error page either."""

    @pytest.fixture(autouse=True)
    def fails(self, monkeypatch: pytest.MonkeyPatch, imported: Cast) -> None:
        self.asked = factories.ask(imported)

        def fail(*_: Any, **__: Any) -> bool:
            raise ValueError("year 57868 is out of range")

        monkeypatch.setattr(verify, "unmanaged_admits", fail)

    def test_asking_is_refused(self, imported: Cast) -> None:
        with refusing("unmanaged_statements_unreadable"):
            factories.ask(imported)

    def test_the_page_of_the_decision_says_so(self, imported: Cast) -> None:
        page = visitor(imported.alice).get(pages.of(self.asked, "approval"))
        assert REASON in text(page)
        assert "57868" not in text(page)

    def test_approving_is_refused(self, imported: Cast) -> None:
        url = pages.of(self.asked, "approval")
        alice = visitor(imported.alice)
        answer = alice.post(url, {"verdict": "approve", "content_hash": self.asked.content_hash})
        assert answer.status_code == 409
        assert REASON in text(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("function", ["compile_trust_policy", "compile_expiry_policy", "size"])
def test_unknown_capacity_is_a_refusal(imported: Cast, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("Principal")

    monkeypatch.setattr(sys.modules["access.trust.capacity"], function, fail)  # its name is a function's, too
    with refusing("unmanaged_statements_unreadable"):
        factories.ask(imported)


@pytest.mark.django_db
def test_a_preview_that_cannot_be_made_is_explained(imported: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = factories.ask(imported)

    def fail(*_: Any, **__: Any) -> None:
        raise TypeError("unhashable type: 'dict'")

    monkeypatch.setattr(verify, "check", fail)
    page = visitor(imported.alice).get(pages.of(asked, "approval"))
    assert page.status_code == 200
    assert "plan_not_possible" in codes(page)
