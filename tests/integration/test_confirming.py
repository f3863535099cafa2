"""One confirmation: what counts, what does not, what asks for a new one, and attacks on it."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import BreakGlassGrant, Decision, Request, Stop, User
from demo import codes
from tests import break_glass, factories
from tests.factories import NOON, Cast
from tests.integration import pages
from tests.integration.pages import decision, text
from tests.integration.soft_keys import SoftKey
from tests.integration.test_limits import PASSWORD, SEED, enrol
from tests.signin import sign_in

MINUTE, STEP = 60, codes.STEP
CODE_PAGE, PASSWORD_PAGE = reverse("mfa_reauthenticate"), reverse("account_reauthenticate")
PASSKEY_PAGE = reverse("mfa_reauthenticate_webauthn")
EVERYTHING = reverse("stop_everything")
USING = {"minutes": "60", "reason": "The upload is blocked."}
TYPED = {"typed": "everything", "reason": "An incident."}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def alice(cast: Cast) -> User:
    return enrol(cast.alice)


@pytest.fixture
def asked(cast: Cast) -> Request:
    return factories.ask(cast)


def code(shift: int = 0) -> str:
    return codes.code_at(SEED, time.time() + shift)


def sign_in_with_code(person: User, shift: int = 0) -> Client:
    """Return a client of somebody who has typed their password and a code."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code(shift)})
    return client


def approve(client: Client, asked: Request) -> Any:
    return client.post(pages.of(asked, "approval"), decision(asked, verdict="approve"))


def is_decided() -> bool:
    return Decision.objects.exists()


def passkey(person: User) -> Authenticator:
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "a key"})


def with_record(client: Client, **record: Any) -> None:
    """Add a check to the session."""
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"],
        {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True, **record},
    ]
    session.save()


def stale(person: User) -> Client:
    """Return a client whose password and code are too old to confirm anything."""
    client = Client()
    sign_in(client, person, confirmed=False)
    return client


class TestWhatCounts:
    def test_the_code_of_the_sign_in_confirms_an_approval(self, alice: User, asked: Request) -> None:
        client = sign_in_with_code(alice)
        assert approve(client, asked)["Location"] == pages.of(asked)
        assert is_decided()

    def test_no_use_extends_the_five_minutes(
        self, cast: Cast, alice: User, at_noon: TimeMachineFixture, asked: Request
    ) -> None:
        client, began = sign_in_with_code(alice), time.time()
        while time.time() - began < 5 * MINUTE:
            assert "reauthenticate" not in client.post(reverse("delegation"), {}).get("Location", "")
            at_noon.shift(50)
        assert CODE_PAGE in approve(client, asked)["Location"]
        assert not is_decided()

    @pytest.mark.parametrize(
        "record",
        [
            {"type": "recovery_codes"},
            {"method": "socialaccount", "type": None, "provider": "oidc"},
            {"at": NOON.timestamp() + 20},
            {"at": NOON.timestamp() - 5 * MINUTE},
            {"set_up": True},
            {"id": 10**6},
        ],
        ids=["recovery code", "single sign-on", "future", "too old", "set up in the session", "removed factor"],
    )
    def test_other_proofs_confirm_nothing(self, alice: User, asked: Request, record: dict[str, Any]) -> None:
        client = stale(alice)
        with_record(client, **record)
        assert CODE_PAGE in approve(client, asked)["Location"]
        assert not is_decided()

    def test_a_password_confirms_only_beside_a_factor_that_the_role_accepts(
        self, cast: Cast, alice: User, asked: Request, at_noon: TimeMachineFixture
    ) -> None:
        cast.role.factor_minutes = 30
        cast.role.save()
        client = sign_in_with_code(alice)
        at_noon.shift(29 * MINUTE)
        client.get(reverse("home"))
        at_noon.shift(2 * MINUTE)
        question = approve(client, asked)["Location"]
        assert PASSWORD_PAGE not in text(client.get(question))
        assert client.post(question.replace(CODE_PAGE, PASSWORD_PAGE), {"password": PASSWORD})["Location"] == question
        assert not is_decided()

    def test_a_password_confirms_beside_an_older_factor(
        self, alice: User, asked: Request, at_noon: TimeMachineFixture
    ) -> None:
        client = sign_in_with_code(alice)
        at_noon.shift(10 * MINUTE)
        question = approve(client, asked)["Location"]
        assert question.startswith(CODE_PAGE)
        shown = client.get(question)
        assert PASSWORD_PAGE in shown.content.decode()
        client.post(question.replace(CODE_PAGE, PASSWORD_PAGE), {"password": PASSWORD})
        assert is_decided()

    def test_a_passkey_is_asked_first_then_a_code_then_the_password(self, alice: User, asked: Request) -> None:
        passkey(alice)
        client = stale(alice)
        assert approve(client, asked)["Location"].startswith(PASSKEY_PAGE)

    def test_a_recovery_code_is_neither_taken_nor_used_up(self, alice: User, asked: Request) -> None:
        wrapper = RecoveryCodes.activate(alice)
        client = stale(alice)
        question = approve(client, asked)["Location"]
        answer = client.post(question, {"code": wrapper.get_unused_codes()[0]})
        assert "This code is wrong" in text(answer)
        assert not is_decided()
        again = Authenticator.objects.get(pk=wrapper.instance.pk).wrap()
        assert len(again.get_unused_codes()) == len(wrapper.get_unused_codes())


