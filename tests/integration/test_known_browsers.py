"""A browser that somebody signed in with before keeps them from being locked out, and opens nothing by itself."""

from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import InternalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import limits
from access.models import KnownBrowser, User
from access.models.sessions import hash_of_key
from demo import codes
from tests import factories
from tests.factories import DAY, Cast
from tests.integration.concurrently import run_together
from tests.integration.known import ALICE, COOKIE, signs_in, thief_of
from tests.integration.pages import text
from tests.integration.test_limits import (
    PASSWORD,
    by_code,
    by_password,
    code,
    enrol,
    from_afar,
    is_in,
    lock_by_codes,
    lock_by_passwords,
)


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
