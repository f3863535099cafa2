"""A known browser with passkeys, with several accounts, and on the page of sessions."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import limits
from access.models import KnownBrowser, User
from demo import codes
from tests.factories import DAY, Cast
from tests.integration.known import ALICE, COOKIE, NEW, SESSIONS, by_passkey, events, known_by, passkey_of, signs_in
from tests.integration.pages import text, visitor
from tests.integration.test_limits import (
    LOGIN,
    PASSWORD,
    by_password,
    enrol,
    from_afar,
    is_in,
    lock_by_passwords,
)


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
        assert "Known browsers" in shown
        assert shown.count("this one") == 2
        row = KnownBrowser.objects.get()
        answer = mine.post(reverse("browser_forget", args=[row.public_id]), follow=True)
        assert "Browser forgotten." in text(answer)
        assert "Known browsers" not in text(answer)
        assert is_in(mine)

    def test_the_browser_of_somebody_else_is_unchanged(self, mine: Client, cast: Cast) -> None:
        row = KnownBrowser.objects.get()
        bob = visitor(cast.bob)
        assert "Known browsers" not in text(bob.get(SESSIONS))
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