class TestTheQuestion:
    def test_it_says_what_is_being_confirmed(self, alice: User, asked: Request) -> None:
        client = stale(alice)
        question = approve(client, asked)["Location"]
        shown = text(client.get(question))
        assert "Enter a new code from your authenticator app to approve Richard's request." in shown

    def test_it_names_nobody_to_people_who_cannot_see_the_request(self, cast: Cast, asked: Request) -> None:
        client = stale(enrol(cast.mallory))
        shown = text(client.get(approve(client, asked)["Location"]))
        assert "to decide about a request" in shown
        assert "Richard" not in shown

    def test_two_tabs_each_say_what_they_confirm(self, alice: User, asked: Request) -> None:
        client = stale(alice)
        first = approve(client, asked)["Location"]
        second = client.post(reverse("delegation"), {})["Location"]
        assert "to approve Richard's request" in text(client.get(first))
        assert "to delegate your decisions" in text(client.get(second))

    def test_an_address_elsewhere_is_not_led_to(self, alice: User) -> None:
        answer = stale(alice).post(CODE_PAGE, {"code": code(), "next": "https://evil.example.com/"})
        assert answer["Location"] == reverse("home")


class TestNewFactor:
    """Break-glass, automatic rules, factors, stopping everything and second confirmations."""

    @pytest.fixture
    def path(self, cast: Cast) -> str:
        enrol(cast.mallory)
        return reverse("break_glass_use", args=[break_glass.policy(cast, cast.mallory).public_id])

    def test_the_code_of_the_sign_in_will_not_do(self, cast: Cast, path: str) -> None:
        client = sign_in_with_code(cast.mallory)
        question = client.post(path, USING)["Location"]
        assert "to use break-glass" in text(client.get(question))
        assert not BreakGlassGrant.objects.exists()
        answer = client.post(question, {"code": code(STEP)})
        assert answer["Location"] == reverse("request", args=[BreakGlassGrant.objects.get().request.public_id])

    def test_neither_will_the_password(self, cast: Cast, path: str) -> None:
        client = sign_in_with_code(cast.mallory)
        question = client.post(path, USING)["Location"]
        assert PASSWORD_PAGE not in client.get(question).content.decode()
        client.post(question.replace(CODE_PAGE, PASSWORD_PAGE), {"password": PASSWORD})
        assert not BreakGlassGrant.objects.exists()

    def test_a_replayed_code_will_not_do(self, cast: Cast, path: str) -> None:
        client = sign_in_with_code(cast.mallory)
        question = client.post(path, USING)["Location"]
        assert "This code is wrong" in text(client.post(question, {"code": code()}))
        assert not BreakGlassGrant.objects.exists()

    def test_a_code_for_something_else_will_not_do(self, cast: Cast, path: str) -> None:
        client = sign_in_with_code(cast.mallory)
        client.post(f"{CODE_PAGE}?next={reverse('home')}", {"code": code(STEP)})
        assert CODE_PAGE in client.post(path, USING)["Location"]

    def test_one_code_does_one_action(self, cast: Cast) -> None:
        client = sign_in_with_code(enrol(cast.ada))
        question = client.post(EVERYTHING, TYPED)["Location"]
        client.post(question, {"code": code(STEP)})
        assert Stop.objects.count() == 1
        assert CODE_PAGE in client.post(EVERYTHING, TYPED)["Location"]

    def test_a_form_that_came_back_can_be_sent_again(self, cast: Cast, at_noon: TimeMachineFixture) -> None:
        client = sign_in_with_code(enrol(cast.ada))
        question = client.post(EVERYTHING, TYPED | {"typed": "something"})["Location"]
        assert client.post(question, {"code": code(STEP)}).status_code == 200
        assert not Stop.objects.exists()
        client.post(EVERYTHING, TYPED)
        assert Stop.objects.exists()

    def test_a_form_that_came_back_cannot_be_sent_after_five_minutes(
        self, cast: Cast, at_noon: TimeMachineFixture
    ) -> None:
        client = sign_in_with_code(enrol(cast.ada))
        question = client.post(EVERYTHING, TYPED | {"typed": "something"})["Location"]
        client.post(question, {"code": code(STEP)})
        at_noon.shift(5 * MINUTE)
        assert CODE_PAGE in client.post(EVERYTHING, TYPED)["Location"]
        assert not Stop.objects.exists()


