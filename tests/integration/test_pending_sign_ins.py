"""A sign-in that waits for its second factor ends with the sessions: it opens nothing after a change of the password, a
sign-out everywhere, or once the account is disabled, not even in the same moment.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access.actions import people
from access.models import AuditEvent, KnownBrowser, Refusal, Session, User
from access.signin.account import AccountAdapter
from access.signin.sessions import WITHOUT_PERSON
from tests.factories import NOON, Cast
from tests.integration.pages import codes, visitor
from tests.integration.test_limits import PASSWORD, by_code, by_password, code, enrol, is_in
from tests.signin import ask_for_new_password

ALICE = "alice@example.com"
NEW = {"password1": "battery-horse-correct", "password2": "battery-horse-correct"}
WAYS = ["new password", "forgotten password", "set by hand", "signed out everywhere", "disabled", "disabled by hand"]
End = Callable[[str], None]


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def alice(cast: Cast) -> User:
    return enrol(cast.alice)


@pytest.fixture
def waiting(alice: User) -> Client:
    """Return a browser in which Alice's password was used, and nothing else."""
    client = Client()
    assert by_password(client, email=ALICE)["Location"] == reverse("mfa_authenticate")
    return client


@pytest.fixture
def end(alice: User, cast: Cast) -> End:
    """End what is open for Alice's account, in one of the ways that there are."""
    hers = visitor(alice)

    def run(way: str) -> None:
        match way:
            case "new password":
                hers.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})
            case "forgotten password":
                ask_for_new_password(alice.email)
                link = next(word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
                stranger = Client()
                stranger.post(stranger.get(link, follow=True).redirect_chain[-1][0], NEW)
            case "set by hand":
                alice.set_password(NEW["password1"])
                alice.save()
            case "signed out everywhere":
                hers.post(reverse("usersessions_list"))
            case "disabled":
                people.disable_person_or_company(by=cast.ada, what=alice, now=timezone.now())
            case "disabled by hand":
                User.objects.filter(pk=alice.pk).update(is_active=False)

    return run


def opens_nothing(client: Client) -> bool:
    """Return whether the browser is signed out, for an account that is active again, and no page says otherwise."""
    User.objects.filter(email=ALICE).update(is_active=True)
    known = settings.KNOWN_BROWSER_COOKIE_NAME in client.cookies
    return not (is_in(client) or known or KnownBrowser.objects.exists())


@pytest.mark.parametrize("way", WAYS)
def test_a_pending_sign_in_is_ended_by(waiting: Client, end: End, way: str) -> None:
    end(way)
    answer = by_code(waiting, code())
    assert answer["Location"].startswith((reverse("account_login"), reverse("account_inactive")))
    assert opens_nothing(waiting)
    assert not AuditEvent.objects.filter(verb="session.opened").exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_pending_sign_in_ends_while_its_code_is_checked(
    waiting: Client, end: End, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = AccountAdapter.login

    def late(self: Any, request: Any, user: User) -> None:
        end(way)
        login(self, request, user)

    monkeypatch.setattr(AccountAdapter, "login", late)
    answer = by_code(waiting, code())
    assert answer["Location"].startswith((reverse("account_login"), reverse("account_inactive")))
    if not way.startswith("disabled"):
        assert "sign_in_ended" in codes(waiting.get(answer["Location"]))
    assert opens_nothing(waiting)
    assert not AuditEvent.objects.filter(verb="session.opened").exists()
    assert Refusal.objects.filter(page__startswith="mfa_authenticate").exists()


@pytest.mark.parametrize("way", WAYS[:-1])  # by hand no session is ended
def test_a_pending_sign_in_ends_before_its_answer_is_sent(
    waiting: Client, end: End, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_login = AccountAdapter.post_login

    def late(self: Any, *args: Any, **facts: Any) -> Any:
        end(way)
        return post_login(self, *args, **facts)

    monkeypatch.setattr(AccountAdapter, "post_login", late)
    waiting.raise_request_exception = False
    assert by_code(waiting, code()).status_code in {302, 400}
    assert opens_nothing(waiting)


def test_a_sign_in_pending_during_an_upgrade_begins_again(waiting: Client) -> None:
    session = waiting.session
    del session["signing_in"]
    session.save()
    answer = by_code(waiting, code())
    assert "sign_in_ended" in codes(waiting.get(answer["Location"]))
    assert opens_nothing(waiting)


def test_ending_other_sessions_ends_it_and_nothing_else_does(waiting: Client, alice: User) -> None:
    (row,) = Session.objects.all()
    assert (row.person, row.expire_date) == (alice, NOON + WITHOUT_PERSON)
    by_code(waiting, code())
    assert is_in(waiting)
    assert "signing_in" not in waiting.session


def test_the_pending_sign_in_of_somebody_else_continues(waiting: Client, cast: Cast) -> None:
    visitor(cast.bob).post(reverse("usersessions_list"))
    by_code(waiting, code())
    assert is_in(waiting)
