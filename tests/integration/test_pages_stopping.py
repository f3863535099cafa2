"""The pages of stop buttons: what will end, typed confirmation, progress, lifting; and who sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import stopping
from access.models import Grant, Request, Stop
from tests import break_glass, factories
from tests.factories import NOON, Cast
from tests.integration.pages import codes, text, visitor
from tests.integration.test_stopping import stop
from tests.signin import sign_in

pytestmark = pytest.mark.django_db

PATHS: dict[str, Callable[[Cast], str]] = {
    "role": lambda cast: reverse("stop_role", args=[cast.role.account.account_id, cast.role.name]),
    "account": lambda cast: reverse("stop_account", args=[cast.role.account.account_id]),
    "company": lambda _: reverse("stop_company", args=[factories.company().public_id]),
    "person": lambda cast: reverse("stop_person", args=[cast.richard.public_id]),
    "sponsor": lambda cast: reverse("stop_sponsor", args=[cast.alice.public_id]),
    "everything": lambda _: reverse("stop_everything"),
}
NAMES = {
    "role": "importantproject-put",
    "account": factories.HOST_ACCOUNT,
    "company": "Contractor A",
    "person": "richard@example.com",
    "sponsor": "alice@example.com",
    "everything": "everything",
}
every_scope = pytest.mark.parametrize("scope", PATHS)


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def typed(scope: str, **different: str) -> dict[str, str]:
    return {"reason": "An incident.", "typed": NAMES[scope]} | different


@every_scope
def test_the_page_lists_what_ends_and_the_typed_name_ends_it(cast: Cast, scope: str) -> None:
    granted = factories.create_grant(cast)
    factories.ask(cast)
    ada, path = visitor(cast.ada), PATHS[scope](cast)
    shown = text(ada.get(path))
    assert f"Richard : access to {granted.role.name} in Important project (would otherwise end on" in shown
    assert "1 pending request will be withdrawn." in shown
    assert "Ada, Alice, Bob, Richard" in shown
    for wrong in ("", "yes", NAMES[scope].upper()):
        if wrong == NAMES[scope]:  # an account id has no capitals
            continue
        answer = ada.post(path, typed(scope, typed=wrong))
        assert answer.status_code == 200
        assert Grant.objects.get().revoked_at is None
    answer = ada.post(path, typed(scope))
    made = Stop.objects.get()
    assert answer["Location"] == reverse("stop", args=[made.public_id])
    assert Grant.objects.get().ended_by_stop == made
    assert "0 of 1 grant has ended in AWS" in text(ada.get(answer["Location"]))
    assert "Access is stopped" in text(ada.get(path))


@pytest.mark.parametrize("who", ["mallory", "richard", "rita", "bob"])
@every_scope
def test_the_page_does_not_exist_for_others(cast: Cast, who: str, scope: str) -> None:
    path, client = PATHS[scope](cast), visitor(getattr(cast, who))
    expected = 200 if (who, scope) == ("bob", "role") else 404
    assert client.get(path).status_code == expected
    if expected == 404:
        assert client.post(path, typed(scope)).status_code == 404
        assert not Stop.objects.exists()


@every_scope
def test_the_button_works_when_the_preview_cannot_be_computed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    factories.create_grant(cast)

    def fail(*_: Any, **__: Any) -> None:
        Stop.objects.create()

    monkeypatch.setattr(stopping, "what_ends", fail)
    ada = visitor(cast.ada)
    assert "cannot compute what will end" in text(ada.get(PATHS[scope](cast)))
    ada.post(PATHS[scope](cast), typed(scope))
    assert Grant.objects.get().revoked_at == NOON


def test_everything_and_lifting_ask_for_a_new_code(cast: Cast) -> None:
    made = stop(cast)
    for path in (PATHS["everything"](cast), reverse("stop_lift", args=[made.public_id])):
        client = Client()
        sign_in(client, cast.ada, factor_age=3600)
        assert reverse("mfa_reauthenticate") in client.post(path, typed("everything"))["Location"]
    assert Stop.objects.count() == 1
    assert Stop.objects.get().lift_proposed_by is None


def test_stopping_less_asks_for_a_confirmation(cast: Cast) -> None:
    cast.ada.set_password("a password that Ada knows")
    cast.ada.save()
    client = Client()
    sign_in(client, cast.ada, confirmed=False, factor_age=86400)
    assert client.post(PATHS["role"](cast), typed("role")).status_code == 302
    assert not Stop.objects.exists()


def test_two_administrators_lift_on_the_page(cast: Cast) -> None:
    made = stop(cast)
    page, path = reverse("stop", args=[made.public_id]), reverse("stop_lift", args=[made.public_id])
    ada, adam = visitor(cast.ada), visitor(break_glass.adam())
    assert "Propose lifting" in text(ada.get(page))
    assert visitor(cast.alice).post(path).status_code == 404
    ada.post(path)
    assert "Propose lifting" not in text(ada.get(page))
    assert ada.post(path).status_code == 409
    assert "Confirm lifting" in text(adam.get(page))
    adam.post(path)
    assert Stop.objects.get().lifted_by == break_glass.adam()
    assert "lifted" in text(adam.get(reverse("stops")))


def test_only_those_responsible_see_a_stop(cast: Cast) -> None:
    seen = {
        "role": {"ada", "alice", "bob"},
        "account": {"ada"},
        "company": {"ada"},
        "person": {"ada", "alice"},
        "sponsor": {"ada", "alice"},
        "everything": {"ada"},
    }
    clients = {name: visitor(getattr(cast, name)) for name in ("ada", "alice", "bob", "mallory", "richard")}
    for scope, people in seen.items():
        page = reverse("stop", args=[stop(cast, scope).public_id])
        assert {name for name, client in clients.items() if client.get(page).status_code == 200} == people, scope
    for name, client in clients.items():
        assert client.get(reverse("stops")).status_code == (404 if name in {"mallory", "richard"} else 200)


def test_the_request_form_and_the_approval_page_refuse_what_is_stopped(cast: Cast) -> None:
    waiting = factories.ask(cast)
    stop(cast, "company")
    Request.objects.filter(pk=waiting.pk).update(state="pending", settled_at=None)
    assert "access_stopped" in codes(visitor(cast.alice).get(reverse("approval", args=[waiting.public_id])))
    stop(cast, "role")
    assert "access_stopped" in codes(visitor(cast.richard).get(role_page(cast)))
    form = {"role": str(cast.role.pk), "principal": str(waiting.principal_id), "reason": "x"}
    answer = visitor(cast.richard).post(reverse("request_new"), form | {"start": "approval", "length": "60"})
    assert "access_stopped" in codes(answer)
    assert Request.objects.count() == 1


def role_page(cast: Cast) -> str:
    return reverse("role", args=[cast.role.account.account_id, cast.role.name])


def test_pages_link_the_buttons_only_for_those_who_can_press_them(cast: Cast) -> None:
    button = PATHS["role"](cast)
    for name, can in (("ada", True), ("bob", True), ("richard", False)):
        assert (button in visitor(getattr(cast, name)).get(role_page(cast)).content.decode()) is can


def test_the_state_is_polled_until_everything_has_ended(cast: Cast) -> None:
    factories.create_grant(cast)
    made, ada = stop(cast), visitor(cast.ada)
    state = reverse("stop_state", args=[made.public_id])
    assert state in ada.get(state).content.decode()
    Grant.objects.update(removed_at=NOON)
    assert state not in ada.get(state).content.decode()
    assert "Nothing in this scope is open." in text(ada.get(state))
