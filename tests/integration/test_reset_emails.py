"""Nobody has the portal write to somebody's mailbox without end, and nobody is kept from a link that they need."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import limits, tasks
from access.models import Attempts, ResetEmail, User
from access.recipients import mailbox_of, recipients_of
from tests.factories import DAY, NOON, Cast
from tests.integration.test_limits import by_code, by_password, code, enrol, from_afar, is_in
from tests.signin import ask_for_new_password, send_reset_emails

STRANGER, ALICE = "stranger@example.com", "alice@example.com"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture, db: None) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


def ask(email: str, number: int = 0) -> int:
    """Ask for a new password; return how many emails that sent. The answer is the same every time."""
    before = len(mail.outbox)
    answer = ask_for_new_password(email, from_afar(number))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_reset_password_done"))
    return len(mail.outbox) - before


def test_a_stranger_gets_at_most_ten_emails_a_day(at_noon: TimeMachineFixture) -> None:
    answers = []
    for number in range(23):
        answers.append(ask(STRANGER, number))
        at_noon.shift(3600)
    assert answers == [1] * 10 + [0] * 13
    at_noon.shift(DAY.total_seconds())
    assert ask(STRANGER) == 1


@pytest.mark.parametrize(
    "alike",
    ["STRANGER@Example.Com", " stranger@example.com ", "stranger+1@example.com", "stranger+a+b@example.com",
     '"stranger"@example.com', '"stranger+x"@example.com',
     r'"s\tranger"@example.com', r'"\s\t\r\a\n\g\e\r\+x"@example.com'],
)  # fmt: skip
def test_another_spelling_is_the_same_mailbox(alike: str, at_noon: TimeMachineFixture) -> None:
    use_up(STRANGER, at_noon)
    assert ask(alike, 7) == 0


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [("a@b\u00fccher.example", "a@xn--bcher-kva.example"), ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
     ("\uff41@example.com", "a@example.com"), ("a@example.com", "a@example.com"), ("x", "@x")],
)  # fmt: skip
def test_a_mailbox_has_one_name(email: str, mailbox: str) -> None:
    assert mailbox_of(email) == mailbox


@pytest.mark.parametrize("domain", ["a" * 70 + ".example", "\u00e4" * 70 + ".example", "..", "a..b"])
def test_an_unusual_domain_is_not_an_error(domain: str) -> None:
    assert mailbox_of(f"a@{domain}").startswith("a@")


def test_one_network_causes_at_most_a_hundred_emails_a_day(at_noon: TimeMachineFixture) -> None:
    for number in range(120):
        at_noon.shift(60)
        ask(f"stranger{number}@example.com")
    assert len(mail.outbox) == 100
    lasting = [row for row in Attempts.objects.all() if row.expires_at - NOON > timedelta(hours=12)]
    assert len(lasting) == 101, "a flood leaves few rows that last"


def use_up(email: str, at_noon: TimeMachineFixture) -> None:
    """Ask until the day's emails are used up, and forget them."""
    assert [ask(email, number) for number in range(5)] == [1] * 5
    at_noon.shift(60)
    assert [ask(email, number) for number in range(6)] == [1] * 5 + [0]
    at_noon.shift(60)
    mail.outbox.clear()


def links() -> list[str]:
    return re.findall(r"http\S+/password/reset/key/\S+", " ".join(str(email.body) for email in mail.outbox))


def test_users_with_an_account_are_limited_equally_and_their_links_work(
    cast: Cast, at_noon: TimeMachineFixture
) -> None:
    enrol(cast.alice)
    ask(ALICE)
    (link,) = links()
    for _ in range(9):
        at_noon.shift(60)
        ask(ALICE)
    at_noon.shift(60)
    assert ask(ALICE) == 0
    client = Client()
    page = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(page, {"password1": "battery-horse-correct", "password2": "battery-horse-correct"})
    cast.alice.refresh_from_db()
    assert cast.alice.check_password("battery-horse-correct")
    mail.outbox.clear()
    ask(ALICE)
    assert len(links()) == 1, "the former links are used up, and so is the count"


def test_a_sign_in_ends_the_links_and_the_count(cast: Cast, at_noon: TimeMachineFixture) -> None:
    enrol(cast.alice)
    use_up(ALICE, at_noon)
    client = Client()
    by_password(client, email=ALICE)
    by_code(client, code())
    assert is_in(client)
    ask(ALICE)
    assert len(links()) == 1


def test_others_cannot_use_up_the_limit_of_an_account(cast: Cast, at_noon: TimeMachineFixture) -> None:
    User.objects.filter(pk=cast.alice.pk).update(email="alice+daypass@example.com")
    cast.alice.refresh_from_db()
    enrol(cast.alice)
    use_up("alice+junk@example.com", at_noon)
    ask("alice+daypass@example.com")
    assert len(links()) == 1


def test_users_without_a_password_are_limited_as_well(cast: Cast, at_noon: TimeMachineFixture) -> None:
    cast.alice.set_unusable_password()
    cast.alice.save()
    EmailAddress.objects.create(user=cast.alice, email=cast.alice.email, verified=True, primary=True)
    use_up(ALICE, at_noon)
    assert ask(ALICE) == 0


class Deaf:
    """A mail server that takes nothing."""

    def __init__(self, **_: object) -> None: ...

    def send_messages(self, _emails: object) -> int:
        raise ConnectionRefusedError


@pytest.mark.parametrize("email", [STRANGER, ALICE])
def test_an_email_that_the_server_refuses_is_retried_and_counted_once(
    cast: Cast, at_noon: TimeMachineFixture, settings: Any, email: str
) -> None:
    enrol(cast.alice)
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Deaf"
    ask(email)
    settings.EMAIL_BACKEND = backend
    send_reset_emails()
    assert not mail.outbox, "not every sweep tries it"
    at_noon.shift(601)
    send_reset_emails()
    assert len(mail.outbox) == 1
    assert not ResetEmail.objects.exists()
    attempts = Attempts.objects.get(key=limits._key(limits.RESETS_OF_RECIPIENT.name, *recipients_of(email)))
    assert len(attempts.times) == 1


def test_nobody_waits_longer_than_an_hour(at_noon: TimeMachineFixture) -> None:
    Client().post(reverse("account_reset_password"), {"email": STRANGER})
    at_noon.shift(3601)
    send_reset_emails()
    assert not mail.outbox
    assert not ResetEmail.objects.exists(), "and the address is not kept"


@pytest.mark.parametrize("ahead", [3600, 400 * 86400])
def test_a_clock_that_was_ahead_keeps_no_email_back(at_noon: TimeMachineFixture, ahead: int) -> None:
    Client().post(reverse("account_reset_password"), {"email": STRANGER})
    ResetEmail.objects.update(tried_at=NOON + timedelta(seconds=ahead))
    send_reset_emails()
    assert len(mail.outbox) == 1


def test_a_message_delivered_twice_sends_one_email(at_noon: TimeMachineFixture) -> None:
    Client().post(reverse("account_reset_password"), {"email": STRANGER})
    (row,) = ResetEmail.objects.all()
    for _ in range(3):
        tasks.send_reset_email(row.pk)
    tasks.send_reset_email(row.pk + 1)
    assert len(mail.outbox) == 1


def test_the_message_carries_only_the_id(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(tasks.send_reset_email, "apply_async", lambda **message: sent.append(message))
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(reverse("account_reset_password"), {"email": STRANGER})
    assert sent == [{"args": (ResetEmail.objects.get().pk,), "queue": "default"}]
    tasks.sweep()
    assert len(sent) == 2, "the sweep asks again for what was lost"
