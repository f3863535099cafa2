"""Everybody sees what the portal knows about them, and nobody sees that of others."""

import json
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.urls import reverse

from access.actions import requests
from access.models import FactorReset, Grant, User
from access.texts.text import Text
from tests import factories
from tests.factories import NOON, Cast
from tests.integration.pages import text, visitor

SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def granted(cast: Cast) -> Grant:
    cast.richard.set_password("correct-horse-battery")
    cast.richard.save()
    secret = get_adapter().encrypt(SEED)
    Authenticator.objects.create(user=cast.richard, type=Authenticator.Type.TOTP, data={"secret": secret})
    factories.create_grant(cast, now=NOON, by=cast.rita, principal_arn="", reason="Rita's own business.")
    return factories.create_grant(cast, now=NOON, reason="Richard's own business.")


def taken(person: User) -> Any:
    answer = visitor(person).post(reverse("personal_data"))
    assert "attachment" in answer["Content-Disposition"]
    return json.loads(answer.content)


def test_richard_exports_all_personal_data(cast: Cast, granted: Grant) -> None:
    known = taken(cast.richard)
    assert known["account"]["email"] == "richard@example.com"
    assert known["contract"]["company"] == "Contractor A"
    assert known["requests"][0]["reason"] == "Richard's own business."
    assert known["grants"][0]["session_name"] == granted.session_name
    verbs = [event["verb"] for event in known["history"]]
    assert verbs == ["request.submitted", "decision.approved", "request.approved", "grant.created"]


def test_stored_codes_are_exported_with_their_sentences(cast: Cast, granted: Grant) -> None:
    requests.return_access(by=cast.richard, grant=granted, now=NOON)
    known = taken(cast.richard)
    sentence = Text("revoked_returned").english
    assert (known["grants"][0]["revoked_code"], known["grants"][0]["revoked_because"]) == ("revoked_returned", sentence)
    (ended,) = [event for event in known["history"] if event["verb"] == "grant.returned"]
    assert ended["details"]["text"]["code"] == "revoked_returned"
    assert ended["sentences"] == [sentence]


def test_the_export_contains_nothing_of_anybody_else_and_no_secret(cast: Cast, granted: Grant) -> None:
    known = json.dumps(taken(cast.richard))
    assert "Rita" not in known
    user = User.objects.get(pk=cast.richard.pk)
    factor = Authenticator.objects.get(user=user)
    for secret in (SEED, factor.data["secret"], user.password):
        assert secret not in known


def test_the_page_shows_a_summary(cast: Cast, granted: Grant) -> None:
    assert "Contractor A" in text(visitor(cast.richard).get(reverse("personal_data")))


def test_internal_users_can_export_theirs_too(cast: Cast, granted: Grant) -> None:
    known = taken(cast.alice)
    assert known["contract"] is None
    assert {event["actor"] for event in known["history"]} == {"alice@example.com"}


def test_an_export_requires_a_recent_confirmation(cast: Cast, granted: Grant) -> None:
    assert "reauthenticate" in visitor(cast.richard, confirmed=False).post(reverse("personal_data"))["Location"]


def test_resets_of_the_second_factor_are_exported(cast: Cast, granted: Grant) -> None:
    FactorReset.objects.create(person=cast.richard, reason="Lost phone.", proposed_by=cast.ada, proposed_at=NOON)
    (reset,) = taken(cast.richard)["factor_resets"]
    assert reset["reason"] == "Lost phone."
    assert "ada" not in json.dumps(reset)
    assert taken(cast.rita)["factor_resets"] == []
