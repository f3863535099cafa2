"""A session whose key changes ends with the others all the same, at whatever moment they are ended."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from allauth.account.signals import password_changed
from asgiref.sync import async_to_sync
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.ledger import sessions
from access.ledger.sessions import close_others
from access.models import Session, User
from access.signin.sessions import SessionStore
from tests.factories import Cast
from tests.integration.pages import visitor
from tests.integration.test_limits import PASSWORD, enrol, is_in
from tests.patching import replace

NEW = {"oldpassword": PASSWORD, "password1": "battery-horse-correct", "password2": "battery-horse-correct"}


@pytest.fixture
def alice(cast: Cast) -> User:
    return enrol(cast.alice)


@pytest.fixture
def after_the_key() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Do something as soon as the session has its new key, before the answer is made."""
    receivers: list[Callable[..., None]] = []

    def connect(what: Callable[[], Any]) -> None:
        def receiver(**_: Any) -> None:
            what()

        receivers.append(receiver)
        password_changed.connect(receiver)

    yield connect
    for one in receivers:
        password_changed.disconnect(one)


def end_all(person: User) -> None:
    close_others(person, kept="", address="", now=timezone.now())


def change_password(client: Client) -> Any:
    return client.post(reverse("account_change_password"), NEW)


def test_a_change_of_the_password_keeps_the_session(alice: User) -> None:
    client = visitor(alice)
    former = client.session.session_key
    assert change_password(client).status_code == 302
    assert is_in(client)
    assert client.session.session_key != former
    assert Session.objects.filter(person=alice).count() == 1


def test_a_session_ended_before_it_gets_a_new_key_is_over(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = sessions.set_password

    def set_password(person: User, *args: Any, **options: Any) -> None:
        usual(person, *args, **options)
        end_all(person)

    client = visitor(alice)
    replace(monkeypatch, usual, set_password)
    change_password(client)
    assert not is_in(client)
    assert not Session.objects.filter(person=alice).exists()


def test_a_session_ended_after_it_got_a_new_key_is_over(
    alice: User, after_the_key: Callable[[Callable[[], Any]], None]
) -> None:
    client = visitor(alice)
    after_the_key(partial(end_all, alice))
    change_password(client)
    assert not is_in(client)
    assert not Session.objects.filter(person=alice).exists()


@pytest.mark.parametrize("cycle", [SessionStore.cycle_key, async_to_sync(SessionStore.acycle_key)])
def test_the_data_of_a_session_is_found_only_under_its_new_key(
    alice: User, cycle: Callable[[SessionStore], None]
) -> None:
    store = SessionStore(visitor(alice).session.session_key)
    former, store["about"] = store.session_key, "roles"
    cycle(store)
    store.save()
    assert store.session_key != former
    assert not store.exists(former or "")
    assert SessionStore(store.session_key).load().items() >= {SESSION_KEY: str(alice.pk), "about": "roles"}.items()


@pytest.mark.parametrize("cycle", [SessionStore.cycle_key, async_to_sync(SessionStore.acycle_key)])
def test_nothing_is_left_of_an_ended_session(alice: User, cycle: Callable[[SessionStore], None]) -> None:
    store = SessionStore(visitor(alice).session.session_key)
    assert store[SESSION_KEY] == str(alice.pk)
    end_all(alice)
    cycle(store)
    assert (store.session_key, dict(store.items())) == (None, {})


def test_a_session_that_was_never_stored_gets_a_key(db: None) -> None:
    store = SessionStore()
    store["about"] = "roles"
    store.cycle_key()
    store.save()
    assert SessionStore(store.session_key).load() == {"about": "roles"}
