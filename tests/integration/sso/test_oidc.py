"""Single sign-on over OpenID Connect, with a real provider: who comes in, as what, and who does not."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from access.ledger.walks import broken_links
from access.models import AuditEvent, User
from tests import factories
from tests.idp.process import Idp
from tests.integration.pages import codes, text
from tests.integration.sso.visits import CALLBACK, LOGIN, back, claims, come_in, question


@pytest.fixture
def role(db: None) -> Any:
    """Return a role about which the group of our AWS approvers decides."""
    role = factories.role()
    role.approver_groups.add(Group.objects.create(name="AWS approvers"))
    return role


def alice() -> User:
    return User.objects.get(email="alice@example.com")


def refused(answer: Any, *, because: str) -> None:
    """Assert that the answer is the page that refuses with this code, and that nobody is signed in."""
    assert answer.status_code == 403
    assert codes(answer) == {because}
    assert answer.client.get("/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_alice_signs_in_and_is_an_approver_through_a_group(provider: Idp, role: Any) -> None:
    provider.says(alice=claims("alice", "aws-approvers", "everybody"))
    client = Client()
    assert come_in(client, provider, "alice")["Location"] == "/"
    assert "Approvals" in text(client.get("/"))
    assert list(role.all_approvers()) == [alice()]
    assert str(alice()) == "Alice"
    assert not alice().is_staff
    assert not alice().has_usable_password()
    assert EmailAddress.objects.get(user=alice(), primary=True).verified


def test_alice_returns_to_the_requested_page(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    assert come_in(Client(), provider, "alice", next=reverse("roles"))["Location"] == reverse("roles")
    assert come_in(Client(), provider, "alice", next="https://evil.example/")["Location"] == "/"


def test_alice_loses_the_rights_of_a_lost_group_at_the_next_sign_in(provider: Idp, role: Any) -> None:
    provider.says(alice=claims("alice", "aws-approvers"))
    come_in(Client(), provider, "alice")
    provider.says(alice=claims("alice"))
    client = Client()
    come_in(client, provider, "alice")
    assert list(role.all_approvers()) == []
    assert "Approvals" not in text(client.get("/"))
    assert User.objects.count() == 1


def test_ada_is_an_administrator_while_the_provider_says_so(provider: Idp) -> None:
    provider.says(ada=claims("ada", "aws-admins"))
    come_in(Client(), provider, "ada")
    assert User.objects.get().is_staff
    assert not User.objects.get().is_superuser
    provider.says(ada=claims("ada", "payments"))
    come_in(Client(), provider, "ada")
    assert not User.objects.get().is_staff


def test_unmapped_groups_are_unchanged(provider: Idp) -> None:
    provider.says(alice=claims("alice", "aws-approvers"))
    come_in(Client(), provider, "alice")
    alice().groups.add(Group.objects.create(name="Local"))
    provider.says(alice=claims("alice", "payments"))
    come_in(Client(), provider, "alice")
    assert {group.name for group in alice().groups.all()} == {"Local", "payments"}


def test_a_group_of_the_provider_with_the_name_of_ours_is_not_ours(provider: Idp) -> None:
    provider.says(mallory=claims("mallory", "AWS approvers", "aws-admins-of-another"))
    come_in(Client(), provider, "mallory")
    assert not User.objects.get().groups.exists()
    assert not User.objects.get().is_staff


def test_a_user_without_groups_signs_in_and_has_no_rights(provider: Idp) -> None:
    provider.says(mallory=claims("mallory", groups=None))
    client = Client()
    come_in(client, provider, "mallory")
    assert "Nothing to do yet" in text(client.get("/"))


def test_the_provider_does_not_replace_our_second_factor(provider: Idp, with_second_factor: None) -> None:
    provider.says(alice=claims("alice", "aws-approvers"))
    client = Client()
    come_in(client, provider, "alice")
    assert client.get(reverse("roles"))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_every_change_of_rights_is_recorded_and_nothing_else(provider: Idp) -> None:
    for groups in (["aws-approvers"], ["aws-approvers"], ["aws-admins"], []):
        provider.says(alice=claims("alice", *groups))
        come_in(Client(), provider, "alice")
    everything = AuditEvent.objects.filter(subject=f"person:{alice().public_id}")
    opened = everything.filter(verb="session.opened")
    events = everything.exclude(verb="session.opened")
    assert [event.details["ways"] for event in opened] == [["socialaccount"]] * 4
    assert [event.verb for event in events] == ["person.joined"] + ["person.rights_changed"] * 3
    assert [event.details.get("groups_added") for event in events] == [None, ["AWS approvers"], [], []]
    assert [event.details.get("groups_removed") for event in events] == [None, [], ["AWS approvers"], []]
    assert [event.details.get("is_administrator") for event in events] == [None, False, True, False]
    assert {event.actor for event in events} == {"single sign-on"}
    assert list(broken_links()) == []


# --- Who does not come in ------------------------------------------------------------------------------------------


def test_a_local_account_with_the_same_address_is_not_linked(provider: Idp) -> None:
    local = factories.user("alice", is_staff=True)
    provider.says(mallory=claims("mallory", email="Alice@Example.com"))
    refused(
        come_in(Client(), provider, "mallory"),
        because="sso_account_exists",
    )
    assert list(User.objects.all()) == [local]


def test_a_contractor_cannot_use_single_sign_on(provider: Idp) -> None:
    factories.cast()
    provider.says(richard=claims("richard"))
    refused(
        come_in(Client(), provider, "richard"),
        because="sso_account_exists",
    )


def test_a_user_who_became_a_contractor_can_no_longer_sign_in(provider: Idp) -> None:
    provider.says(alice=claims("alice", "aws-admins"))
    come_in(Client(), provider, "alice")
    factories.contractor(alice(), sponsor=factories.user("bob"))
    client = Client()
    answer = come_in(client, provider, "alice")
    assert answer.status_code == 403
    assert "sso_contractor" in codes(answer)
    assert client.get("/").status_code == 302


def test_a_disabled_user_cannot_sign_in_and_keeps_no_new_rights(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    come_in(Client(), provider, "alice")
    User.objects.update(is_active=False)
    provider.says(alice=claims("alice", "aws-admins"))
    client = Client()
    assert come_in(client, provider, "alice")["Location"] == reverse("account_inactive")
    assert client.get("/").status_code == 302
    assert not alice().is_staff


ADDRESSES: dict[str, tuple[dict[str, Any], str]] = {
    "not verified": ({"email_verified": False}, "sso_email_unverified"),
    "perhaps verified": ({"email_verified": None}, "sso_email_unverified"),
    "verified by a word": ({"email_verified": "yes"}, "sso_email_unverified"),
    "of another company": (
        {"email": "alice@contractor.example"},
        "sso_email_domain",
    ),
    "of a domain that ends alike": (
        {"email": "alice@notexample.com"},
        "sso_email_domain",
    ),
    "of a domain below": ({"email": "alice@sub.example.com"}, "sso_email_domain"),
    "missing": ({"email": None}, "sso_no_email"),
    "a list": (
        {"email": ["alice@example.com"]},
        "sso_no_email",
    ),
    "with emails that look alike": ({"email": "\u0430lice@example.com"}, "sso_no_email"),
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_an_unverified_address_is_refused(provider: Idp, what: str) -> None:
    different, because = ADDRESSES[what]
    provider.says(alice=claims("alice", **different))
    refused(come_in(Client(), provider, "alice"), because=because)
    assert not User.objects.exists()


def test_an_address_without_verification_is_trusted_if_the_settings_say_so(provider: Idp, settings: Any) -> None:
    settings.SSO = replace(settings.SSO, trusts_email=True)
    provider.says(alice=claims("alice", email_verified=None), bob=claims("bob", email_verified=False))
    assert come_in(Client(), provider, "alice").status_code == 302
    assert come_in(Client(), provider, "bob").status_code == 403


def test_an_address_changed_at_the_provider_changes_no_account(provider: Idp) -> None:
    provider.says(alice=claims("alice"), bob=claims("bob"))
    come_in(Client(), provider, "alice")
    provider.says(alice=claims("alice", email="bob@example.com"), bob=claims("bob"))
    client = Client()
    come_in(client, provider, "alice")
    assert client.get("/").context["user"] == alice()
    assert User.objects.count() == 1


# --- Answers that cannot be trusted --------------------------------------------------------------------------------

TWISTS: dict[str, dict[str, Any]] = {
    "another issuer": {"token": {"iss": "http://127.0.0.1:2"}},
    "another audience": {"token": {"aud": "somebody-else"}},
    "a token that is over": {"token": {"exp": 1}},
    "another nonce": {"token": {"nonce": "not-what-was-asked"}},
    "no nonce": {"token": {"nonce": None}},
    "another person's user info": {"userinfo": {"sub": "sub-of-ada"}},
}


@pytest.mark.parametrize("what", TWISTS)
def test_a_token_for_another_sign_in_is_refused(provider: Idp, what: str) -> None:
    provider.says(alice=claims("alice"))
    provider.twists(**TWISTS[what])
    client = Client()
    assert come_in(client, provider, "alice").status_code in {401, 403}
    assert not User.objects.exists()
    assert client.get("/").status_code == 302


def test_an_answer_is_valid_only_in_the_same_browser(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    mine, victim = Client(), Client()
    victim.post(LOGIN)
    answer = victim.get(back(mine, provider, "alice"))
    assert answer.status_code == 401
    assert "sso_failed" in codes(answer)
    assert victim.get("/").status_code == 302


def test_an_answer_is_valid_once(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    client = Client()
    address = back(client, provider, "alice")
    client.get(address)
    client.post(reverse("account_logout"))
    assert client.get(address).status_code == 401
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_forged_answer_is_refused(provider: Idp, state: str) -> None:
    client = Client()
    client.post(LOGIN)
    assert client.get(f"{CALLBACK}?{urlencode({'code': 'made-up', 'state': state})}").status_code == 401


def test_the_sign_in_uses_pkce_and_ignores_parameters_of_the_address(provider: Idp) -> None:
    asked = question(Client())
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["nonce"]) == 32
    evil = {"auth_params": "nonce=mine&prompt=none", "scope": "admin", "process": "connect"}
    again = question(Client(), **evil)
    answer = Client().post(f"{LOGIN}?{urlencode(evil)}")
    assert set(again) == set(asked)
    assert "mine" not in answer["Location"]
    assert "admin" not in answer["Location"]


def test_a_signed_in_user_cannot_link_another_account(provider: Idp) -> None:
    local = factories.user("bob")
    provider.says(alice=claims("alice"))
    client = Client()
    client.force_login(local)
    come_in(client, provider, "alice", process="connect")
    assert SocialAccount.objects.get().user == alice()


def test_an_unreachable_provider_is_reported_on_a_page(settings: Any, db: None) -> None:
    answer = Client().post(LOGIN)
    assert answer.status_code == 401
    assert "Example did not respond" in text(answer)


def test_a_redirect_of_the_provider_is_not_followed(settings: Any, db: None) -> None:
    providers = settings.SOCIALACCOUNT_PROVIDERS
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://169.254.169.254/latest/meta-data"
    assert Client().post(LOGIN).status_code == 401


def test_a_cancelled_sign_in_is_explained(provider: Idp) -> None:
    client = Client()
    state = question(client)["state"]
    answer = client.get(f"{CALLBACK}?{urlencode({'error': 'access_denied', 'state': state})}", follow=True)
    assert "Sign-in cancelled" in text(answer)


def test_the_button_needs_a_post(db: None) -> None:
    page = Client().get(reverse("account_login"))
    assert "Sign in with Example" in text(page)
    answer = Client().get(LOGIN)
    assert answer.status_code == 200
    assert "Example signs you in" in text(answer)
    assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403
