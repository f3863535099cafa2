"""Nobody learns whether an account exists: same page, same text, same work. `make bench` measures the time."""

import re
from itertools import product
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import Refusal, User
from tests.factories import Cast
from tests.integration.pages import text
from tests.signin import ask_for_new_password, send_reset_emails
from tests.slices import slice_of

PASSWORD = "correct-horse-battery"
LOGIN, RESET = reverse("account_login"), reverse("account_reset_password")
# In the order in which they could be told apart: there is one, there is none, it has no password, it is disabled.
WHO = ("richard@example.com", "nobody@example.com", "alice@example.com", "bob@example.com")


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed, which is what takes time."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.fixture
def people(cast: Cast, settings: Any) -> Cast:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    for person in (cast.richard, cast.bob):
        person.set_password(PASSWORD)
        person.save()
    cast.alice.set_unusable_password()
    cast.alice.save()
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    for person in (cast.richard, cast.alice, cast.bob):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return cast


def seen(client: Client, path: str, given: dict[str, str], who: str) -> dict[str, Any]:
    """Return what a visitor sees of an answer, and the work that it took."""
    mail.outbox.clear()
    before = CountingHasher.hashed
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.post(path, given)
    writes = [query["sql"].split(" ", 1)[0] for query in queries if re.match("INSERT|UPDATE|DELETE", query["sql"])]
    return {
        "status": answer.status_code,
        "leads to": answer.get("Location", ""),
        "text": text(answer).replace(who, "WHO"),
        "headers": sorted(answer.headers),
        "cookies": sorted(answer.cookies),
        "hashed": CountingHasher.hashed - before,
        "notifications": len(mail.outbox),
        "writes": len(writes),
        # A wrong password of an account takes a query more; its hash takes a thousand times as long.
        "queries": len(queries) if path == RESET else 0,
    }


@pytest.mark.parametrize("who", WHO[1:])
def test_a_wrong_password_gets_the_same_answer_after_the_same_work(people: Cast, who: str) -> None:
    first, second = (
        seen(Client(), LOGIN, {"login": email, "password": "not-his-password"}, email) for email in (WHO[0], who)
    )
    assert first["hashed"] == 1
    assert second == first


@pytest.mark.parametrize("who", WHO[1:])
def test_a_forgotten_password_gets_the_same_answer_and_one_email(people: Cast, who: str) -> None:
    first, second = (seen(Client(), RESET, {"email": email}, email) for email in (WHO[0], who))
    assert (first["status"], first["notifications"], first["writes"]) == (302, 0, 5)
    assert second == first
    send_reset_emails()
    assert sorted(email.to for email in mail.outbox) == sorted([[WHO[0]], [who]])


SPELLINGS = ("{}@example.com", "{}+1@example.com", "{}+a+b@example.com", '"{}"@example.com', "{}@EXAMPLE.com")


@pytest.mark.parametrize(("used_up", "asked"), slice_of([*product(SPELLINGS, SPELLINGS)], one_in=3))
def test_no_spelling_of_an_address_tells_whether_there_is_an_account(people: Cast, used_up: str, asked: str) -> None:
    """However often somebody asked before, and under which spelling: answer and work are the same for everybody."""
    found = []
    for number, name in enumerate(("richard", "nobody", "alice", "bob")):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        for _ in range(6):
            ask_for_new_password(used_up.format(name), client)
        found.append(seen(client, RESET, {"email": asked.format(name)}, name))
    assert (found[0]["status"], found[0]["leads to"]) == (302, reverse("account_reset_password_done"))
    assert found[1:] == found[:1] * 3


def test_known_and_unknown_addresses_are_counted_alike(people: Cast) -> None:
    for email in WHO[:2]:
        Client().post(LOGIN, {"login": email, "password": "not-his-password"})
    assert [row.count for row in Refusal.objects.all()] == [1, 1]


@pytest.mark.parametrize(
    "alike",
    ["r\u0131chard@example.com", "richard@examp\u217ce.com", "\uff52ichard@example.com", "richard@example.com\u200b"],
)
def test_an_address_that_only_looks_alike_is_a_different_one(people: Cast, alike: str) -> None:
    ask_for_new_password(alike)
    assert not [email for email in mail.outbox if "password/reset/key" in str(email.body)]
    assert Client().post(LOGIN, {"login": alike, "password": PASSWORD}).status_code == 200


def test_an_address_is_the_same_in_upper_case(people: Cast) -> None:
    ask_for_new_password("RICHARD@Example.COM")
    (email,) = mail.outbox
    assert "password/reset/key" in str(email.body)
    with pytest.raises(Exception, match="user_email_unique_ignoring_case"):
        User.objects.create(email="Richard@Example.com")
