"""A password is taken as it was typed, however long."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from django.urls import reverse

from access.ledger.sessions import set_password
from access.models import User
from tests.factories import NOON, Cast

SENTENCE = (
    "  an Ätna of words, each as plain as bread, that nobody else would ever put side by side: tulip, anvil, fjord  "
)


@pytest.mark.parametrize("hasher", ["PBKDF2PasswordHasher", "MD5PasswordHasher"])
def test_a_long_password_is_accepted_exactly_as_typed(cast: Cast, settings: Any, hasher: str) -> None:
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{hasher}"]
    assert 100 < len(SENTENCE) <= 200
    validate_password(SENTENCE, cast.alice)
    cast.alice.set_password(SENTENCE)
    cast.alice.save()
    for other in (SENTENCE[:-1], SENTENCE[:72], SENTENCE.strip(), SENTENCE.upper(), SENTENCE.replace("Ä", "A")):
        assert not cast.alice.check_password(other)
    Client().post(reverse("account_login"), {"login": cast.alice.email, "password": SENTENCE.strip()})
    client = Client()
    assert client.post(reverse("account_login"), {"login": cast.alice.email, "password": SENTENCE}).status_code == 302


def test_a_new_hash_overwrites_no_change_made_while_it_was_computed(cast: Cast) -> None:
    as_he_was = User.objects.get(pk=cast.ada.pk)
    User.objects.filter(pk=cast.ada.pk).update(is_active=False, is_staff=False)
    set_password(as_he_was, SENTENCE, address="192.0.2.1", is_reset=False, now=NOON)
    ada = User.objects.get(pk=cast.ada.pk)
    assert (ada.is_active, ada.is_staff) == (False, False)
    assert ada.check_password(SENTENCE)
