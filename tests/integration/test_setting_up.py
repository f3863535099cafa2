"""Setting up an account is one flow: invitation, password or passkey, second factor, recovery codes, home."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from access.models import AuditEvent, Session, User
from demo import codes
from tests.factories import Cast
from tests.integration.pages import text, visitor
from tests.integration.test_invitations import EMAIL, answer, invited, link_in_email
from tests.signin import ask_for_new_password

PASSWORD = "correct horse battery staple"
ACCEPTED = {"name": "Ron", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def link(cast: Cast) -> str:
    cast.alice.is_sponsor = True
    cast.alice.save()
    invited(cast)
    return link_in_email()


def follow(client: Client, link: str, sent: dict[str, str], password_fields: list[str]) -> Any:
    """Send a form and note which of its fields were a password."""
    password_fields += [name for name in sent if "password" in name]
    return client.post(link, sent, follow=True)


def test_from_the_invitation_to_the_home_page_the_password_is_typed_twice(link: str) -> None:
    client, typed = Client(), list[str]()
    page = follow(client, link, ACCEPTED, typed)
    assert "Step 2 of 3" in text(page)
    page = client.get(reverse("mfa_activate_totp"))
    seed = page.context["form"].secret
    page = follow(client, reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())}, typed)
    assert "Step 3 of 3" in text(page)
    assert client.get(reverse("home")).status_code == 200
    assert typed == ["password1", "password2"]
    assert page.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")


def test_recovery_codes_can_be_copied_and_downloaded(link: str) -> None:
    client = Client()
    client.post(link, ACCEPTED)
    seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
    page = client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())}, follow=True)
    shown, given = page.content.decode(), page.context["unused_codes"]
    assert "data-copy" in shown
    assert f'href="data:text/plain;charset=utf-8,{"%0A".join(given)}"' in shown
    assert page["Cache-Control"] == "no-store"


def test_without_a_second_factor_nothing_else_opens(link: str) -> None:
    client = Client()
    client.post(link, ACCEPTED)
    assert client.get(reverse("home"))["Location"] == reverse("mfa_index")


def test_somebody_who_chooses_a_passkey_has_no_password_and_adds_the_passkey_next(link: str) -> None:
    client = Client()
    page = client.post(link, {"name": "Ron", "way": "passkey"}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("mfa_add_webauthn")
    options = page.context["js_data"]["creation_options"]["publicKey"]["authenticatorSelection"]
    assert (options["residentKey"], options["userVerification"]) == ("required", "required")
    assert not User.objects.get(email=EMAIL).has_usable_password()
    assert client.get(reverse("home"))["Location"] == reverse("mfa_index")


def test_somebody_who_chose_a_passkey_and_left_can_set_a_password_by_email(link: str) -> None:
    Client().post(link, {"name": "Ron", "way": "passkey"})
    mail.outbox.clear()
    ask_for_new_password(EMAIL)
    assert "/account/password/reset/key/" in str(mail.outbox[0].body)


def test_a_password_typed_beside_the_passkey_button_is_not_stored(link: str) -> None:
    Client().post(link, ACCEPTED | {"way": "passkey", "password1": "x", "password2": "y"})
    assert not User.objects.get(email=EMAIL).has_usable_password()


def test_the_sign_in_of_another_person_in_the_browser_ends(cast: Cast, link: str) -> None:
    client = visitor(cast.alice)
    before = Session.objects.filter(person_id=cast.alice.pk).count()
    client.post(link, ACCEPTED)
    ron = User.objects.get(email=EMAIL)
    assert Session.objects.filter(person_id=cast.alice.pk).count() == before - 1
    assert Session.objects.filter(person_id=ron.pk).count() == 1
    assert client.get(reverse("inbox"))["Location"] == reverse("mfa_index")
    assert AuditEvent.objects.filter(verb="session.closed", actor=cast.alice.email).exists()


def test_a_planted_session_does_not_become_that_of_the_invited_person(link: str) -> None:
    victim, attacker = Client(), Client()
    attacker.get(link)
    attacker.post(reverse("account_login"), {"login": "nobody@example.com", "password": "x"})
    for name, morsel in attacker.cookies.items():
        victim.cookies[name] = morsel.value
    victim.post(link, ACCEPTED)
    assert attacker.get(reverse("mfa_index"))["Location"].startswith(reverse("account_login"))


def test_the_link_works_once(link: str) -> None:
    assert answer(link)["Location"] == reverse("mfa_index")
    assert answer(link).status_code == 410
    assert Authenticator.objects.count() == 0
