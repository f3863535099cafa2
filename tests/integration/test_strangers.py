"""Strangers fill no table: what they write is limited by address, and gone soon."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import limits
from access.models import Session
from tests.factories import NOON, Cast
from tests.integration.pages import visitor
from tests.integration.test_limits import enrol
from tests.signin import ask_for_new_password

CHALLENGE, LOGIN = reverse("mfa_login_webauthn"), reverse("account_login")
CALLBACK = reverse("openid_connect_callback", args=["oidc"])
ACS = reverse("saml_acs", args=["saml"])
STARTS = [reverse("openid_connect_login", args=["oidc"]), reverse("saml_login", args=["saml"])]
AJAX = {"X-Requested-With": "XMLHttpRequest"}
MINUTE = timedelta(minutes=1)
NAMES = [f"X-{number}" for number in range(20)]
Asking = Callable[[Client], Any]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


def stranger(address: str = "203.0.113.1") -> Client:
    """Return a browser without cookies."""
    return Client(REMOTE_ADDR=address, raise_request_exception=False)


WRITING: dict[str, Asking] = {
    "challenge": lambda client: client.get(CHALLENGE, headers=AJAX),
    "challenge without a body": lambda client: client.head(CHALLENGE, headers=AJAX),
    "answer of SAML": lambda client: client.post(ACS, {"SAMLResponse": "x" * 1000}),
    "answer of OpenID Connect": lambda client: client.get(CALLBACK, {"state": "x", "code": "y"}),
    "start of OpenID Connect": lambda client: client.post(STARTS[0]),
    "start of SAML": lambda client: client.post(STARTS[1]),
}


@pytest.mark.parametrize("asking", WRITING.values(), ids=WRITING)
def test_rows_per_address_are_limited(asking: Asking) -> None:
    statuses = [asking(stranger()).status_code for _ in range(40)]
    assert 429 not in statuses[:30]
    assert set(statuses[30:]) == {429}
    assert Session.objects.count() <= 30
    assert asking(stranger("203.0.113.2")).status_code != 429


def test_rows_per_password_reset_are_limited(cast: Cast) -> None:
    enrol(cast.alice)
    ask_for_new_password(cast.alice.email)
    (link,) = re.findall(r"/account/password/reset/key/\S+", str(mail.outbox[0].body))
    statuses = [stranger("203.0.113.9").get(link).status_code for _ in range(70)]
    assert statuses == [302] * 60 + [429] * 10
    assert Session.objects.count() == 60


def test_challenges_of_both_kinds_are_counted_together() -> None:
    for _ in range(15):
        stranger().get(CHALLENGE, headers=AJAX)
        stranger().head(CHALLENGE, headers=AJAX)
    assert stranger().get(CHALLENGE, headers=AJAX).status_code == 429
    assert Session.objects.count() == 30


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_saml_answer_is_a_form(method: str) -> None:
    assert getattr(stranger(), method)(ACS, {"SAMLResponse": "x"}).status_code == 405
    assert Session.objects.count() == 0


LARGE: dict[str, Asking] = {
    "field": lambda client: client.post(ACS, {"SAMLResponse": "x" * 130 * 1024}),
    "other field": lambda client: client.post(ACS, {"SAMLResponse": "x", "RelayState": "x" * 130 * 1024}),
    "emails that grow when they are encoded": lambda client: client.post(ACS, {"SAMLResponse": "\u00e9" * 30_000}),
    "query string": lambda client: client.post(f"{ACS}?a={'x' * 130 * 1024}", {"SAMLResponse": "x"}),
    "headers": lambda client: client.post(
        ACS, {"SAMLResponse": "x"}, headers={f"X-{n}": "x" * 8000 for n in range(20)}
    ),
}


@pytest.mark.parametrize("asking", LARGE.values(), ids=LARGE)
def test_a_large_saml_answer_is_not_stored(asking: Asking) -> None:
    answer = asking(stranger())
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()
    assert Session.objects.count() == 0


def test_a_saml_answer_of_usual_size_is_stored() -> None:
    answer = stranger().post(ACS, {"SAMLResponse": "x" * 60 * 1024})
    assert (answer.status_code, answer["Location"]) == (302, reverse("saml_finish_acs", args=["saml"]))
    assert len(Session.objects.get().session_data) < 256 * 1024


@pytest.mark.parametrize("asking", [WRITING["challenge"], WRITING["answer of SAML"]])
def test_a_session_without_a_person_lasts_15_minutes(asking: Asking, at_noon: TimeMachineFixture) -> None:
    client = stranger()
    asking(client)
    assert Session.objects.get().expire_date == NOON + 15 * MINUTE
    at_noon.move_to(NOON + 15 * MINUTE, tick=False)
    assert dict(client.session.items()) == {}


def test_a_session_without_a_person_is_purged_after_that() -> None:
    stranger().get(CHALLENGE, headers=AJAX)
    limits.purge(now=NOON + 24 * MINUTE)
    assert Session.objects.count() == 1
    limits.purge(now=NOON + 26 * MINUTE)
    assert Session.objects.count() == 0


def test_a_session_with_a_person_lasts_as_before(cast: Cast, at_noon: TimeMachineFixture) -> None:
    client = visitor(cast.alice)
    client.get(reverse("roles"))
    assert Session.objects.get(person=cast.alice).expire_date == NOON + 12 * 60 * MINUTE
    at_noon.move_to(NOON + 14 * MINUTE, tick=False)
    client.get(reverse("roles"))
    at_noon.move_to(NOON + 20 * MINUTE, tick=False)
    assert client.get(reverse("roles")).status_code == 200
