"""Browsers in which Alice signed in before, and what strangers do with their cookies."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.ledger.browsers import find_browsers
from access.models import AuditEvent, KnownBrowser, User
from tests.integration.test_limits import (
    by_code,
    by_password,
    code,
    from_afar,
    is_in,
)

COOKIE = settings.KNOWN_BROWSER_COOKIE_NAME
SESSIONS = reverse("usersessions_list")
ALICE = "alice@example.com"
NEW = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}


def thief_of(client: Client, number: int = 99) -> Client:
    """Return a stranger with the cookie of this browser, and nothing else."""
    thief = from_afar(number)
    thief.cookies[COOKIE] = client.cookies[COOKIE].value
    return thief


def signs_in(client: Client, email: str = ALICE) -> bool:
    by_password(client, email=email)
    by_code(client, code())
    return is_in(client)


def known_by(token: str) -> KnownBrowser | None:
    return find_browsers([token], now=timezone.now()).get(token)


def events(verb: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(verb=verb).values_list("details", flat=True))


def by_passkey(client: Client, passkey: Authenticator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sign in with only a passkey; what it signed is judged elsewhere (tests/browser)."""
    with monkeypatch.context() as patch:
        patch.setattr(webauthn.LoginWebAuthnForm, "clean_credential", lambda _form: passkey)
        return client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})


def passkey_of(person: User) -> Authenticator:
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
