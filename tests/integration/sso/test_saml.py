"""Single sign-on over SAML: an answer that the provider signed for this question counts, once; no other does."""

import base64
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from access.models import User
from tests import factories
from tests.integration.pages import codes, text
from tests.integration.sso.saml_idp import MINUTE, Answer, SamlIdp, make_idp, request_id

LOGIN, ACS = reverse("saml_login", args=["saml"]), reverse("saml_acs", args=["saml"])
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@pytest.fixture(scope="session")
def idp() -> SamlIdp:
    return make_idp()


@pytest.fixture(autouse=True)
def trusted(idp: SamlIdp, tmp_path: Path, settings: Any, db: None) -> None:
    """Have the portal trust this provider's certificate, and that its addresses are verified."""
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["saml"]["APPS"][0]["settings"]["idp"]["metadata_url"] = idp.write_metadata(tmp_path / "idp.xml").as_uri()
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.SSO = replace(settings.SSO, trusts_email=True)
    settings.BASE_URL = "http://localhost"


@pytest.fixture
def mine() -> Client:
    return Client(headers={"host": "localhost"}, raise_request_exception=False)


def ask(mine: Client, **form: str) -> str:
    return request_id(mine.post(LOGIN, form)["Location"])


def bring(mine: Client, response: str, **form: str) -> Any:
    """Let the browser bring the answer, as a form of the provider's page sends it."""
    return mine.post(ACS, {"SAMLResponse": response, **form}, follow=True)


def signed(idp: SamlIdp, answer: Answer) -> str:
    return answer.response(idp.sign(answer.assertion()))


def is_out(mine: Client) -> bool:
    return mine.get("/").status_code == 302


def test_alice_signs_in_with_an_answer_signed_by_the_provider(idp: SamlIdp, mine: Client) -> None:
    role = factories.role()
    role.approver_groups.add(Group.objects.create(name="AWS approvers"))
    page = bring(mine, signed(idp, Answer(ask(mine))))
    assert page.status_code == 200
    assert "Approvals" in text(page)
    assert [person.email for person in role.all_approvers()] == ["alice@example.com"]
    assert not User.objects.get().has_usable_password()


def test_alice_keeps_the_account_at_the_next_sign_in_and_gets_the_rights_of_current_groups(
    idp: SamlIdp, mine: Client
) -> None:
    bring(mine, signed(idp, Answer(ask(mine))))
    mine.post(reverse("account_logout"))
    attributes = {"mail": ["alice@example.com"], "groups": ["aws-admins"]}
    bring(mine, signed(idp, Answer(ask(mine), attributes=attributes)))
    assert User.objects.get().is_staff
    assert not User.objects.get().groups.exists()


def test_the_sign_in_returns_to_the_requested_page(idp: SamlIdp, mine: Client) -> None:
    page = bring(mine, signed(idp, Answer(ask(mine, next=reverse("roles")))))
    assert page.request["PATH_INFO"] == reverse("roles")


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_relay_state_leads_nowhere(idp: SamlIdp, mine: Client, evil: str) -> None:
    page = bring(mine, signed(idp, Answer(ask(mine, next=evil))), RelayState=evil)
    assert [address for address, _ in page.redirect_chain][-1] == "/"


WRONG: dict[str, dict[str, Any]] = {
    "is over": {"starts_in": -10 * MINUTE, "ends_in": -6 * MINUTE},
    "is not valid yet": {"starts_in": 6 * MINUTE, "ends_in": 10 * MINUTE},
    "is for another portal": {"audience": "https://another.example.com/metadata/"},
    "was sent to another portal": {"recipient": "https://another.example.com/acs/"},
    "is another provider's": {"issuer": "https://evil.example/saml"},
    "names somebody only for this session": {"name_id_format": TRANSIENT},
    "names nobody": {"name_id": ""},
    "has an address of another company": {"attributes": {"mail": ["alice@contractor.example"]}},
    "has no address": {"attributes": {"groups": ["aws-admins"]}},
}


@pytest.mark.parametrize("what", WRONG)
def test_an_invalid_answer_is_refused(idp: SamlIdp, mine: Client, what: str) -> None:
    page = bring(mine, signed(idp, Answer(ask(mine), **WRONG[what])))
    assert page.status_code in {401, 403}
    assert "failed" in text(page) or "cannot sign in this way" in text(page)
    assert not User.objects.exists()
    assert is_out(mine)


