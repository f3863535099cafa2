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
from tests.integration.pages import text
from tests.integration.sso.visits import CALLBACK, LOGIN, back, claims, come_in, question


@pytest.fixture
def role(db: None) -> Any:
    """A role about which the group of our AWS approvers decides."""
    role = factories.role()
    role.approver_groups.add(Group.objects.create(name="AWS approvers"))
    return role


def alice() -> User:
    return User.objects.get(email="alice@example.com")


def refused(answer: Any, *, because: str) -> None:
    """The answer is the page that says no for this reason, and nobody has come in."""
    assert answer.status_code == 403
    assert because in text(answer)
    assert answer.client.get("/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_alice_comes_in_and_is_an_approver_by_her_group(provider: Idp, role: Any) -> None:
    provider.says(alice=claims("alice", "aws-approvers", "everybody"))
    client = Client()
    assert come_in(client, provider, "alice")["Location"] == "/"
    assert "Approvals" in text(client.get("/"))
    assert list(role.all_approvers()) == [alice()]
    assert str(alice()) == "Alice"
    assert not alice().is_staff
    assert not alice().has_usable_password()
    assert EmailAddress.objects.get(user=alice(), primary=True).verified


def test_alice_comes_back_to_the_page_that_she_wanted(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    assert come_in(Client(), provider, "alice", next=reverse("roles"))["Location"] == reverse("roles")
    assert come_in(Client(), provider, "alice", next="https://evil.example/")["Location"] == "/"


def test_alice_loses_what_her_group_gave_when_she_comes_next(provider: Idp, role: Any) -> None:
    provider.says(alice=claims("alice", "aws-approvers"))
    come_in(Client(), provider, "alice")
    provider.says(alice=claims("alice"))
    client = Client()
    come_in(client, provider, "alice")
    assert list(role.all_approvers()) == []
    assert "Approvals" not in text(client.get("/"))
    assert User.objects.count() == 1


def test_ada_is_an_administrator_as_long_as_her_provider_says_so(provider: Idp) -> None:
    provider.says(ada=claims("ada", "aws-admins"))
    come_in(Client(), provider, "ada")
    assert User.objects.get().is_staff
    assert not User.objects.get().is_superuser
    provider.says(ada=claims("ada", "payments"))
    come_in(Client(), provider, "ada")
    assert not User.objects.get().is_staff


def test_groups_that_are_not_mapped_stay_as_they_are(provider: Idp) -> None:
    provider.says(alice=claims("alice", "aws-approvers"))
    come_in(Client(), provider, "alice")
    alice().groups.add(Group.objects.create(name="Local"))
    provider.says(alice=claims("alice", "payments"))
    come_in(Client(), provider, "alice")
    assert {group.name for group in alice().groups.all()} == {"Local", "payments"}


def test_a_group_of_the_provider_is_none_of_ours_by_its_name(provider: Idp) -> None:
    provider.says(mallory=claims("mallory", "AWS approvers", "aws-admins-of-another"))
    come_in(Client(), provider, "mallory")
    assert not User.objects.get().groups.exists()
    assert not User.objects.get().is_staff


def test_who_is_in_no_group_comes_in_and_has_no_part_in_anything(provider: Idp) -> None:
    provider.says(mallory=claims("mallory", groups=None))
    client = Client()
    come_in(client, provider, "mallory")
    assert "Nothing to do yet" in text(client.get("/"))


def test_the_providers_word_is_no_second_factor_of_ours(provider: Idp, with_second_factor: None) -> None:
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


def test_a_local_account_with_the_same_address_is_not_joined(provider: Idp) -> None:
    local = factories.user("alice", is_staff=True)
    provider.says(mallory=claims("mallory", email="Alice@Example.com"))
    refused(
        come_in(Client(), provider, "mallory"),
        because="An account with your email address already exists, and Daypass does not link accounts by address",
    )
    assert list(User.objects.all()) == [local]


def test_a_contractor_does_not_come_by_single_sign_on(provider: Idp) -> None:
    factories.cast()
    provider.says(richard=claims("richard"))
    refused(
        come_in(Client(), provider, "richard"),
        because="An account with your email address already exists, and Daypass does not link accounts by address",
    )


def test_who_became_a_contractor_does_not_come_in_any_more(provider: Idp) -> None:
    provider.says(alice=claims("alice", "aws-admins"))
    come_in(Client(), provider, "alice")
    factories.contractor(alice(), sponsor=factories.user("bob"))
    client = Client()
    answer = come_in(client, provider, "alice")
    assert answer.status_code == 403
    assert "This account belongs to a contractor" in text(answer)
    assert client.get("/").status_code == 302


def test_who_was_disabled_does_not_come_in_and_keeps_no_new_rights(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    come_in(Client(), provider, "alice")
    User.objects.update(is_active=False)
    provider.says(alice=claims("alice", "aws-admins"))
    client = Client()
    assert come_in(client, provider, "alice")["Location"] == reverse("account_inactive")
    assert client.get("/").status_code == 302
    assert not alice().is_staff


ADDRESSES: dict[str, tuple[dict[str, Any], str]] = {
    "not verified": ({"email_verified": False}, "Your identity provider did not confirm that"),
    "perhaps verified": ({"email_verified": None}, "Your identity provider did not confirm that"),
    "verified by a word": ({"email_verified": "yes"}, "Your identity provider did not confirm that"),
    "of another company": ({"email": "alice@contractor.example"}, "is not in an allowed email domain"),
    "of a domain that ends alike": ({"email": "alice@notexample.com"}, "is not in an allowed email domain"),
    "of a domain below": ({"email": "alice@sub.example.com"}, "is not in an allowed email domain"),
    "missing": ({"email": None}, "Your identity provider did not send your email address"),
    "a list": ({"email": ["alice@example.com"]}, "Your identity provider did not send your email address"),
    "with emails that look alike": ({"email": "\u0430lice@example.com"}, "did not send your email address"),
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_an_address_that_proves_nothing_is_refused(provider: Idp, what: str) -> None:
    different, because = ADDRESSES[what]
    provider.says(alice=claims("alice", **different))
    refused(come_in(Client(), provider, "alice"), because=because)
    assert not User.objects.exists()


def test_a_provider_that_says_nothing_is_believed_where_the_settings_say_so(provider: Idp, settings: Any) -> None:
    settings.SSO = replace(settings.SSO, trusts_email=True)
    provider.says(alice=claims("alice", email_verified=None), bob=claims("bob", email_verified=False))
    assert come_in(Client(), provider, "alice").status_code == 302
    assert come_in(Client(), provider, "bob").status_code == 403


def test_an_address_that_changed_at_the_provider_changes_nobody(provider: Idp) -> None:
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
def test_a_token_that_is_not_for_this_question_is_refused(provider: Idp, what: str) -> None:
    provider.says(alice=claims("alice"))
    provider.twists(**TWISTS[what])
    client = Client()
    assert come_in(client, provider, "alice").status_code in {401, 403}
    assert not User.objects.exists()
    assert client.get("/").status_code == 302


def test_an_answer_counts_in_the_browser_that_asked(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    mine, victim = Client(), Client()
    victim.post(LOGIN)
    answer = victim.get(back(mine, provider, "alice"))
    assert answer.status_code == 401
    assert "its response could not be verified" in text(answer)
    assert victim.get("/").status_code == 302


def test_an_answer_counts_once(provider: Idp) -> None:
    provider.says(alice=claims("alice"))
    client = Client()
    address = back(client, provider, "alice")
    client.get(address)
    client.post(reverse("account_logout"))
    assert client.get(address).status_code == 401
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_made_up_answer_is_refused(provider: Idp, state: str) -> None:
    client = Client()
    client.post(LOGIN)
    assert client.get(f"{CALLBACK}?{urlencode({'code': 'made-up', 'state': state})}").status_code == 401


def test_the_question_has_pkce_and_cannot_be_changed_by_the_address(provider: Idp) -> None:
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


def test_somebody_who_is_signed_in_connects_nothing(provider: Idp) -> None:
    local = factories.user("bob")
    provider.says(alice=claims("alice"))
    client = Client()
    client.force_login(local)
    come_in(client, provider, "alice", process="connect")
    assert SocialAccount.objects.get().user == alice()


def test_a_provider_that_does_not_answer_is_a_page(settings: Any, db: None) -> None:
    answer = Client().post(LOGIN)
    assert answer.status_code == 401
    assert "Example did not respond" in text(answer)


def test_a_provider_that_leads_away_is_not_followed(settings: Any, db: None) -> None:
    providers = settings.SOCIALACCOUNT_PROVIDERS
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://169.254.169.254/latest/meta-data"
    assert Client().post(LOGIN).status_code == 401


def test_who_stops_at_the_provider_is_told_so(provider: Idp) -> None:
    client = Client()
    state = question(client)["state"]
    answer = client.get(f"{CALLBACK}?{urlencode({'error': 'access_denied', 'state': state})}", follow=True)
    assert "Sign-in cancelled" in text(answer)


def test_the_button_takes_a_press(db: None) -> None:
    page = Client().get(reverse("account_login"))
    assert "Sign in with Example" in text(page)
    answer = Client().get(LOGIN)
    assert answer.status_code == 200
    assert "Example signs you in" in text(answer)
    assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403
