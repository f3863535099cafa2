"""The warning before a session ends: which end it is, and what makes the session last longer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import User
from tests.factories import NOON, Cast
from tests.integration.pages import unwatched, visitor  # noqa: F401  # a fixture

STATE, MINUTE = reverse("session_end"), timedelta(minutes=1)
IDLE, SOONER = timedelta(seconds=settings.SESSION_IDLE_AGE), timedelta(seconds=settings.APPROVER_IDLE_AGE)
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
QUIET = {"X-Background": "1"}
pytestmark = pytest.mark.usefixtures("unwatched")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def signed_in(person: User) -> Client:
    """Return a client whose session begins now."""
    client = visitor(person)
    client.get(STATE)
    return client


def asked(client: Client) -> Any:
    return client.get(STATE, headers=QUIET).json()


def end_of(state: Any) -> datetime:
    return datetime.fromisoformat(state["ends_at"])


def test_the_page_and_the_script_know_when_the_session_ends(cast: Cast) -> None:
    richard, alice = signed_in(cast.richard), signed_in(cast.alice)
    assert end_of(asked(richard)) == NOON + IDLE
    assert end_of(asked(alice)) == NOON + SOONER
    page = alice.get(reverse("roles")).text
    assert f'data-ends="{(NOON + SOONER).isoformat()}" data-warn="120"' in page
    assert f'data-ends="{(NOON + IDLE).isoformat()}"' in richard.get(reverse("roles")).text


def test_requests_of_scripts_keep_no_session_alive(cast: Cast, time_machine: TimeMachineFixture) -> None:
    richard = signed_in(cast.richard)
    save = f"{reverse('draft_save')}?form={reverse('request_new')}"
    time_machine.move_to(NOON + IDLE - MINUTE, tick=False)
    assert richard.post(save, {"reason": "x"}, headers=QUIET).status_code == 200
    state = asked(richard)
    assert (end_of(state), state["can_stay"]) == (NOON + IDLE, True)
    assert "12:30" in state["said"]
    time_machine.move_to(NOON + IDLE, tick=False)
    assert richard.post(save, {"reason": "x"}, headers=QUIET).status_code == 401


def test_the_button_keeps_the_session_alive(cast: Cast, time_machine: TimeMachineFixture) -> None:
    richard = signed_in(cast.richard)
    time_machine.move_to(NOON + IDLE - MINUTE, tick=False)
    assert end_of(richard.post(STATE).json()) == NOON + 2 * IDLE - MINUTE
    time_machine.move_to(NOON + 2 * IDLE - 2 * MINUTE, tick=False)
    assert asked(richard)["ends_at"]


def test_saving_a_draft_with_the_button_is_a_click(cast: Cast, time_machine: TimeMachineFixture) -> None:
    richard = signed_in(cast.richard)
    time_machine.move_to(NOON + IDLE - MINUTE, tick=False)
    richard.post(f"{reverse('draft_save')}?form={reverse('request_new')}", {"reason": "x"})
    assert end_of(asked(richard)) == NOON + 2 * IDLE - MINUTE


def test_the_last_end_cannot_be_moved(cast: Cast, time_machine: TimeMachineFixture) -> None:
    richard = signed_in(cast.richard)
    session = richard.session
    session["clicked_at"] = (NOON + LONGEST - 10 * MINUTE).timestamp()
    session.save()
    time_machine.move_to(NOON + LONGEST - MINUTE, tick=False)
    for state in (asked(richard), richard.post(STATE).json()):
        assert (end_of(state), state["can_stay"]) == (NOON + LONGEST, False)
        assert "12 hours after you signed in" in state["said"]


def test_the_button_works_only_on_pages_of_daypass(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.richard)
    assert client.post(STATE).status_code == 403


def test_after_the_end_it_says_so_and_keeps_nothing(cast: Cast, time_machine: TimeMachineFixture) -> None:
    richard = signed_in(cast.richard)
    time_machine.move_to(NOON + IDLE, tick=False)
    for state in (asked(richard), richard.post(STATE).json(), asked(Client())):
        assert (state["ends_at"], state["can_stay"]) == (None, False)
        assert "has ended" in state["said"]
    assert "session-end" not in Client().get(reverse("account_login")).text