def test_a_changed_answer_is_refused(idp: SamlIdp, mine: Client) -> None:
    answer = Answer(ask(mine))
    changed = idp.sign(answer.assertion()).replace("everybody", "aws-admins")
    assert bring(mine, answer.response(changed)).status_code == 401
    assert is_out(mine)


def test_an_unsigned_answer_is_refused(mine: Client) -> None:
    answer = Answer(ask(mine))
    assert bring(mine, answer.response(answer.assertion())).status_code == 401
    assert is_out(mine)


def test_an_answer_that_somebody_else_signed_is_refused(mine: Client) -> None:
    assert bring(mine, signed(make_idp(), Answer(ask(mine)))).status_code == 401
    assert is_out(mine)


def test_an_assertion_beside_the_signed_one_is_refused(idp: SamlIdp, mine: Client) -> None:
    answer = Answer(ask(mine))
    own = replace(answer, attributes={"mail": ["ada@example.com"], "groups": ["aws-admins"]}).assertion()
    assert bring(mine, answer.response(own + idp.sign(answer.assertion()))).status_code == 401
    assert is_out(mine)


def test_an_answer_is_valid_once(idp: SamlIdp, mine: Client) -> None:
    answer = signed(idp, Answer(ask(mine)))
    bring(mine, answer)
    mine.post(reverse("account_logout"))
    assert bring(mine, answer).status_code == 403
    assert is_out(mine)


def test_an_assertion_is_valid_once_in_any_envelope(idp: SamlIdp, mine: Client) -> None:
    answer = Answer("")
    assertion = idp.sign(answer.assertion())
    assert bring(mine, answer.response(assertion, asked=ask(mine))).status_code == 200
    mine.post(reverse("account_logout"))
    again = bring(mine, answer.response(assertion, asked=ask(mine)))
    assert "sso_answer_replayed" in codes(again)
    assert is_out(mine)


def test_a_flood_makes_no_assertion_valid_again(idp: SamlIdp, mine: Client) -> None:
    answer = Answer("")
    assertion = idp.sign(answer.assertion())
    assert bring(mine, answer.response(assertion, asked=ask(mine))).status_code == 200
    mine.post(reverse("account_logout"))
    for number in range(400):
        cache.add(f"z{number}", "what a library remembers")
    assert "sso_answer_replayed" in codes(bring(mine, answer.response(assertion, asked=ask(mine))))
    assert is_out(mine)


def test_an_assertion_for_another_sign_in_is_refused(idp: SamlIdp, mine: Client) -> None:
    answer = Answer(ask(mine))
    assert bring(mine, answer.response(idp.sign(answer.assertion()), asked=ask(mine))).status_code == 401
    assert is_out(mine)


def test_an_answer_is_valid_only_in_the_same_browser(idp: SamlIdp, mine: Client) -> None:
    victim = Client(headers={"host": "localhost"}, raise_request_exception=False)
    ask(victim)
    assert bring(victim, signed(idp, Answer(ask(mine)))).status_code == 403
    assert is_out(victim)


def test_an_answer_without_a_sign_in_is_refused(idp: SamlIdp, mine: Client) -> None:
    assert bring(mine, signed(idp, Answer(""))).status_code == 401
    assert is_out(mine)


@pytest.mark.parametrize("rubbish", ["", "%%%", "bm90IHhtbA==", "PGE+PC9hPg=="])
def test_an_unreadable_answer_is_reported_on_a_page(mine: Client, rubbish: str) -> None:
    page = bring(mine, rubbish)
    assert page.status_code == 401
    assert "failed" in text(page)


def test_xml_entities_are_not_expanded(mine: Client, tmp_path: Path) -> None:
    (tmp_path / "held").write_text("hunter2")
    bomb = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{(tmp_path / "held").as_uri()}">]><a>&b;</a>'
    page = bring(mine, base64.b64encode(bomb.encode()).decode())
    assert page.status_code == 401
    assert "hunter2" not in page.content.decode()


def test_the_portal_describes_itself_and_has_no_single_logout(mine: Client) -> None:
    page = mine.get(reverse("saml_metadata", args=["saml"]))
    assert page.status_code == 200
    assert f"http://localhost{ACS}" in page.content.decode()
    assert mine.get(reverse("saml_sls", args=["saml"])).status_code == 404


def test_unreadable_metadata_are_reported_on_a_page(mine: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]["settings"]["idp"]["metadata_url"] = "file:///nowhere/idp.xml"
    assert mine.post(LOGIN).status_code == 401
