"""A browser that somebody signed in with before keeps them from being locked out, and opens nothing by itself."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import limits
from access.actions import people
from access.ledger import browsers
from access.ledger.browsers import browsers_of, find_browsers
from access.ledger.chain import AuditUnavailable
from access.models import AuditEvent, KnownBrowser, User
from access.models.sessions import hash_of_key
from demo import codes
from tests import factories
from tests.factories import DAY, NOON, Cast
from tests.integration.concurrently import run_together
from tests.integration.pages import text, visitor
from tests.integration.test_limits import (
    LOGIN,
    PASSWORD,
    SEED,
    by_code,
    by_password,
    code,
    enrol,
    from_afar,
    is_in,
    lock_by_codes,
    lock_by_passwords,
)
from tests.signin import ask_for_new_password

COOKIE = settings.KNOWN_BROWSER_COOKIE_NAME
SESSIONS = reverse("usersessions_list")
ALICE = "alice@example.com"
NEW = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}


@pytest.fixture
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def alice(cast: Cast, at_noon: TimeMachineFixture) -> User:
    return enrol(cast.alice)


@pytest.fixture
def mine(alice: User, at_noon: TimeMachineFixture) -> Client:
    """Return Alice's browser, in which Alice signed in yesterday and out again."""
    client = Client()
    by_password(client, email=ALICE)
    by_code(client, code())
    assert is_in(client)
    client.post(reverse("account_logout"))
    at_noon.shift(timedelta(days=1).total_seconds())
    assert not is_in(client)
    return client


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


class TestAttack:
    """Strangers guess at Alice's account without end."""

    def test_guessing_the_password_does_not_lock_alice_out(self, mine: Client) -> None:
        for _ in range(4):
            lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(from_afar(99), email=ALICE))
        assert signs_in(mine)

    def test_guessing_codes_with_the_password_does_not_lock_alice_out(self, mine: Client) -> None:
        lock_by_codes(ALICE)
        stranger = from_afar(99)
        by_password(stranger, email=ALICE)
        assert "Too many" in text(by_code(stranger, code()))
        assert signs_in(mine)

    def test_guessing_from_the_same_network_does_not_lock_alice_out(self, mine: Client) -> None:
        colleague = Client()
        for number in range(40):
            by_password(colleague, "wrong", email=f"nobody{number}@example.com")
        assert by_password(Client(), email=ALICE).status_code == 429
        assert signs_in(mine)

    def test_alice_can_still_confirm_and_decide(self, mine: Client, at_noon: TimeMachineFixture) -> None:
        assert signs_in(mine)
        lock_by_codes(ALICE)
        lock_by_passwords(ALICE)
        answer = mine.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert answer.status_code == 302
        at_noon.shift(codes.STEP)
        assert mine.post(reverse("mfa_reauthenticate"), {"code": code()}).status_code == 302

    def test_failed_passkeys_with_the_password_do_not_lock_those_of_alice(self, alice: User, mine: Client) -> None:
        whose = f"person:{alice.pk}"
        for _ in range(9):
            stranger = from_afar(3)
            by_password(stranger, email=ALICE)
            stranger.post(reverse("mfa_authenticate"), {"credential": '{"id": "x"}'})
        assert not limits.take(limits.FAILED_PASSKEYS, whose, now=timezone.now())
        by_password(mine, email=ALICE)
        answer = mine.post(reverse("mfa_authenticate"), {"credential": '{"id": "x"}'})
        assert "Too many" not in str(answer.context["webauthn_form"].errors)

    def test_passkeys_lock_no_codes_and_codes_no_passkeys(self, alice: User) -> None:
        stranger = from_afar(3)
        by_password(stranger, email=ALICE)
        for _ in range(9):
            answer = stranger.post(reverse("mfa_authenticate"), {"credential": '{"id": "x"}'})
        assert "Too many" in str(answer.context["webauthn_form"].errors)
        assert limits.take(limits.FAILED_CODES, f"person:{alice.pk}", now=timezone.now())
        by_code(stranger, code())
        assert is_in(stranger)

    def test_nobody_without_the_password_locks_the_passkeys_of_alice(self, alice: User) -> None:
        for number in range(30):
            from_afar(number).post(
                reverse("mfa_login_webauthn"), {"credential": '{"id": "x", "response": {"userHandle": "MQ"}}'}
            )
        assert limits.take(limits.FAILED_PASSKEYS, f"person:{alice.pk}", now=timezone.now())


