"""Coming in: a password and a second factor, each code once, sessions that end."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access.actions import people
from access.models import Contractor, Session, User
from demo import codes
from demo.browser import _FormReader
from tests import break_glass
from tests.factories import NOON, Cast
from tests.integration.pages import text, visitor
from tests.signin import ask_for_new_password, send_reset_emails, sign_in

PASSWORD = "correct-horse-battery"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ENROLMENT = reverse("mfa_index")
STEP = codes.STEP


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> User:
    """Return Richard with a password, a verified address, and no second factor yet."""
    cast.richard.set_password(PASSWORD)
    cast.richard.save()
    EmailAddress.objects.create(user=cast.richard, email=cast.richard.email, verified=True, primary=True)
    return cast.richard


@pytest.fixture
def enrolled(richard: User) -> User:
    """Return Richard with an app that shows codes of SEED."""
    return with_app(richard)


def with_app(person: User) -> User:
    """Return somebody an app that shows codes of SEED."""
    secret = get_adapter().encrypt(SEED)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})
    return person


def code(shift: int = 0) -> str:
    return codes.code_at(SEED, time.time() + shift)


def by_password(client: Client) -> Any:
    return client.post(reverse("account_login"), {"login": "richard@example.com", "password": PASSWORD})


def by_code(client: Client, given: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": given})


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("roles")).status_code == 200)


class TestSecondFactor:
    """Nobody gets anywhere without one."""

    def test_the_password_is_not_enough_to_sign_in(self, enrolled: User) -> None:
        client = Client()
        assert by_password(client)["Location"] == reverse("mfa_authenticate")
        assert not is_in(client)

    def test_password_and_code_sign_in(self, enrolled: User) -> None:
        client = Client()
        by_password(client)
        by_code(client, code())
        assert is_in(client)

    @pytest.mark.parametrize("shift", [-STEP, STEP])
    def test_a_clock_that_is_half_a_minute_off_is_accepted(self, enrolled: User, shift: int) -> None:
        client = Client()
        by_password(client)
        by_code(client, code(shift))
        assert is_in(client)

    @pytest.mark.parametrize("shift", [-2 * STEP, 2 * STEP])
    def test_an_older_or_later_code_is_refused(self, enrolled: User, shift: int) -> None:
        client = Client()
        by_password(client)
        assert "This code is wrong" in text(by_code(client, code(shift)))
        assert not is_in(client)

    @pytest.mark.parametrize("later", [1, STEP, STEP + 20])
    def test_a_code_is_valid_once(self, enrolled: User, time_machine: TimeMachineFixture, later: int) -> None:
        spent = code(STEP)
        first, second = Client(), Client()
        by_password(first)
        by_code(first, spent)
        assert is_in(first)
        time_machine.shift(later)
        by_password(second)
        assert "This code is wrong" in text(by_code(second, spent))
        assert not is_in(second)

    def test_guessing_codes_is_limited(self, enrolled: User) -> None:
        client = Client()
        by_password(client)
        answers = [text(by_code(client, f"{number:06}")) for number in range(8)]
        assert "Too many" in answers[-1]
        assert "This code is wrong" not in text(by_code(client, code()))
        assert not is_in(client)

    def test_guessing_codes_is_limited_per_account_across_addresses(self, enrolled: User) -> None:
        answers = []
        for number in range(8):
            client = Client(REMOTE_ADDR=f"192.0.2.{number}")
            by_password(client)
            answers.append(text(by_code(client, f"{number:06}")))
        assert "Too many" in answers[-1]

    @pytest.mark.parametrize("name", ["home", "roles", "request_new", "inbox", "usersessions_list"])
    def test_a_user_without_a_factor_is_led_to_set_one_up(self, richard: User, name: str) -> None:
        client = Client()
        by_password(client)
        assert client.get(reverse(name))["Location"] == ENROLMENT
        assert "Daypass requires a second factor" in text(client.get(ENROLMENT))

    def test_setting_up_an_app_signs_in_immediately(self, commits: None, richard: User) -> None:
        client = Client()
        by_password(client)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
        assert "<svg" in page.content.decode()
        seed = page.context["form"].secret
        client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())})
        assert "They are shown only once" in text(client.get(reverse("mfa_view_recovery_codes")))
        assert is_in(client)
        assert [message.subject for message in mail.outbox] == ["Daypass: Authenticator App Activated"]

    def test_a_session_older_than_the_factor_has_to_use_it(self, richard: User) -> None:
        old = Client()
        by_password(old)
        with_app(richard)
        assert reverse("mfa_reauthenticate") in old.get(reverse("roles"))["Location"]
        assert reverse("mfa_reauthenticate") in old.get(reverse("mfa_add_webauthn"))["Location"]
        old.post(reverse("mfa_reauthenticate"), {"code": code()})
        assert is_in(old)

    def test_the_only_factor_cannot_be_removed(self, enrolled: User) -> None:
        client = visitor(enrolled)
        page = client.post(reverse("mfa_deactivate_totp"))
        assert "This is your only second factor" in text(page)
        assert Authenticator.objects.filter(user=enrolled).exists()

    def test_each_recovery_code_signs_in_once(self, enrolled: User) -> None:
        client = visitor(enrolled)
        client.post(reverse("mfa_generate_recovery_codes"))
        first = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
        for attempt in (True, False):
            stranger = Client()
            by_password(stranger)
            by_code(stranger, first)
            assert is_in(stranger) == attempt

    def test_changing_factors_requires_a_recent_confirmation(self, enrolled: User) -> None:
        client = visitor(enrolled, confirmed=False)
        for name in ("mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
            assert "reauthenticate" in client.get(reverse(name))["Location"]


class TestEncryptionAtRest:
    """What is secret does not lie open in the database."""

    def test_a_seed_cannot_be_read_in_the_database(self, enrolled: User) -> None:
        assert SEED not in repr(list(Authenticator.objects.values()))

    def test_a_seed_that_is_being_set_up_cannot_be_read_either(self, richard: User) -> None:
        client = visitor(richard)
        Authenticator.objects.filter(user=richard).delete()
        seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {Session._meta.db_table}")  # noqa: S608  # Django's own name
            assert seed not in repr(cursor.fetchall())
        assert seed in repr([session.get_decoded() for session in Session.objects.all()])

    def test_an_encryption_key_can_be_replaced(self, enrolled: User, settings: Any) -> None:
        settings.ENCRYPTION_KEYS = ["another-key-another-key-another-key-another=", *settings.ENCRYPTION_KEYS]
        client = Client()
        by_password(client)
        by_code(client, code())
        assert is_in(client)

    def test_without_its_key_a_session_belongs_to_nobody(self, enrolled: User, settings: Any) -> None:
        client = visitor(enrolled)
        assert is_in(client)
        settings.ENCRYPTION_KEYS = ["another-key-another-key-another-key-another="]
        assert not is_in(client)


class TestSessions:
    """They end by themselves, by a click, and with the account."""

    @pytest.mark.parametrize(("who", "minutes"), [("richard", 30), ("mallory", 30), ("alice", 15), ("ada", 15)])
    def test_a_session_ends_after_its_last_click_and_sooner_for_approvers(
        self, cast: Cast, time_machine: TimeMachineFixture, who: str, minutes: int
    ) -> None:
        client = visitor(getattr(cast, who))
        assert is_in(client)
        for _ in range(3):
            time_machine.shift(minutes * 60 - 61)
            assert is_in(client)
        time_machine.shift(minutes * 60)
        assert not is_in(client)

    @pytest.mark.parametrize("who", ["richard", "alice"])
    def test_a_session_ends_twelve_hours_after_it_began_however_active_it_is(
        self, cast: Cast, time_machine: TimeMachineFixture, who: str
    ) -> None:
        client, began = visitor(getattr(cast, who)), time.time()
        while time.time() - began < 12 * 3600:
            assert is_in(client)
            time_machine.shift(14 * 60)
        assert not is_in(client)

    def test_an_automatic_refresh_is_not_a_click(self, cast: Cast, time_machine: TimeMachineFixture) -> None:
        client = visitor(cast.alice)
        assert is_in(client)
        for _ in range(settings.SESSION_IDLE_AGE // 120):
            time_machine.shift(120)
            answer = client.get(reverse("roles"), headers={"HX-Request": "true"})
        assert answer["HX-Refresh"] == "true"
        assert not is_in(client)

    def test_a_disabled_account_is_signed_out_immediately(self, cast: Cast) -> None:
        client = visitor(cast.alice)
        assert is_in(client)
        User.objects.filter(pk=cast.alice.pk).update(is_active=False)
        assert not is_in(client)

    def test_a_new_password_ends_the_other_sessions(self, enrolled: User) -> None:
        mine, other = visitor(enrolled), visitor(enrolled)
        new = {"oldpassword": PASSWORD, "password1": "battery-horse-correct", "password2": "battery-horse-correct"}
        mine.post(reverse("account_change_password"), new)
        assert not is_in(other)
        assert [message.subject for message in mail.outbox] == ["Daypass: Password Changed"]

    @pytest.mark.parametrize("way", ["sign out", "new password", "forgotten password", "disabled", "elsewhere"])
    def test_the_former_cookie_no_longer_signs_in(self, enrolled: User, cast: Cast, way: str) -> None:
        client, thief = Client(), Client()
        by_password(client)
        by_code(client, code())
        assert is_in(client)
        thief.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        assert is_in(thief)
        self.end(way, client, enrolled, cast)
        assert not is_in(thief)
        assert "Richard" not in text(thief.get(reverse("home"), follow=True))

    def end(self, way: str, client: Client, person: User, cast: Cast) -> None:
        """End Richard's session in one of the ways that there are."""
        new = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}
        match way:
            case "sign out":
                client.post(reverse("account_logout"))
            case "new password":
                visitor(person).post(reverse("account_change_password"), {"oldpassword": PASSWORD, **new})
            case "forgotten password":
                ask_for_new_password(person.email)
                link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
                stranger = Client()
                stranger.post(stranger.get(link, follow=True).redirect_chain[-1][0], new)
            case "disabled":
                people.disable_person_or_company(
                    by=cast.ada, what=Contractor.objects.get(user=person), now=timezone.now()
                )
            case "elsewhere":
                other = visitor(person)
                other.get(reverse("home"))
                other.post(reverse("usersessions_list"))

    def test_a_former_approver_cannot_decide_in_an_old_session(self, cast: Cast) -> None:
        alice = visitor(cast.alice)
        assert alice.get(reverse("inbox")).status_code == 200
        cast.role.approvers.remove(cast.alice)
        assert alice.get(reverse("inbox")).status_code == 404

    def test_a_former_administrator_cannot_administer_in_an_old_session(self, cast: Cast) -> None:
        ada = visitor(cast.ada)
        assert ada.get(reverse("accounts")).status_code == 200
        User.objects.filter(pk=cast.ada.pk).update(is_staff=False, is_superuser=False)
        assert ada.get(reverse("accounts")).status_code == 404

    def test_everybody_can_read_how_long_their_session_lasts(self, cast: Cast) -> None:
        for person, idle in ((cast.richard, "30 minutes"), (cast.alice, "15 minutes"), (cast.ada, "15 minutes")):
            shown = text(visitor(person).get(reverse("usersessions_list")))
            assert f"A session ends {idle} after its last request, and at most 12 hours after sign-in." in shown

    def test_signing_out_everywhere_else_leaves_this_one(self, enrolled: User) -> None:
        here, there = Client(), Client()
        for client, shift in ((here, 0), (there, STEP)):
            by_password(client)
            by_code(client, code(shift))
            assert is_in(client)
        shown = here.get(reverse("usersessions_list")).context["sessions"]
        assert [session.address for session in shown] == ["127.0.0.1"] * 2
        here.post(reverse("usersessions_list"))
        assert is_in(here)
        assert not is_in(there)

    def test_signing_in_replaces_the_session(self, enrolled: User) -> None:
        client = Client()
        client.get(reverse("account_login"))
        by_password(client)
        before = client.session.session_key
        by_code(client, code())
        assert client.session.session_key != before


