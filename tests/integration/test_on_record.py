"""Sign-ins, failed sign-ins, sign-outs and refusals are in the audit chain, which nobody can flood."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import housekeeping
from access.ledger.refusals import DENIED, STRANGERS, note_refusal
from access.ledger.sessions import change_factors, open_session
from access.ledger.subjects import person_subject
from access.ledger.walks import broken_links
from access.models import AuditEvent, Refusal, Request, User
from demo import codes
from tests import factories
from tests.factories import NOON, Cast
from tests.integration import pages
from tests.integration.pages import visitor
from tests.patching import replace
from tests.signin import ask_for_new_password

PASSWORD = "correct-horse-battery"
NEW = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MINUTE = timedelta(minutes=1)
LOGIN = reverse("account_login")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> User:
    """Return Richard with a password and an app that shows codes of SEED."""
    cast.richard.set_password(PASSWORD)
    cast.richard.save()
    EmailAddress.objects.create(user=cast.richard, email=cast.richard.email, verified=True, primary=True)
    secret = get_adapter().encrypt(SEED)
    Authenticator.objects.create(user=cast.richard, type=Authenticator.Type.TOTP, data={"secret": secret})
    return cast.richard


def code() -> str:
    return codes.code_at(SEED, time.time())


def by_password(client: Client, password: str = PASSWORD, email: str = "richard@example.com", **address: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **address)


def events(*verbs: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return subject, actor and details of the events of these kinds, in order."""
    found = AuditEvent.objects.filter(verb__in=verbs).order_by("sequence")
    return list(found.values_list("subject", "actor", "details"))


def swept(verb: str) -> list[dict[str, Any]]:
    """Return what the next sweeps write of this kind: one in the same minute, one in the next, and one for nothing."""
    for later in (0, 1, 2):
        housekeeping.run(now=timezone.now() + later * MINUTE)
    return [{"subject": subject} | details for subject, _, details in events(verb)]