class TestNoFactor:
    """The cookie proves nothing, and is for one account."""

    def test_the_cookie_does_not_sign_in(self, mine: Client) -> None:
        thief = thief_of(mine)
        assert not is_in(thief)
        assert by_password(thief, email=ALICE)["Location"] == reverse("mfa_authenticate")
        assert not is_in(thief)
        assert "This code is wrong" in text(by_code(thief, "000000"))
        assert not is_in(thief)

    def test_a_stranger_with_the_cookie_gains_five_guesses(self, mine: Client) -> None:
        lock_by_passwords(ALICE)
        thief = thief_of(mine)
        answers = ["Too many" in text(by_password(thief, "wrong", ALICE)) for _ in range(8)]
        assert answers == [False] * 5 + [True] * 3
        assert "Too many" in text(by_password(thief, email=ALICE))
        assert not signs_in(mine)
        assert not KnownBrowser.objects.exists()

    def test_five_attempts_are_shared_by_passwords_and_codes(self, mine: Client) -> None:
        lock_by_codes(ALICE)
        thief = thief_of(mine)
        for _ in range(2):
            by_password(thief, "wrong", ALICE)
        by_password(thief, email=ALICE)
        answers = ["Too many" in text(by_code(thief, f"{number:06}")) for number in range(5)]
        assert answers == [False] * 3 + [True] * 2

    def test_five_attempts_are_the_limit_for_simultaneous_ones(self, commits: None) -> None:
        enrol(factories.cast().alice)
        mine = Client()
        assert signs_in(mine)
        lock_by_passwords(ALICE)
        thieves = [thief_of(mine, number) for number in range(20)]
        answers = run_together(*(partial(by_password, thief, "wrong", ALICE) for thief in thieves))
        assert sum("Too many" in text(answer) for answer in answers) == 15
        assert not KnownBrowser.objects.exists()

    def test_correct_attempts_never_use_it_up(self, mine: Client, at_noon: TimeMachineFixture) -> None:
        for _ in range(12):
            by_password(mine, email=ALICE)
        for _ in range(4):
            by_password(mine, "wrong", ALICE)
        lock_by_passwords(ALICE)
        assert signs_in(mine)
        assert KnownBrowser.objects.get().failures == 0

    def test_a_cookie_is_for_one_account(self, mine: Client, cast: Cast) -> None:
        enrol(cast.bob)
        lock_by_passwords("bob@example.com")
        assert "Too many" in text(by_password(mine, email="bob@example.com"))
        assert KnownBrowser.objects.get().failures == 0

    def test_the_former_cookie_is_worthless_after_the_next_sign_in(self, mine: Client) -> None:
        thief = thief_of(mine)
        assert signs_in(mine)
        assert KnownBrowser.objects.count() == 1
        lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(thief, email=ALICE))

    @pytest.mark.parametrize("token", ["", "x", "x" * 5000, "%E2%84%AA", "0" * 43])
    def test_a_forged_cookie_is_ignored(self, mine: Client, token: str) -> None:
        lock_by_passwords(ALICE)
        stranger = from_afar(99)
        for value in (token, KnownBrowser.objects.get().token_hash):
            stranger.cookies[COOKIE] = value
            assert "Too many" in text(by_password(stranger, email=ALICE))


