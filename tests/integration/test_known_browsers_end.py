"""A known browser is forgotten: by time, by its account, by others; an own change keeps it known."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access.actions import people
from access.ledger import browsers
from access.ledger.browsers import browsers_of
from access.ledger.chain import AuditUnavailable
from access.models import AuditEvent, KnownBrowser, User
from demo import codes
from tests.factories import DAY, Cast
from tests.integration.known import (
    ALICE,
    COOKIE,
    NEW,
    SESSIONS,
    events,
    known_by,
    passkey_of,
    signs_in,
    thief_of,
)
from tests.integration.pages import text, visitor
from tests.integration.test_limits import (
    PASSWORD,
    SEED,
    by_password,
    is_in,
    lock_by_passwords,
)
from tests.signin import ask_for_new_password, confirm_for

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
         ("signed out everywhere", "signed_out_everywhere"), ("forgotten", "by_hand"), ("disabled", "disabled"),
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


OWN_CHANGES = ["password", "another factor", "a factor less", "new recovery codes"]


class TestOwnChange:
    """A user who changes their password or factors keeps the browser of the change, and no other."""

    def change(self, client: Client, way: str) -> None:
        asking = {"another factor": "mfa_activate_totp", "a factor less": "mfa_deactivate_totp"}
        asking["new recovery codes"] = "mfa_generate_recovery_codes"
        if way in asking:
            confirm_for(client, reverse(asking[way]))
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
