"""Nothing in the database, or in a backup of it, admits a person who reads it."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access import personal_data
from access.actions import invitations
from access.ledger.subjects import person_subject
from access.models import AuditEvent, Session, User
from access.models.sessions import hash_of_key
from tests.factories import Cast
from tests.integration.pages import text, visitor
from tests.integration.test_limits import PASSWORD, SEED, by_code, by_password, code, enrol, is_in
from tests.signin import ask_for_new_password

WORD = re.compile(r"[A-Za-z0-9_=:.-]{6,}")


@pytest.fixture
def richard(cast: Cast) -> User:
    return enrol(cast.richard)


def in_the_database() -> str:
    """Return every row of every table as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the names are the database's own
            rows += [repr(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def signed_in(person: User) -> Client:
    client = Client()
    by_password(client, email=person.email)
    by_code(client, code())
    assert is_in(client)
    client.get(reverse("usersessions_list"))
    return client


def given_out(client: Client, cast: Cast) -> Iterator[tuple[str, str]]:
    """Yield all that opens something: what it is, and the secret itself."""
    yield from ((name, cookie.value) for name, cookie in client.cookies.items() if cookie.value)
    invitations.deliver(invitations.invite(by=cast.ada, email="new@example.com", now=timezone.now()))
    ask_for_new_password(cast.richard.email)
    for message in mail.outbox:
        yield from ((str(message.subject), word) for word in str(message.body).split() if word.startswith("http"))
    confirmed = visitor(cast.richard)
    confirmed.post(reverse("mfa_generate_recovery_codes"))
    shown = confirmed.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    yield from (("recovery code", one) for one in shown)
    yield from {"seed": SEED, "password": PASSWORD, "one-time code": code()}.items()


def test_the_database_holds_nothing_that_grants_access(richard: User, cast: Cast) -> None:
    secrets = list(given_out(signed_in(richard), cast))
    kinds = {kind for kind, _ in secrets}
    assert {"sessionid", "csrftoken", "browser", "recovery code", "Daypass: Set a new Daypass password"} <= kinds
    assert len(secrets) > 14
    held = in_the_database()
    assert richard.email in held
    for kind, secret in secrets:
        parts = [secret, *secret.rstrip("/").split("/")[-1:]]
        assert [part for part in parts if part in held] == [], kind


def test_no_value_in_the_database_opens_a_session(richard: User) -> None:
    signed_in(richard)
    words = set(WORD.findall(in_the_database()))
    assert any(session.session_key in words for session in Session.objects.all())
    store = import_module(settings.SESSION_ENGINE).SessionStore
    assert [word for word in words if store(word).load()] == []
    thief = Client()
    for session in Session.objects.all():
        thief.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        assert not is_in(thief)


class TestStore:
    """Everything that Django and allauth do with sessions works by the key of the cookie."""

    @pytest.fixture
    def store(self, db: None) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore

    def test_a_session_is_found_only_by_its_key(self, store: Any) -> None:
        mine = store()
        mine["name"] = "Richard"
        mine.save()
        assert store(mine.session_key)["name"] == "Richard"
        (row,) = Session.objects.all()
        assert row.session_key not in {mine.session_key, ""}
        assert (mine.exists(mine.session_key), mine.exists(row.session_key)) == (True, False)
        store().delete(row.session_key)
        assert store(row.session_key).load() == {}
        assert mine.exists(mine.session_key)

    def test_a_new_key_replaces_the_former_one(self, store: Any) -> None:
        mine = store()
        mine["name"] = "Richard"
        mine.save()
        before = mine.session_key
        mine.cycle_key()
        mine.save()
        assert (store(before).load(), store(mine.session_key)["name"]) == ({}, "Richard")
        mine.flush()
        assert not Session.objects.exists()

    def test_the_asynchronous_methods_hash_too(self, commits: None, store: Any) -> None:
        async def use() -> None:
            mine = store()
            await mine.aset("name", "Richard")
            await mine.asave()
            row = await Session.objects.aget()
            assert row.session_key == hash_of_key(mine.session_key)
            assert await store(mine.session_key).aload() == {"name": "Richard"}
            assert [await mine.aexists(key) for key in (mine.session_key, row.session_key)] == [True, False]
            await mine.adelete()
            assert not await Session.objects.aexists()

        asyncio.run(use())

    def test_an_expired_session_is_refused_and_clearsessions_removes_it(self, store: Any) -> None:
        mine, other = store(), store()
        for one, seconds in ((mine, -1), (other, 60)):
            one["name"] = "Richard"
            one.set_expiry(timezone.now() + timedelta(seconds=seconds))
            one.save()
        assert store(mine.session_key).load() == {}
        call_command("clearsessions")
        assert [row.get_decoded()["name"] for row in Session.objects.all()] == ["Richard"]

    def test_the_row_names_the_person_after_the_password_step(self, richard: User) -> None:
        client = Client()
        by_password(client)
        assert [row.person for row in Session.objects.all()] == [richard]
        by_code(client, code())
        assert [row.person for row in Session.objects.all()] == [richard]


class TestList:
    """What a person sees of their sessions, and how they end."""

    def test_address_and_browser_are_shown_and_encrypted(self, richard: User) -> None:
        client = Client(REMOTE_ADDR="192.0.2.77", headers={"User-Agent": "Example/7 <b>"})
        by_password(client)
        by_code(client, code())
        Session.objects.exclude(person=richard).delete()
        shown = client.get(reverse("usersessions_list"))
        assert "192.0.2.77 Example/7 <b>" in text(shown)
        assert "this one" in text(shown)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {Session._meta.db_table}")  # noqa: S608  # our own name
            assert "192.0.2.77" not in repr(cursor.fetchall())

    def test_a_session_of_the_former_password_is_no_longer_listed(self, richard: User) -> None:
        visitor(richard)
        richard.set_password("battery-horse-correct")
        richard.save()
        client = visitor(richard)
        assert len(client.get(reverse("usersessions_list")).context["sessions"]) == 1

    def test_ending_other_sessions_ends_only_ones_own(self, richard: User, cast: Cast) -> None:
        here, there, alice = visitor(richard), visitor(richard), visitor(cast.alice)
        here.post(reverse("usersessions_list"))
        assert (is_in(here), is_in(there), is_in(alice)) == (True, False, True)
        (event,) = AuditEvent.objects.filter(verb="session.others_closed")
        assert (event.subject, event.details["count"]) == (person_subject(richard), 1)

    def test_a_session_can_be_ended_after_a_change_of_the_secret_key(self, richard: User, settings: Any) -> None:
        there = visitor(richard)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-" * 8
        here = visitor(richard)
        assert len(here.get(reverse("usersessions_list")).context["sessions"]) == 2
        here.post(reverse("usersessions_list"))
        assert not is_in(there)

    def test_everybody_sees_the_data_kept_about_them(self, richard: User) -> None:
        signed_in(richard)
        told = personal_data.export_of(richard, now=timezone.now())
        for kept in ("sessions", "remembered_browsers"):
            assert [row["address"] for row in told[kept]] == ["127.0.0.1"], kept
        (row,) = told["remembered_browsers"]
        assert row.keys() == {"signed_in_at", "expires_at", "failures", "address", "user_agent"}