class TestFactorChanges:
    ADDING = ("mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes")

    @pytest.mark.parametrize("name", ADDING)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_they_ask_for_a_new_factor(self, alice: User, name: str, method: str) -> None:
        client = sign_in_with_code(alice)
        assert getattr(client, method)(reverse(name))["Location"].startswith(CODE_PAGE)
        assert Authenticator.objects.filter(user=alice).count() == 1

    @pytest.mark.parametrize("name", ADDING)
    def test_a_recovery_code_opens_a_session_that_cannot_change_them(self, alice: User, name: str) -> None:
        recovery = RecoveryCodes.activate(alice).get_unused_codes()
        client = Client()
        client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": recovery[0]})
        assert client.get(reverse("home")).status_code == 200
        question = client.get(reverse(name))["Location"]
        assert question.startswith(CODE_PAGE)
        assert "This code is wrong" in text(client.post(question, {"code": recovery[1]}))

    def test_the_records_of_another_account_confirm_nothing(self, cast: Cast, alice: User) -> None:
        client = stale(alice)
        session = client.session
        session["account_authentication_methods_user"] = str(cast.bob.pk)
        session.save()
        with_record(client)
        assert client.get(reverse("home"))["Location"].startswith(CODE_PAGE)


class TestPasskeys:
    """Keys in software sign what browsers would, and what they would not."""

    def challenge(self, client: Client, question: str, kind: str = "request_options") -> str:
        return str(client.get(question).context["js_data"][kind]["publicKey"]["challenge"])

    def send(self, client: Client, question: str, credential: dict[str, Any]) -> Any:
        return client.post(question, {"credential": json.dumps(credential)})

    def test_the_own_passkey_confirms(self, alice: User, asked: Request) -> None:
        key = SoftKey()
        key.belongs_to(alice)
        client = stale(alice)
        question = approve(client, asked)["Location"]
        assert question.startswith(PASSKEY_PAGE)
        assert "Use your passkey to approve Richard's request." in text(client.get(question))
        self.send(client, question, key.assertion(self.challenge(client, question), whose=alice))
        assert is_decided()

    @pytest.mark.parametrize("how", ["another account", "another session", "replayed", "owner not verified"])
    def test_other_passkeys_do_not(self, cast: Cast, alice: User, asked: Request, how: str) -> None:
        key, others = SoftKey(), SoftKey()
        key.belongs_to(alice)
        others.belongs_to(cast.bob)
        client, another = stale(alice), stale(alice)
        question = approve(client, asked)["Location"]
        challenge = self.challenge(client, question)
        signed = key.assertion(challenge, whose=alice, is_verified=how != "owner not verified")
        if how == "another account":
            signed = others.assertion(challenge, whose=alice)
        elif how == "another session":
            signed = key.assertion(self.challenge(another, PASSKEY_PAGE), whose=alice)
        elif how == "replayed":
            self.send(client, PASSKEY_PAGE, signed)
            client = stale(alice)
            question = approve(client, asked)["Location"]
            client.get(question)
        answer = self.send(client, question, signed)
        assert answer.status_code == 200
        assert "Daypass does not accept this passkey." in text(answer)
        assert not is_decided()

    @pytest.mark.parametrize(
        ("is_verified", "extensions"),
        [(True, {"credProps": {"rk": False}}), (False, {"credProps": {"rk": True}}), (False, {})],
        ids=["not discoverable", "owner not verified", "owner not verified, nothing said"],
    )
    def test_a_passkey_that_signs_in_only_after_a_password_is_not_added(
        self, alice: User, is_verified: bool, extensions: dict[str, Any]
    ) -> None:
        assert self.added(alice, is_verified=is_verified, **extensions) == 0

    @pytest.mark.parametrize("extensions", [{"credProps": {"rk": True}}, {"credProps": {}}, {}])
    def test_a_discoverable_passkey_is_added(self, alice: User, extensions: dict[str, Any]) -> None:
        assert self.added(alice, is_verified=True, **extensions) == 1

    def added(self, person: User, **how: Any) -> int:
        """Return how many passkeys the person has after they tried to add one."""
        client, page = pages.visitor(person), reverse("mfa_add_webauthn")
        challenge = self.challenge(client, page, "creation_options")
        client.post(page, {"name": "key", "credential": json.dumps(SoftKey().registration(challenge, **how))})
        return int(Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).count())