class TestWhoGetsOne:
    """Return the user who used the password and a second factor in this session."""

    def test_a_browser_is_known_after_password_and_code(self, alice: User) -> None:
        client = Client(headers={"User-Agent": "x" * 900})
        by_password(client, email=ALICE)
        assert COOKIE not in client.cookies
        by_code(client, code())
        cookie = client.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
        assert cookie["max-age"] == 90 * 86400
        row = KnownBrowser.objects.get()
        assert (row.person, row.token_hash, row.user_agent) == (alice, hash_of_key(cookie.value), "x" * 200)
        assert row.expires_at == timezone.now() + 90 * DAY

    def test_in_a_real_installation_the_cookie_is_for_this_host_and_tls(self, alice: User, settings: Any) -> None:
        settings.KNOWN_BROWSER_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-browser", True
        client = Client()
        by_password(client, email=ALICE)
        by_code(client, code())
        assert client.cookies["__Host-browser"]["secure"] is True

    def test_a_password_without_a_second_factor_gets_no_cookie(self, alice: User) -> None:
        Authenticator.objects.all().delete()
        client = Client()
        by_password(client, email=ALICE)
        assert client.get(reverse("mfa_index")).status_code == 200
        assert not KnownBrowser.objects.exists()

    def test_twenty_browsers_are_known(self, alice: User, at_noon: TimeMachineFixture) -> None:
        first = Client()
        assert signs_in(first)
        for _ in range(20):
            at_noon.shift(2 * codes.STEP)
            assert signs_in(Client())
        assert KnownBrowser.objects.count() == 20
        lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(first, email=ALICE))

    def test_without_the_record_there_is_no_cookie(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise InternalError("the table cannot be written")

        monkeypatch.setattr("access.ledger.browsers.append", lost)
        client = Client(raise_request_exception=False)
        by_password(client, email=ALICE)
        assert by_code(client, code()).status_code == 500
        assert not KnownBrowser.objects.exists()


WAYS = [
    "new password", "forgotten password", "set by hand", "another factor", "a factor less", "new recovery codes",
    "factor taken by hand", "signed out everywhere", "forgotten", "disabled", "disabled by hand", "90 days", "worn out",
]  # fmt: skip


class TestEnd:
    """It ends with what it rests on."""

    @pytest.mark.parametrize("way", WAYS)
    def test_it_ends_by(self, mine: Client, alice: User, cast: Cast, at_noon: TimeMachineFixture, way: str) -> None:
        self.end(way, mine, alice, cast, at_noon)
        User.objects.filter(pk=alice.pk).update(is_active=True)
        now = timezone.now()
        token = mine.cookies[COOKIE].value
        assert known_by(token) is None
        assert browsers_of(alice, now=now) == []
        password = "battery-horse-correct" if "password" in way or way == "set by hand" else PASSWORD
        lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(mine, password, ALICE))

    def end(self, way: str, mine: Client, alice: User, cast: Cast, at_noon: TimeMachineFixture) -> None:
        """End what Alice's browser is known for, in one of the ways that there are."""
        self.end_at_own_pages(way, alice)
        match way:
            case "set by hand":
                alice.set_password("battery-horse-correct")
                alice.save()
            case "factor taken by hand":
                Authenticator.objects.filter(user=alice).delete()
            case "disabled":
                people.disable_person_or_company(by=cast.ada, what=alice, now=timezone.now())
            case "disabled by hand":
                User.objects.filter(pk=alice.pk).update(is_active=False)
                assert known_by(mine.cookies[COOKIE].value) is None
                KnownBrowser.objects.all().delete()
            case "90 days":
                at_noon.shift((89 * DAY - timedelta(seconds=1)).total_seconds())
                assert known_by(mine.cookies[COOKIE].value) is not None
                at_noon.shift(1)
            case "worn out":
                for _ in range(5):
                    by_password(mine, "wrong", ALICE)

    def end_at_own_pages(self, way: str, alice: User) -> None:
        client = visitor(alice)
        match way:
            case "new password":
                client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
            case "forgotten password":
                ask_for_new_password(alice.email)
                link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
                stranger = Client()
                stranger.post(stranger.get(link, follow=True).redirect_chain[-1][0], NEW)
            case "another factor":
                Authenticator.objects.all().update(type="webauthn", data={})
                KnownBrowser.objects.update(stamp=browsers._stamp(alice))
                seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
                client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())})
                assert Authenticator.objects.filter(type="totp").exists()
            case "a factor less":
                other = {"secret": get_adapter().encrypt(SEED)}
                Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=other)
                KnownBrowser.objects.update(stamp=browsers._stamp(alice))
                client.post(reverse("mfa_deactivate_totp"))
                assert not Authenticator.objects.filter(type="totp").exists()
            case "new recovery codes":
                client.post(reverse("mfa_generate_recovery_codes"))
            case "signed out everywhere":
                client.post(SESSIONS)
            case "forgotten":
                client.post(reverse("browser_forget", args=[KnownBrowser.objects.get().public_id]))

    @pytest.mark.parametrize(
        ("way", "why"),
        [("new password", "password"), ("forgotten password", "password"), ("new recovery codes", "factor"),
         ("signed out everywhere", "signed out everywhere"), ("forgotten", "by hand"), ("disabled", "disabled"),
         ("worn out", "failures")],
    )  # fmt: skip
    def test_it_is_on_record(
        self, mine: Client, alice: User, cast: Cast, at_noon: TimeMachineFixture, way: str, why: str
    ) -> None:
        assert [event["address"] for event in events("browser.remembered")] == ["127.0.0.1"]
        self.end(way, mine, alice, cast, at_noon)
        (told,) = events("browser.forgotten")
        assert (told["count"], told["why"]) == (1, why)
        assert mine.cookies[COOKIE].value not in repr(list(AuditEvent.objects.values()))

    def test_renaming_a_passkey_ends_nothing(self, mine: Client, alice: User) -> None:
        Authenticator.objects.update(last_used_at=timezone.now())
        assert browsers_of(alice, now=timezone.now()) != []

    def test_the_database_forbids_a_sixth_failure(self, mine: Client) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            KnownBrowser.objects.update(failures=6)


