"""Changing a password is no way to guess it, and no way round another change."""

from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import AuditEvent, Refusal, User
from tests import factories
from tests.factories import NOON, Cast
from tests.integration.concurrently import run_together
from tests.integration.pages import text, visitor
from tests.integration.test_limits import PASSWORD, by_password, enrol, from_afar, lock_by_passwords
from tests.signin import ask_for_new_password

PAGE = reverse("account_change_password")
ALICE = "alice@example.com"


@pytest.fixture
def alice(cast: Cast, time_machine: TimeMachineFixture) -> User:
    time_machine.move_to(NOON, tick=False)
    return enrol(cast.alice)


def change(client: Client, former: str, to: str = "battery-horse-correct") -> Any:
    return client.post(PAGE, {"oldpassword": former, "password1": to, "password2": to})


def test_the_password_of_a_locked_account_is_not_checked(alice: User) -> None:
    lock_by_passwords(ALICE)
    assert "Too many" in text(change(visitor(alice), PASSWORD))
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_wrong_passwords_lock_the_account(alice: User) -> None:
    hers = visitor(alice)
    answers = [text(change(hers, f"wrong {number}")) for number in range(5)]
    assert not any("Too many" in answer for answer in answers)
    assert "Too many" in text(by_password(from_afar(99), email=ALICE))
    assert Refusal.objects.filter(page="account_change_password password").exists()


def test_correct_passwords_lock_nothing(alice: User) -> None:
    former = PASSWORD
    for number in range(5):
        assert change(visitor(alice), former, f"battery-horse-correct {number}").status_code == 302
        former = f"battery-horse-correct {number}"
        alice.refresh_from_db()
    assert "Too many" not in text(by_password(from_afar(99), "wrong", email=ALICE))


def test_a_link_works_once_however_many_use_it_simultaneously(commits: None) -> None:
    alice = enrol(factories.cast().alice)
    ask_for_new_password(ALICE)
    link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
    strangers = [Client() for _ in range(4)]
    paths = [client.get(link, follow=True).redirect_chain[-1][0] for client in strangers]
    new = [f"battery-horse-correct {number}" for number in range(4)]
    sent = zip(strangers, paths, new, strict=True)
    answers = run_together(*(partial(c.post, path, {"password1": to, "password2": to}) for c, path, to in sent))
    assert {answer.status_code for answer in answers} <= {200, 302}
    alice.refresh_from_db()
    assert AuditEvent.objects.filter(verb="password.changed").count() == 1
    (won,) = [number for number in range(4) if alice.check_password(new[number])]
    done = [answer.get("Location") == reverse("account_reset_password_from_key_done") for answer in answers]
    assert done == [number == won for number in range(4)]
