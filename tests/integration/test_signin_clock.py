"""Sign-ins go by the database's clock, as all else does: codes, the age of factors, sessions and pages in between."""

import re
import sys
import time
from datetime import datetime, timedelta
from types import ModuleType

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import clock
from access.limits import MINUTE
from access.models import ExpiringValue, Session, User
from access.models.sessions import hash_of_key
from access.signin import factors
from access.signin.clock import DatabaseTime
from demo import codes
from tests.factories import DAY, HOUR, Cast
from tests.integration.pages import text
from tests.integration.test_limits import LOGIN, SEED, by_code, by_password, enrol, is_in
from tests.signin import ask_for_new_password

AHEAD = [HOUR, -HOUR, 2 * MINUTE, -2 * MINUTE]


@pytest.fixture(params=AHEAD, ids=str)
def ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """Let the database's clock be so far ahead of the web process's."""
    distance: timedelta = request.param
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + distance)
    return distance


@pytest.fixture
def richard(cast: Cast) -> User:
    return enrol(cast.richard)


def code_of(at: datetime) -> str:
    return codes.code_at(SEED, at.timestamp())


def test_a_code_of_the_database_time_is_accepted(richard: User, ahead: timedelta, client: Client) -> None:
    by_password(client)
    by_code(client, code_of(clock.now()))
    assert is_in(client)


def test_a_code_of_the_process_time_is_refused(richard: User, ahead: timedelta, client: Client) -> None:
    by_password(client)
    assert "wrong" in text(by_code(client, codes.code_at(SEED, time.time())))
    assert not is_in(client)


def test_a_used_code_is_remembered_as_long_as_it_would_be_valid(
    richard: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: began)
    given = code_of(began)
    by_password(client)
    by_code(client, given)
    assert is_in(client)
    assert max(row.expires_at - began for row in ExpiringValue.objects.all()) == factors.CODE_LIFE
    for seconds in (10, 20, 30, 40, 50, 59):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: began + timedelta(seconds=seconds))
        again = Client()
        by_password(again)
        by_code(again, given)
        assert not is_in(again), seconds


def test_the_age_of_a_factor_is_measured_by_the_database(richard: User, ahead: timedelta, client: Client) -> None:
    by_password(client)
    by_code(client, code_of(clock.now()))
    records = client.session["account_authentication_methods"]
    assert [abs(record["at"] - clock.now().timestamp()) < 60 for record in records] == [True, True]


def test_a_session_ends_by_the_clock_of_the_database(richard: User, ahead: timedelta, client: Client) -> None:
    by_password(client)
    by_code(client, code_of(clock.now()))
    row = Session.objects.get(session_key=hash_of_key(client.session.session_key or ""))
    longest = timedelta(seconds=client.session.get_expiry_age())
    assert abs(row.expire_date - clock.now() - longest) < MINUTE


def test_a_sign_in_that_waits_too_long_for_a_code_begins_again(
    richard: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_password(client)
    now = timezone.now() + 14 * MINUTE + timedelta(seconds=59)
    monkeypatch.setattr(clock, "now", lambda: now)
    by_code(client, code_of(now))
    assert is_in(client)


@pytest.mark.django_db
def test_allauth_reads_the_time_only_from_the_database() -> None:
    """A version of allauth that asks elsewhere is noticed here, and nothing but `time.time` is asked."""
    Client().get(LOGIN)
    loaded = {
        name
        for name, module in sys.modules.items()
        if name.startswith(("allauth.account", "allauth.mfa", "allauth.socialaccount.internal"))
        and isinstance(getattr(module, "time", None), ModuleType)
    }
    assert loaded <= NOT_ASKED, loaded
    asking = [name for name, module in sys.modules.items() if getattr(module, "time", None) is DatabaseTime]
    assert len(asking) >= 6, asking


# Codes by email and browsers that need no second factor are not offered here. Tokens of a provider are judged by PyJWT,
# which asks the process; how long their ids are remembered has to fit that.
NOT_ASKED = {
    "allauth.socialaccount.internal.jwtkit",
    "allauth.account.internal.flows.code_verification",
    "allauth.account.internal.flows.password_reset_by_code",
    "allauth.mfa.internal.flows.trust",
}


def test_the_age_of_a_confirmation_is_measured_by_the_database(richard: User, ahead: timedelta, client: Client) -> None:
    by_password(client)
    by_code(client, code_of(clock.now()))
    question = client.get(reverse("mfa_add_webauthn"))["Location"]
    client.post(question, {"code": code_of(clock.now() + timedelta(seconds=30))})
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


@pytest.mark.parametrize(("days", "status"), [(2, 302), (4, 200)])
def test_a_password_reset_link_ends_by_the_clock_of_the_database(
    richard: User, monkeypatch: pytest.MonkeyPatch, days: int, status: int
) -> None:
    began = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: began)
    ask_for_new_password(richard.email)
    (link,) = re.findall(r"/account/password/reset/key/\S+", str(mail.outbox[0].body))
    monkeypatch.setattr(clock, "now", lambda: began + days * DAY)
    assert Client().get(link).status_code == status


@pytest.mark.parametrize("days", [-400, 400])
def test_a_wrong_clock_of_the_process_makes_no_link_last_longer(
    richard: User, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    began = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: began)
    time_machine.move_to(began + days * DAY)
    ask_for_new_password(richard.email)
    (link,) = re.findall(r"/account/password/reset/key/\S+", str(mail.outbox[0].body))
    time_machine.move_to(began)
    assert Client().get(link).status_code == 302
    monkeypatch.setattr(clock, "now", lambda: began + 4 * DAY)
    assert Client().get(link).status_code == 200
