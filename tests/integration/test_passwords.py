"""A password is taken as it was typed, however long."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from django.urls import reverse

from tests.factories import Cast

SENTENCE = (
    "  an Ätna of words, each as plain as bread, that nobody but him would ever put side by side: tulip, anvil, fjord  "
)


@pytest.mark.parametrize("hasher", ["PBKDF2PasswordHasher", "MD5PasswordHasher"])
def test_a_long_sentence_is_taken_as_it_was_typed(cast: Cast, settings: Any, hasher: str) -> None:
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