def by_passkey(client: Client, passkey: Authenticator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sign in with only a passkey; what it signed is judged elsewhere (tests/browser)."""
    with monkeypatch.context() as patch:
        patch.setattr(webauthn.LoginWebAuthnForm, "clean_credential", lambda _form: passkey)
        return client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})


def passkey_of(person: User) -> Authenticator:
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})


OWN_CHANGES = ["password", "another factor", "a factor less", "new recovery codes"]


class TestOwnChange:
    """A user who changes their password or factors keeps the browser of the change, and no other."""

    def change(self, client: Client, way: str) -> None:
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        match way:
            case "password":
                client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
            case "another factor":
                seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
                client.post(reverse("mfa_activate_totp"), {"code": codes.code_at(seed, time.time())})
            case "a factor less":
                client.post(reverse("mfa_deactivate_totp"))
            case "new recovery codes":
                client.post(reverse("mfa_generate_recovery_codes"))

    @pytest.fixture
    def changed(self, request: pytest.FixtureRequest, mine: Client, alice: User, at_noon: TimeMachineFixture) -> str:
        """Return the former cookie of a known browser in which Alice made a change; a thief has it."""
        way: str = request.param
        signs_in(mine)
        at_noon.shift(2 * codes.STEP)
        self.other = Client(REMOTE_ADDR="203.0.113.5")
        signs_in(self.other)
        if way == "another factor":
            Authenticator.objects.filter(user=alice).update(type="webauthn", data={"name": "key"})
        elif way == "a factor less":
            passkey_of(alice)
        KnownBrowser.objects.update(stamp=browsers._stamp(alice))
        self.thief = thief_of(mine)
        before = browsers._stamp(alice)
        self.change(mine, way)
        assert browsers._stamp(alice) != before
        return "battery-horse-correct" if way == "password" else PASSWORD

    @pytest.mark.parametrize("changed", OWN_CHANGES, indirect=True)
    def test_the_browser_of_the_change_stays_known_and_no_other(self, mine: Client, alice: User, changed: str) -> None:
        (known,) = browsers_of(alice, now=timezone.now())
        assert known == known_by(mine.cookies[COOKIE].value)
        assert is_in(mine)
        mine.post(reverse("account_logout"))
        lock_by_passwords(ALICE)
        assert by_password(mine, changed, ALICE)["Location"] == reverse("mfa_authenticate")
        for stranger in (self.other, self.thief):
            stranger.cookies.pop(settings.SESSION_COOKIE_NAME, None)
            assert "Too many" in text(by_password(stranger, changed, ALICE))

    @pytest.mark.parametrize("way", OWN_CHANGES)
    def test_an_unknown_browser_stays_unknown(self, alice: User, way: str) -> None:
        client = visitor(alice)
        if way == "another factor":
            Authenticator.objects.update(type="webauthn", data={"name": "key"})
        elif way == "a factor less":
            passkey_of(alice)
        self.change(client, way)
        assert not KnownBrowser.objects.exists()

    def test_a_refused_change_changes_nothing(self, mine: Client, alice: User) -> None:
        signs_in(mine)
        before = mine.cookies[COOKIE].value
        mine.post(reverse("account_change_password"), {"oldpassword": "wrong", **NEW})
        mine.post(reverse("mfa_deactivate_totp"))
        assert mine.cookies[COOKIE].value == before
        assert known_by(before) is not None

    def test_guesses_at_the_former_password_use_it_up(
        self, mine: Client, alice: User, at_noon: TimeMachineFixture
    ) -> None:
        signs_in(mine)
        judged = 0
        for minute in range(4):
            for number in range(5):
                wrong = {"oldpassword": f"wrong-{minute}-{number}", **NEW}
                judged += "Too many" not in text(mine.post(reverse("account_change_password"), wrong))
            at_noon.shift(61)
        assert judged == 10  # five of the browser, then five of the account
        assert not KnownBrowser.objects.filter(person=alice).exists()

    def test_the_password_is_changed_even_if_the_browser_cannot_be_remembered(
        self, mine: Client, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(*_: Any, **__: Any) -> None:
            raise AuditUnavailable

        signs_in(mine)
        monkeypatch.setattr("access.ledger.browsers.append", lost)
        answer = mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
        assert answer.status_code == 302
        assert not KnownBrowser.objects.exists()
        alice.refresh_from_db()
        assert alice.check_password("battery-horse-correct")


class TestPasskeyWithoutPassword:
    """A passkey is two factors in one, so it makes a browser known as well."""

    def test_a_browser_gets_a_cookie(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        client = Client()
        by_passkey(client, passkey_of(alice), monkeypatch)
        assert is_in(client)
        assert known_by(client.cookies[COOKIE].value) is not None
        client.post(reverse("account_logout"))
        lock_by_passwords(ALICE)
        assert signs_in(client)

    def test_strangers_in_the_same_network_do_not_lock_alice_out(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        passkey, client = passkey_of(alice), Client()
        by_passkey(client, passkey, monkeypatch)
        client.post(reverse("account_logout"))
        for _ in range(15):
            Client().post(reverse("mfa_login_webauthn"), {"credential": '{"id": "x"}'})
        assert by_passkey(Client(), passkey, monkeypatch).status_code == 429
        by_passkey(client, passkey, monkeypatch)
        assert is_in(client)


class TestSharedBrowser:
    """Several people, or one with several accounts, sign in with one browser."""

    def tokens(self, client: Client) -> list[str]:
        return client.cookies[COOKIE].value.split(".")

    def test_each_account_is_known(self, mine: Client, cast: Cast, at_noon: TimeMachineFixture) -> None:
        enrol(cast.bob)
        assert signs_in(mine, "bob@example.com")
        mine.post(reverse("account_logout"))
        at_noon.shift(2 * codes.STEP)
        for email in (ALICE, "bob@example.com"):
            lock_by_passwords(email)
            assert signs_in(mine, email)
            mine.post(reverse("account_logout"))
        assert len(self.tokens(mine)) == KnownBrowser.objects.count() == 2

    def test_failures_count_for_the_attempted_account(self, mine: Client, cast: Cast) -> None:
        enrol(cast.bob)
        assert signs_in(mine, "bob@example.com")
        mine.post(reverse("account_logout"))
        for _ in range(3):
            by_password(mine, "wrong", ALICE)
        counts = dict(KnownBrowser.objects.values_list("person__email", "failures"))
        assert counts == {ALICE: 3, "bob@example.com": 0}

    def test_a_change_of_one_account_leaves_the_other(self, mine: Client, cast: Cast, alice: User) -> None:
        enrol(cast.bob)
        assert signs_in(mine, "bob@example.com")
        mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
        mine.post(reverse("account_logout"))
        lock_by_passwords(ALICE)
        lock_by_passwords("bob@example.com")
        assert signs_in(mine)
        mine.post(reverse("account_logout"))
        assert by_password(mine, "battery-horse-correct", "bob@example.com")["Location"] == reverse("mfa_authenticate")

    def test_the_page_shows_only_ones_own_browsers(self, mine: Client, cast: Cast) -> None:
        enrol(cast.bob)
        assert signs_in(mine, "bob@example.com")
        mine.post(reverse("account_logout"))
        assert signs_in(mine)
        assert text(mine.get(SESSIONS)).count("this one") == 2

    def test_four_accounts_are_kept_and_the_oldest_is_dropped(
        self, mine: Client, cast: Cast, at_noon: TimeMachineFixture
    ) -> None:
        for person in (cast.bob, cast.ada, cast.mallory, cast.richard):
            enrol(person)
            assert signs_in(mine, person.email)
            mine.post(reverse("account_logout"))
        assert len(self.tokens(mine)) == 4
        assert len(mine.cookies[COOKIE].value) < 200
        lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(mine, email=ALICE))
        lock_by_passwords("bob@example.com")
        at_noon.shift(2 * codes.STEP)
        assert signs_in(mine, "bob@example.com")

    def test_lookups_of_forged_tokens_are_limited(self, mine: Client) -> None:
        stranger = from_afar(99)
        stranger.cookies[COOKIE] = ".".join(["x" * 43] * 5000)
        assert stranger.get(LOGIN).status_code == 200
        stranger.cookies[COOKIE] = ".".join([*(["x" * 43] * 4), mine.cookies[COOKIE].value])
        lock_by_passwords(ALICE)
        assert "Too many" in text(by_password(stranger, email=ALICE))


class TestPage:
    """It is listed where the sessions are, and ended there."""

    def test_a_browser_can_be_listed_and_ended(self, mine: Client, alice: User) -> None:
        assert signs_in(mine)
        shown = text(mine.get(SESSIONS))
        assert "Remembered browsers" in shown
        assert shown.count("this one") == 2
        row = KnownBrowser.objects.get()
        answer = mine.post(reverse("browser_forget", args=[row.public_id]), follow=True)
        assert "Browser forgotten." in text(answer)
        assert "Remembered browsers" not in text(answer)
        assert is_in(mine)

    def test_the_browser_of_somebody_else_is_unchanged(self, mine: Client, cast: Cast) -> None:
        row = KnownBrowser.objects.get()
        bob = visitor(cast.bob)
        assert "Remembered browsers" not in text(bob.get(SESSIONS))
        bob.post(reverse("browser_forget", args=[row.public_id]))
        bob.post(SESSIONS)
        assert KnownBrowser.objects.get() == row
        assert events("browser.forgotten") == []

    def test_only_signed_in_users_can_end_browsers(self, mine: Client) -> None:
        answer = Client().post(reverse("browser_forget", args=[KnownBrowser.objects.get().public_id]))
        assert answer["Location"].startswith(reverse("account_login"))
        assert KnownBrowser.objects.exists()

    def test_viewing_the_page_ends_no_browser(self, mine: Client) -> None:
        assert signs_in(mine)
        path = reverse("browser_forget", args=[KnownBrowser.objects.get().public_id])
        assert mine.get(path).status_code == 405
        assert KnownBrowser.objects.exists()

    def test_the_only_session_can_end_all_browsers(self, mine: Client, alice: User) -> None:
        client = visitor(alice)
        assert "End other sessions" in text(client.get(SESSIONS))
        client.post(SESSIONS)
        assert not KnownBrowser.objects.exists()
        assert "End other sessions" not in text(client.get(SESSIONS))


def test_housekeeping_removes_expired_browsers(db: None, cast: Cast) -> None:
    now = timezone.now()
    for days in (1, 91):
        at = now - days * DAY
        KnownBrowser.objects.create(
            person=cast.alice, token_hash=f"{days}", stamp="x", signed_in_at=at, expires_at=at + 90 * DAY
        )
    assert limits.purge(now=now) == 1
    assert KnownBrowser.objects.get().token_hash == "1"
