"""Guessing ends: limits hold for tries of the same moment, and no flood makes them forget anything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import InternalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import limits, tasks
from access.limits import Limit
from access.models import Attempts, ExpiringValue, ResetEmail, User
from demo import codes
from tests import factories
from tests.factories import NOON, Cast
from tests.integration.concurrently import run_together
from tests.integration.pages import text, visitor
from tests.signin import ask_for_new_password, send_reset_emails

PASSWORD = "correct-horse-battery"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FEW = Limit("few", 5, timedelta(minutes=5))
LOGIN, CODE, RESET = (reverse(name) for name in ("account_login", "mfa_authenticate", "account_reset_password"))


def enrol(person: User) -> User:
    """Return somebody a password, an address and an app that shows codes of SEED."""
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    secret = get_adapter().encrypt(SEED)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})
    return person


@pytest.fixture
def richard(cast: Cast) -> User:
    return enrol(cast.richard)


@pytest.fixture
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


def code(shift: int = 0) -> str:
    return codes.code_at(SEED, time.time() + shift)


def by_password(client: Client, password: str = PASSWORD, email: str = "richard@example.com") -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def by_code(client: Client, given: str) -> Any:
    return client.post(CODE, {"code": given})


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("roles")).status_code == 200)


def from_afar(number: int) -> Client:
    """Return a stranger at an address of their own."""
    return Client(REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")


def lock_by_passwords(email: str = "richard@example.com") -> None:
    answers = [text(by_password(from_afar(number), "wrong", email)) for number in range(6)]
    assert "Too many" in answers[-1]


def lock_by_codes(email: str) -> None:
    for number in range(6):
        stranger = from_afar(number + 50)
        by_password(stranger, email=email)
        answer = text(by_code(stranger, f"{number:06}"))
    assert "Too many" in answer


def flood() -> None:
    """Ask from 12 addresses, as often as each is let, about people who are not there: the attack that was found.

    The table of 300 entries that there once was had no room for that.
    """
    for address in range(12):
        stranger = Client(REMOTE_ADDR=f"203.0.113.{address}")
        for number in range(20):
            stranger.post(RESET, {"email": f"nobody{address}-{number}@example.com"})
        for number in range(10):
            by_password(stranger, email=f"nobody{address}-{number}@example.com")
    send_reset_emails()
    for number in range(300):
        cache.add(f"z{number}", "what a library remembers")


class TestFlood:
    """Nothing is forgotten because much is counted."""

    def test_locks_and_used_codes_stay(self, richard: User, cast: Cast, at_noon: TimeMachineFixture) -> None:
        alice, bob = enrol(cast.alice), enrol(cast.bob)
        lock_by_passwords(richard.email)
        lock_by_codes(alice.email)
        owner, spent = Client(), code(codes.STEP)
        by_password(owner, email=bob.email)
        by_code(owner, spent)
        assert is_in(owner)
        flood()
        assert "Too many" in text(by_password(from_afar(99), email=richard.email))
        for person, given, answer in (
            (alice, code(), "Too many"),
            (bob, spent, "This code is wrong"),
        ):
            stranger = from_afar(99)
            by_password(stranger, email=person.email)
            assert answer in text(by_code(stranger, given)), person
            assert not is_in(stranger)

    @pytest.mark.parametrize("kept", ["limit", "value"])
    def test_thousands_of_keys_evict_nothing(self, db: None, kept: str) -> None:
        now = timezone.now()
        for _ in range(5):
            assert limits.take(FEW, "the first", now=now)
        assert limits.spend("code", "the first", until=now + timedelta(minutes=2), now=now)
        for number in range(3000):
            if kept == "limit":
                limits.take(FEW, f"stranger {number}", now=now)
            else:
                cache.add(f"stranger {number}", "used")
        assert not limits.take(FEW, "the first", now=now)
        assert not limits.spend("code", "the first", until=now + timedelta(minutes=2), now=now)

    def test_rows_per_address_are_limited(self, db: None, at_noon: TimeMachineFixture) -> None:
        stranger = Client(REMOTE_ADDR="203.0.113.1")
        for number in range(200):
            by_password(stranger, email=f"nobody{number}@example.com")
            stranger.post(RESET, {"email": f"nobody{number}@example.com"})
        assert ResetEmail.objects.count() == 20
        send_reset_emails()
        # Four limits of its own, 10 accounts at which it may fail, and 20 for which it may ask: per minute and per day.
        assert Attempts.objects.count() == 54


class TestAtTheSameMoment:
    """Twenty tries together are no more than twenty one after the other."""

    @pytest.fixture
    def enrolled(self, commits: None) -> User:
        return enrol(factories.cast().richard)

    def test_passwords(self, enrolled: User) -> None:
        answers = run_together(*(partial(by_password, from_afar(number), "wrong") for number in range(20)))
        assert sum("Too many" in text(answer) for answer in answers) == 15
        assert "Too many" in text(by_password(from_afar(99)))

    def test_passwords_from_one_address(self, enrolled: User) -> None:
        tries = (partial(by_password, Client(), "wrong", email=f"nobody{n}@example.com") for n in range(20))
        assert sum("Too many" in text(answer) for answer in run_together(*tries)) == 10

    def test_sign_ins_from_one_address(self, enrolled: User) -> None:
        for number in range(20):
            by_password(Client(), "wrong", email=f"nobody{number}@example.com")
        statuses = [answer.status_code for answer in run_together(*(partial(by_password, Client()) for _ in range(20)))]
        assert statuses.count(429) == 10

    def test_codes(self, enrolled: User) -> None:
        strangers = [from_afar(number) for number in range(20)]
        for stranger in strangers:
            by_password(stranger)
        tries = (partial(by_code, stranger, f"{number:06}") for number, stranger in enumerate(strangers))
        assert sum("Too many" in text(answer) for answer in run_together(*tries)) == 15

    def test_one_code_in_twenty_browsers_opens_one(self, enrolled: User) -> None:
        clients = [from_afar(number) for number in range(20)]
        for client in clients:
            by_password(client)
        shown = code()
        run_together(*(partial(by_code, client, shown) for client in clients))
        assert sum(map(is_in, clients)) <= 1

    def test_one_recovery_code_in_twenty_browsers_opens_one(self, enrolled: User) -> None:
        owner = visitor(enrolled)
        owner.post(reverse("mfa_generate_recovery_codes"))
        shown = owner.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
        clients = [from_afar(number) for number in range(20)]
        for client in clients:
            by_password(client)
        run_together(*(partial(by_code, client, shown) for client in clients))
        assert sum(map(is_in, clients)) <= 1

    def test_emails_for_a_forgotten_password(self, enrolled: User) -> None:
        tries = (partial(from_afar(n).post, RESET, {"email": enrolled.email}) for n in range(20))
        statuses = [answer.status_code for answer in run_together(*tries)]
        run_together(*(partial(tasks.send_reset_email, pk) for pk in ResetEmail.objects.values_list("pk", flat=True)))
        assert (statuses.count(302), len(mail.outbox), ResetEmail.objects.count()) == (20, 5, 0)

    def test_confirmations(self, enrolled: User) -> None:
        clients = [visitor(enrolled, confirmed=False) for _ in range(20)]
        tries = (partial(client.post, reverse("account_reauthenticate"), {"password": "wrong"}) for client in clients)
        statuses = [answer.status_code for answer in run_together(*tries)]
        assert statuses.count(429) == 10

    def test_a_value_is_stored_once(self, commits: None) -> None:
        now = timezone.now()
        spend = partial(limits.spend, "saml", "_1", until=now + timedelta(hours=1), now=now)
        for later in (timedelta(0), timedelta(hours=2)):
            answers = run_together(*(partial(spend, until=now + later + timedelta(hours=1), now=now + later),) * 20)
            assert sorted(answers) == [False] * 19 + [True]


class TestCounting:
    """Five in five minutes is five in any five minutes, and what was right does not count."""

    def test_the_period_is_a_sliding_window(self, db: None) -> None:
        minute = timedelta(minutes=1)
        taken = [limits.take(FEW, "somebody", now=NOON + number * minute) for number in range(12)]
        assert taken == [True] * 10 + [True] * 2
        taken = [limits.take(FEW, "somebody else", now=NOON + number * minute / 2) for number in range(12)]
        assert taken == [True] * 5 + [False] * 5 + [True] * 2

    def test_a_correct_attempt_is_refunded_once(self, db: None) -> None:
        for _ in range(2):
            limits.take(FEW, "somebody", now=NOON)
        limits.refund(FEW, "somebody", at=NOON)
        assert [limits.take(FEW, "somebody", now=NOON) for _ in range(5)] == [True] * 4 + [False]
        limits.refund(FEW, "nobody", at=NOON)

    def test_times_of_a_wrong_clock_count_as_expired(self, db: None) -> None:
        for _ in range(5):
            limits.take(FEW, "somebody", now=NOON + timedelta(hours=1))
        assert limits.take(FEW, "somebody", now=NOON)
        for _ in range(5):
            limits.take(FEW, "somebody else", now=NOON + timedelta(minutes=1))
        assert not limits.take(FEW, "somebody else", now=NOON)

    def test_frequent_sign_ins_lock_nobody_out(self, richard: User, at_noon: TimeMachineFixture) -> None:
        for number in range(8):
            assert by_password(from_afar(number)).status_code == 302
        assert "Too many" not in text(by_password(from_afar(99), "wrong"))

    def test_correct_codes_neither_count_nor_remove_failures(self, richard: User, at_noon: TimeMachineFixture) -> None:
        for number in range(4):
            stranger = from_afar(number)
            by_password(stranger)
            by_code(stranger, f"{number:06}")
        owner = from_afar(98)
        by_password(owner)
        by_code(owner, code())
        assert is_in(owner)
        stranger = from_afar(99)
        by_password(stranger)
        assert "This code is wrong" in text(by_code(stranger, "000009"))
        assert "Too many" in text(by_code(stranger, "000009"))

    def test_another_address_of_the_same_account_is_the_same_account(
        self, richard: User, at_noon: TimeMachineFixture
    ) -> None:
        EmailAddress.objects.create(user=richard, email="rich@example.com", verified=True, primary=False)
        lock_by_passwords()
        for email in ("rich@example.com", "RICHARD@example.com", " richard@example.com"):
            assert "Too many" in text(by_password(from_afar(99), email=email)), email

    @pytest.mark.parametrize("host", ["testserver:1001", "testserver."])
    def test_another_name_of_the_portal_is_the_same_portal(
        self, richard: User, at_noon: TimeMachineFixture, host: str
    ) -> None:
        lock_by_passwords()
        answer = from_afar(99).post(LOGIN, {"login": richard.email, "password": PASSWORD}, headers={"host": host})
        assert answer.status_code == 400 or "Too many" in text(answer)

    @pytest.mark.parametrize("written", ["{0}-{1}", "{0} {1}", "{0}.{1}", " {0}{1} ", "{0}_{1}"])
    def test_a_code_in_another_spelling_is_the_same_code(
        self, richard: User, at_noon: TimeMachineFixture, written: str
    ) -> None:
        spent = code(codes.STEP)
        owner, thief = Client(), Client()
        by_password(owner)
        by_code(owner, spent)
        at_noon.shift(codes.STEP + 20)
        by_password(thief)
        assert "This code is wrong" in text(by_code(thief, written.format(spent[:3], spent[3:])))

    def test_a_new_password_by_email_ends_the_lock(self, richard: User, at_noon: TimeMachineFixture) -> None:
        lock_by_passwords()
        ask_for_new_password(richard.email)
        link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
        new = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}
        client = Client()
        client.post(client.get(link, follow=True).redirect_chain[-1][0], new)
        assert by_password(client, "battery-horse-correct").status_code == 302


@contextmanager
def unwritable(*tables: str) -> Iterator[None]:
    """Let the database refuse every change of these tables, as a full disk or a missing right does."""

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.startswith("SELECT") and any(f'"{table}"' in sql for table in tables):
            raise InternalError("the table cannot be written")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        yield


class TestUnwritable:
    """What cannot be counted is not judged."""

    def test_no_password_is_checked(self, richard: User, monkeypatch: pytest.MonkeyPatch) -> None:
        judged: list[str] = []

        def oracle(_person: User, given: str) -> bool:
            judged.append(given)
            return True

        monkeypatch.setattr(User, "check_password", oracle)
        client = Client(raise_request_exception=False)
        with unwritable(Attempts._meta.db_table):
            for password in (PASSWORD, "wrong"):
                assert by_password(client, password).status_code == 500
        assert judged == []
        assert not is_in(client)

    @pytest.mark.parametrize("model", [Attempts, ExpiringValue])
    def test_no_code_is_accepted(self, richard: User, model: Any) -> None:
        client = Client(raise_request_exception=False)
        by_password(client)
        with unwritable(model._meta.db_table):
            assert by_code(client, code()).status_code == 500
        assert not is_in(client)

    def test_no_email_is_sent(self, richard: User) -> None:
        with unwritable(Attempts._meta.db_table):
            assert Client(raise_request_exception=False).post(RESET, {"email": richard.email}).status_code == 500
        assert mail.outbox == []

    def test_a_requested_email_waits(self, richard: User) -> None:
        Client().post(RESET, {"email": richard.email})
        with unwritable(Attempts._meta.db_table), pytest.raises(InternalError):
            send_reset_emails()
        assert mail.outbox == []
        send_reset_emails()
        assert len(mail.outbox) == 1

    def test_the_cache_reports_the_failure(self, db: None) -> None:
        with unwritable(ExpiringValue._meta.db_table):
            for change in (partial(cache.add, "used", 1), partial(cache.set, "used", 1), partial(cache.delete, "used")):
                with pytest.raises(InternalError):
                    change()


class TestHousekeeping:
    """Rows go some time after they expired, in batches."""

    def rows(self, *minutes: int) -> None:
        """Make a row of each table that expired so many minutes ago."""
        now = timezone.now()
        for ago in minutes:
            expires_at = now - timedelta(minutes=ago)
            Attempts.objects.create(key=f"{ago}", times=[1.0], expires_at=expires_at)
            ExpiringValue.objects.create(key=f"{ago}", expires_at=expires_at)

    def left(self) -> set[str]:
        keys = {model: set(model.objects.values_list("key", flat=True)) for model in (Attempts, ExpiringValue)}
        assert keys[Attempts] == keys[ExpiringValue]
        return keys[Attempts]

    def test_rows_expired_some_time_ago_are_deleted(self, db: None) -> None:
        self.rows(-5, 5, 9, 11, 600)
        assert limits.purge(now=timezone.now()) == 4
        assert self.left() == {"-5", "5", "9"}

    def test_a_worker_whose_clock_is_ahead_deletes_nothing_that_counts(self, db: None) -> None:
        self.rows(-5, 5, 30)
        limits.purge(now=timezone.now() + timedelta(hours=1))
        assert self.left() == {"-5", "5"}

    def test_one_sweep_deletes_a_limited_number(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "BATCH", 3)
        monkeypatch.setattr(limits, "BATCHES", 2)
        self.rows(*range(20, 30))
        assert [limits.purge(now=timezone.now()) for _ in range(3)] == [12, 8, 0]

    def test_an_attempt_while_rows_are_deleted_is_kept(self, commits: None) -> None:
        Attempts.objects.all().delete()
        now = timezone.now()
        for _ in range(10):
            for number in range(4):
                limits.take(FEW, f"somebody {number}", now=now - timedelta(minutes=20))
            purges = [partial(limits.purge, now=now)] * 2
            takes = [partial(limits.take, FEW, f"somebody {number}", now=now) for number in range(4)]
            answers = run_together(*purges, *takes)
            assert answers[2:] == [True] * 4
            assert Attempts.objects.filter(expires_at__gt=now).count() == 4
            Attempts.objects.all().delete()

    def test_the_sweep_deletes_expired_rows(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows(5, 60)
        monkeypatch.setattr(tasks, "_publish_notifications", lambda: None)
        tasks.sweep()
        assert self.left() == {"5"}


class TestCache:
    """What allauth keeps in Django's cache: values of JSON that expire, readable by nobody in a backup."""

    def test_the_cache_returns_a_value_until_it_expires(self, db: None, at_noon: TimeMachineFixture) -> None:
        cache.set("code", {"granted": None, "scope": ["a"]}, timeout=600)
        assert cache.get("code") == {"granted": None, "scope": ["a"]}
        assert not cache.add("code", 1, timeout=600)
        at_noon.shift(600)
        assert cache.get("code", "gone") == "gone"
        assert cache.add("code", 2, timeout=600)
        cache.set("code", 3, timeout=600)
        assert cache.get("code") == 3
        assert (cache.delete("code"), cache.delete("code"), cache.get("code")) == (True, False, None)

    def test_everything_expires(self, db: None) -> None:
        with pytest.raises(TypeError):
            cache.set("code", 1, timeout=None)

    def test_neither_key_nor_value_can_be_read_in_the_database(self, db: None) -> None:
        cache.set("device-code-of-richard", "user-code-of-richard")
        kept = repr(list(ExpiringValue.objects.values()))
        assert "richard" not in kept
        assert "device" not in kept

    def test_no_other_cache_is_used(self) -> None:
        assert {one["BACKEND"] for one in settings.CACHES.values()} == {"access.signin.cache.ExpiringCache"}