class TestFirstFactor:
    def person(self, cast: Cast) -> User:
        cast.bob.set_password(PASSWORD)
        cast.bob.save()
        EmailAddress.objects.create(user=cast.bob, email=cast.bob.email, verified=True, primary=True)
        return cast.bob

    def test_the_password_of_the_sign_in_is_enough_to_set_it_up(self, cast: Cast) -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": self.person(cast).email, "password": PASSWORD})
        seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
        answer = client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())})
        assert answer["Location"] == reverse("mfa_view_recovery_codes")
        assert len(client.get(answer["Location"]).context["unused_codes"]) == 10

    def test_after_a_while_the_password_is_asked_again(self, cast: Cast, at_noon: TimeMachineFixture) -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": self.person(cast).email, "password": PASSWORD})
        at_noon.shift(15 * MINUTE - 1)
        assert client.get(reverse("mfa_activate_totp")).status_code == 200
        at_noon.shift(1)
        assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(PASSWORD_PAGE)

    def test_a_factor_set_up_in_the_session_confirms_no_approval(self, cast: Cast, alice: User, asked: Request) -> None:
        client = stale(alice)
        with_record(client, set_up=True)
        assert client.get(reverse("home")).status_code == 200
        assert parse_qs(urlsplit(approve(client, asked)["Location"]).query)["next"] == [pages.of(asked, "approval")]