class TestForgottenPassword:
    """A way back that says nothing about who has an account, and goes round no second factor."""

    def ask(self, email: str) -> Any:
        answer = Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        send_reset_emails()
        return answer

    def test_everybody_gets_the_same_answer_to_a_reset(self, enrolled: User) -> None:
        assert text(self.ask("richard@example.com")) == text(self.ask("nobody@example.com"))

    def test_single_sign_on_users_get_no_password_by_a_reset(self, enrolled: User) -> None:
        enrolled.set_unusable_password()
        enrolled.save()
        self.ask("richard@example.com")
        assert "have no password in Daypass" in str(mail.outbox[0].body)
        assert "http" not in str(mail.outbox[0].body)

    def test_a_user_without_a_password_is_led_back_from_changing_it(self, enrolled: User) -> None:
        enrolled.set_unusable_password()
        enrolled.save()
        answer = visitor(enrolled).get(reverse("account_change_password"), follow=True)
        assert "Your second factors, password and sessions" in text(answer)
        assert answer.redirect_chain[-1][0] == ENROLMENT

    def test_a_new_password_still_needs_the_second_factor(self, enrolled: User) -> None:
        self.ask("richard@example.com")
        link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
        client = Client()
        page = client.get(link, follow=True)
        path = page.redirect_chain[-1][0]
        client.post(path, {"password1": "battery-horse-correct", "password2": "battery-horse-correct"})
        assert not is_in(client)
        answer = client.post(
            reverse("account_login"), {"login": "richard@example.com", "password": "battery-horse-correct"}
        )
        assert answer["Location"] == reverse("mfa_authenticate")
        assert "This link has expired" in text(Client().get(link, follow=True))