class TestComingAndGoing:
    def test_a_sign_in_is_recorded_with_its_methods_and_address(self, richard: User) -> None:
        client = Client(REMOTE_ADDR="192.0.2.7")
        by_password(client)
        assert events("session.opened") == []
        client.post(reverse("mfa_authenticate"), {"code": code()})
        ((subject, actor, details),) = events("session.opened")
        assert (subject, actor) == (person_subject(richard), "richard@example.com")
        assert details == {"ways": ["password", "totp"], "address": "192.0.2.7"}

    def test_without_the_record_nobody_can_sign_in(self, richard: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise OperationalError("the server closed the connection")

        replace(monkeypatch, open_session, lost)
        client = Client(raise_request_exception=False)
        by_password(client)
        assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 503
        assert client.get(reverse("roles")).status_code == 302

    def test_signing_out_is_on_record(self, richard: User) -> None:
        visitor(richard).post(reverse("account_logout"))
        ((subject, actor, _),) = events("session.closed")
        assert (subject, actor) == (person_subject(richard), "richard@example.com")

    def test_an_unknown_client_address_is_not_recorded(self, richard: User) -> None:
        visitor(richard).post(reverse("account_logout"), REMOTE_ADDR="")
        ((_, _, details),) = events("session.closed")
        assert details["address"] == ""

    def test_signing_out_everywhere_else_is_on_record(self, richard: User, time_machine: TimeMachineFixture) -> None:
        clients = [Client() for _ in range(3)]
        for client in clients:
            by_password(client)
            client.post(reverse("mfa_authenticate"), {"code": code()})
            client.get("/")
            time_machine.shift(codes.STEP)
        clients[0].post(reverse("usersessions_list"))
        assert [details["count"] for *_, details in events("session.others_closed")] == [2]

    def test_signing_out_without_being_signed_in_leaves_no_trace(self, db: None) -> None:
        Client().post(reverse("account_logout"))
        assert not AuditEvent.objects.exists()


class TestFactorsAndPasswords:
    """Every change is on record and in an email to whom it belongs."""

    def test_every_added_and_removed_factor_is_recorded(self, commits: None, richard: User) -> None:
        Authenticator.objects.all().delete()
        client = visitor(richard)
        seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
        client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())})
        Authenticator.objects.create(user=richard, type=Authenticator.Type.WEBAUTHN, data={})
        client.post(reverse("mfa_generate_recovery_codes"))
        client.post(reverse("mfa_deactivate_totp"))
        told = [details["factor"] for *_, details in events("factor.added", "factor.removed")]
        assert told == ["totp", "recovery_codes", "recovery_codes", "recovery_codes", "totp"]
        assert {actor for _, actor, _ in events("factor.added", "factor.removed")} == {richard.email}
        assert [message.to for message in mail.outbox] == [[richard.email]] * 3

    def test_an_unchanged_value_is_not_on_record(self, richard: User) -> None:
        client = visitor(richard)
        client.post(reverse("mfa_deactivate_totp"))  # their only one
        client.post(reverse("mfa_activate_totp"), {"code": "000000"})
        assert events("factor.added", "factor.removed") == []

    def test_a_factor_is_unchanged_when_the_record_fails(self, richard: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise OperationalError("the server closed the connection")

        Authenticator.objects.create(user=richard, type=Authenticator.Type.WEBAUTHN, data={})
        replace(monkeypatch, change_factors, lost)
        assert visitor(richard).post(reverse("mfa_deactivate_totp")).status_code == 503
        assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()

    def test_a_changed_password(self, richard: User) -> None:
        visitor(richard).post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
        ((subject, _, details),) = events("password.changed")
        assert (subject, details["way"]) == (person_subject(richard), "former_password")
        assert [message.to for message in mail.outbox] == [[richard.email]]

    def test_a_password_by_a_link(self, richard: User) -> None:
        ask_for_new_password(richard.email)
        link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
        client = Client()
        client.post(client.get(link, follow=True).redirect_chain[-1][0], NEW)
        ((_, actor, details),) = events("password.changed")
        assert (actor, details["way"]) == (richard.email, "link")
        assert [message.to for message in mail.outbox] == [[richard.email]] * 2

    @pytest.mark.parametrize("credential", ['{"id": "x", "response": {}}', "[1]", '"x"'])
    def test_an_invalid_passkey_adds_nothing(self, richard: User, credential: str) -> None:
        answer = visitor(richard).post(reverse("mfa_add_webauthn"), {"credential": credential, "name": "Mine"})
        assert answer.status_code == 200
        assert events("factor.added") == []

    def test_no_secret_is_on_record(self, richard: User) -> None:
        client = visitor(richard)
        client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
        client.post(reverse("mfa_generate_recovery_codes"))
        recovery = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
        by_password(Client(), password="typed-by-mistake")
        by_password(Client(), email="typed-into-the-wrong-field@example.com")
        swept("sign_in.failed")
        kept = repr(list(AuditEvent.objects.values())) + repr(list(Refusal.objects.values()))
        for secret in (PASSWORD, NEW["password1"], SEED, "typed-by-mistake", "typed-into-the-wrong-field", *recovery):
            assert secret not in kept


class TestFailedSignIns:
    def test_a_wrong_password_and_a_wrong_code_are_counted_for_the_account(self, richard: User) -> None:
        client = Client(REMOTE_ADDR="192.0.2.7")
        for _ in range(2):
            by_password(client, password="wrong")
        by_password(client)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert events("sign_in.failed") == []
        (event,) = swept("sign_in.failed")
        assert event["subject"] == person_subject(richard)
        assert event["email"] == richard.email
        assert event["pages"] == {"account_login password": 2, "mfa_authenticate code": 1}
        assert (event["times"], event["addresses"]) == (3, ["192.0.2.7"])

    def test_an_unknown_address_is_counted_for_the_client(self, db: None) -> None:
        by_password(Client(REMOTE_ADDR="192.0.2.7"), email="nobody@example.com")
        (event,) = swept("sign_in.failed")
        assert (event["subject"], event["email"]) == ("address:192.0.2.7", "")

    def test_a_network_of_one_user_is_one_client(self, db: None) -> None:
        for last in range(3):
            by_password(Client(REMOTE_ADDR=f"2001:db8::{last}"), email="nobody@example.com")
        assert [(event["subject"], event["times"]) for event in swept("sign_in.failed")] == [
            ("address:2001:db8::/64", 3)
        ]

    def test_attempts_refused_by_a_rate_limit_are_counted(self, richard: User) -> None:
        client = Client()
        for _ in range(12):
            by_password(client, password="wrong")
        (event,) = swept("sign_in.failed")
        assert event["pages"]["account_login too often"] > 0
        assert event["times"] == 12

    def test_a_disabled_user_with_the_correct_password_is_counted(self, richard: User) -> None:
        User.objects.filter(pk=richard.pk).update(is_active=False)
        by_password(Client())
        (event,) = swept("sign_in.failed")
        assert event["pages"] == {"account_login disabled": 1}

    def test_a_wrong_confirmation_is_counted(self, richard: User) -> None:
        client = visitor(richard, confirmed=False)
        client.post(reverse("account_reauthenticate"), {"password": "wrong"})
        client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
        (event,) = swept("sign_in.failed")
        assert event["pages"] == {"account_reauthenticate password": 1, "mfa_reauthenticate code": 1}

    @pytest.mark.parametrize(
        "credential", ['{"id": "x", "response": {}}', "[1]", '"x"', '{"id": "eA", "rawId": "eA", "response": []}']
    )
    def test_an_invalid_passkey_is_counted(self, db: None, credential: str) -> None:
        answer = Client().post(reverse("mfa_login_webauthn"), {"credential": credential})
        assert answer["Location"] == LOGIN
        (event,) = swept("sign_in.failed")
        assert event["pages"] == {"mfa_login_webauthn passkey": 1}


class TestRefusedPages:
    """What is not there for somebody, and what the rules refuse, is in the chain a minute later."""

    @pytest.fixture
    def asked(self, cast: Cast) -> Request:
        return factories.ask(cast, now=NOON)

    def test_somebody_elses_request(self, cast: Cast, asked: Request) -> None:
        mallory = visitor(cast.mallory)
        for name in ("request", "approval", "request"):
            assert mallory.get(pages.of(asked, name)).status_code == 404
        (event,) = swept("authz.denied")
        assert event["subject"] == person_subject(cast.mallory)
        assert event["email"] == cast.mallory.email
        assert event["pages"] == {"request 404": 2, "approval 404": 1}
        assert set(event["about"]) == {str(asked.public_id)}

    def test_a_decision_that_is_refused(self, cast: Cast, asked: Request) -> None:
        asked.role.approvers.add(cast.richard)
        answer = visitor(cast.richard).post(pages.of(asked, "approval"), pages.decision(asked, verdict="approve"))
        assert answer.status_code == 409
        assert [event["pages"] for event in swept("authz.denied")] == [{"approval 409": 1}]

    def test_a_form_without_its_token(self, cast: Cast, asked: Request) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.richard)
        client.post(pages.of(asked, "request_withdraw"))
        assert [event["pages"] for event in swept("authz.denied")] == [{"request_withdraw 403": 1}]

    def test_an_expired_link_is_recorded_without_its_secret(self, db: None) -> None:
        Client(REMOTE_ADDR="192.0.2.7").get(reverse("invitation", args=["not-a-real-link"]))
        (event,) = swept("authz.denied")
        assert (event["subject"], event["pages"]) == ("address:192.0.2.7", {"invitation 410": 1})
        assert "not-a-real-link" not in str(event)

    def test_a_missing_page_and_a_redirect_to_the_sign_in_are_not_events(self, cast: Cast) -> None:
        visitor(cast.mallory).get("/nowhere/")
        Client().get(reverse("roles"))
        visitor(cast.mallory, confirmed=False).post(reverse("personal_data"))
        assert swept("authz.denied") == []

    def test_many_attempts_are_one_event_and_the_chain_is_valid(self, cast: Cast, asked: Request) -> None:
        mallory = visitor(cast.mallory)
        for _ in range(30):
            mallory.get(pages.of(asked))
        assert Refusal.objects.count() == 1
        (event,) = swept("authz.denied")
        assert event["times"] == 30
        assert not Refusal.objects.exists()
        assert list(broken_links()) == []

    def test_many_unknown_clients_share_one_event_that_hides_no_known_user(self, cast: Cast, asked: Request) -> None:
        for number in range(60):
            note_refusal(DENIED, person=None, address=f"192.0.2.{number}", page="invitation", now=NOON)
        visitor(cast.mallory).get(pages.of(asked))
        found = {event["subject"]: event for event in swept("authz.denied")}
        assert len(found) == STRANGERS + 2
        assert person_subject(cast.mallory) in found
        others = found["address:others"]
        assert (others["times"], others["addresses_in_all"], len(others["addresses"])) == (40, 40, 10)

    def test_a_refusal_that_cannot_be_counted_is_still_a_refusal(
        self, cast: Cast, asked: Request, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise OperationalError("the disk is full")

        monkeypatch.setattr("access.ledger.refusals._count", lost)
        assert visitor(cast.mallory).get(pages.of(asked)).status_code == 404
        assert by_password(Client(), password="wrong").status_code == 200

    @pytest.mark.parametrize("header", ["", "garbage", "192.0.2.1"])
    def test_a_missing_proxy_breaks_no_refusal(self, cast: Cast, asked: Request, settings: Any, header: str) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
        mallory = visitor(cast.mallory)
        assert mallory.get(pages.of(asked), headers={"X-Forwarded-For": header}).status_code == 404
        assert len(swept("authz.denied")) == 1
