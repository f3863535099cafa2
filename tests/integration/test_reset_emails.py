"""Nobody has the portal write to somebody's mailbox without end, and nobody is kept from a link that they need."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from time_machine import TimeMachineFixture

from access.auth.guessing import mailbox_of
from access.models import Attempts, User
from tests.factories import DAY, NOON, Cast
from tests.integration.test_limits import RESET, by_code, by_password, code, enrol, from_afar, is_in

STRANGER, ALICE = "stranger@example.com", "alice@example.com"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture, db: None) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


def ask(email: str, number: int = 0) -> tuple[int, str]:
    answer = from_afar(number).post(RESET, {"email": email})
    return answer.status_code, str(answer.headers.get("Location", ""))


def test_a_stranger_gets_ten_emails_a_day(at_noon: TimeMachineFixture) -> None:
    answers = []
    for number in range(23):
        answers.append(ask(STRANGER, number)[0])
        at_noon.shift(3600)
    assert answers == [302] * 10 + [429] * 13
    assert len(mail.outbox) == 10
    at_noon.shift(DAY.total_seconds())
    ask(STRANGER)
    assert len(mail.outbox) == 11


@pytest.mark.parametrize(
    "alike",
    ["STRANGER@Example.Com", " stranger@example.com ", "stranger+1@example.com", "stranger+a+b@example.com",
     '"stranger"@example.com', '"stranger+x"@example.com',
     r'"s\tranger"@example.com', r'"\s\t\r\a\n\g\e\r\+x"@example.com'],
)  # fmt: skip
def test_another_spelling_is_no_other_mailbox(alike: str, at_noon: TimeMachineFixture) -> None:
    use_up(STRANGER, at_noon)
    assert ask(alike, 7)[0] == 429
    assert not mail.outbox


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [("a@b\u00fccher.example", "a@xn--bcher-kva.example"), ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
     ("\uff41@example.com", "a@example.com"), ("a@example.com", "a@example.com"), ("x", "@x")],
)  # fmt: skip
def test_a_mailbox_has_one_name(email: str, mailbox: str) -> None:
    assert mailbox_of(email) == mailbox


@pytest.mark.parametrize("domain", ["a" * 70 + ".example", "\u00e4" * 70 + ".example", "..", "a..b"])
def test_an_odd_domain_is_no_error(domain: str) -> None:
    assert mailbox_of(f"a@{domain}").startswith("a@")


def test_one_network_causes_a_hundred_a_day(at_noon: TimeMachineFixture) -> None:
    for number in range(120):
        at_noon.shift(60)
        ask(f"stranger{number}@example.com")
    assert len(mail.outbox) == 100
    lasting = [row for row in Attempts.objects.all() if row.expires_at - NOON > timedelta(hours=12)]
    assert len(lasting) == 101, "a flood leaves few rows that last"


def use_up(email: str, at_noon: TimeMachineFixture) -> None:
    """Ask until the day's emails are used up, and forget them."""
    assert [ask(email, number)[0] for number in range(5)] == [302] * 5
    at_noon.shift(60)
    assert [ask(email, number)[0] for number in range(6)] == [302] * 5 + [429]
    at_noon.shift(60)
    mail.outbox.clear()


def links() -> list[str]:
    return re.findall(r"http\S+/password/reset/key/\S+", " ".join(str(email.body) for email in mail.outbox))


def test_who_has_an_account_is_limited_alike_and_their_links_work(cast: Cast, at_noon: TimeMachineFixture) -> None:
    enrol(cast.alice)
    ask(ALICE)
    (link,) = links()
    for _ in range(9):
        at_noon.shift(60)
        ask(ALICE)
    at_noon.shift(60)
    assert ask(ALICE)[0] == 429
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


def test_a_mailbox_that_others_use_up_is_not_that_of_an_account(cast: Cast, at_noon: TimeMachineFixture) -> None:
    User.objects.filter(pk=cast.alice.pk).update(email="alice+daypass@example.com")
    cast.alice.refresh_from_db()
    enrol(cast.alice)
    use_up("alice+junk@example.com", at_noon)
    ask("alice+daypass@example.com")
    assert len(links()) == 1


def test_who_has_no_password_is_limited_as_well(cast: Cast, at_noon: TimeMachineFixture) -> None:
    cast.alice.set_unusable_password()
    cast.alice.save()
    EmailAddress.objects.create(user=cast.alice, email=cast.alice.email, verified=True, primary=True)
    use_up(ALICE, at_noon)
    assert ask(ALICE)[0] == 429