ROLE = ("111111111111", "importantproject-put")
# The forms that ask who it is once more before they take anything, each with somebody who is shown it.
ASKING_AGAIN: dict[str, tuple[str, Callable[[Cast], Any]]] = {
    "invite": ("alice", lambda _: ()),
    "invite_colleague": ("ada", lambda _: ()),
    "contractor": ("alice", lambda cast: [cast.richard.contractor.public_id]),
    "account_new": ("ada", lambda _: ()),
    "account_change": ("ada", lambda _: ROLE[:1]),
    "identity_vouch": ("alice", lambda _: ()),
    "role_limits": ("ada", lambda _: ROLE),
    "role_import": ("ada", lambda _: ()),
    "role_rename": ("ada", lambda _: ROLE),
    "approval_settings": ("ada", lambda _: ROLE),
    "auto_approval_policy_new": ("ada", lambda _: ROLE),
    "delegation": ("alice", lambda _: ()),
    "break_glass_policy_new": ("ada", lambda _: ()),
    "break_glass_use": ("bob", lambda cast: [break_glass.policy(cast, cast.bob).public_id]),
}


class TestConfirming:
    """Actions that grant access require a recent confirmation."""

    def test_deciding_needs_a_recent_factor(self, cast: Cast) -> None:
        client = Client()
        sign_in(client, cast.alice, factor_age=settings.FACTOR_MAX_AGE + 1)
        path = reverse("approval", args=["00000000-0000-0000-0000-000000000000"])
        assert reverse("mfa_reauthenticate") in client.post(path)["Location"]

    def test_deciding_needs_a_recent_password_or_code(self, enrolled: User) -> None:
        path = reverse("approval", args=["00000000-0000-0000-0000-000000000000"])
        assert "reauthenticate" in visitor(enrolled, confirmed=False).post(path)["Location"]
        assert visitor(enrolled).post(path).status_code == 404

    @pytest.mark.parametrize("name", ASKING_AGAIN)
    def test_a_form_that_comes_back_with_an_error_goes_to_its_own_page(self, cast: Cast, name: str) -> None:
        who, args = ASKING_AGAIN[name]
        person, path = getattr(cast, who), reverse(name, args=args(cast))
        person.is_sponsor = True
        person.set_password(PASSWORD)
        person.save()
        with_app(person)
        client = Client()
        sign_in(client, person, confirmed=False, factor_age=settings.NEW_FACTOR_MAX_AGE + 1)
        question = client.post(path, {"reason": ""})["Location"]
        assert "reauthenticate" in question
        back = client.post(question, {"password": PASSWORD, "code": code()})
        assert back.context["form"].errors
        reader = _FormReader()
        reader.feed(back.content.decode())
        assert path in [form.action for form in reader.forms]
