"""A request's page: its state, its actions, and how to use the access."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import deciding, requests
from access.ledger.grants import mark_applied, mark_problem, mark_removed
from access.ledger.requests import expire_overdue
from access.lifecycle import Problem
from access.models import Grant, Request, RoleState, User
from access.texts.text import Text
from tests import factories, history
from tests.browser.scenes import SCENES
from tests.factories import DAY, HOUR, NOON, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import codes, text, visitor

ROLE_ARN = "arn:aws:iam::111111111111:role/daypass/importantproject-put"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def grant(cast: Cast) -> Grant:
    return factories.create_grant(cast)


@pytest.fixture
def active(grant: Grant) -> Grant:
    return applied(grant)


def applied(grant: Grant, at: datetime = NOON) -> Grant:
    """Return the grant, after AWS was read back with its statement."""
    mark_applied([grant], by="worker", now=at, statements={grant.session_name: {}})
    return again(grant)


def again(grant: Grant) -> Grant:
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)


def said(client: Client, request: Request) -> str:
    """Return the state that the page says, which the page says once."""
    (state,) = re.findall(r'data-state="(\w+)"', client.get(pages.of(request)).content.decode())
    return str(state)


def test_a_grant_in_an_overflow_role_is_shown_under_the_requested_role(cast: Cast, active: Grant) -> None:
    overflow_role = factories.role("importantproject-put-2", overflow_of=cast.role, is_active=False, unique_id="")
    history.unguard()
    Grant.objects.filter(pk=active.pk).update(role=overflow_role)
    history.guard()
    role_page = reverse("role", args=["111111111111", cast.role.name])
    for person in (cast.richard, cast.alice):
        client = visitor(person)
        assert f'href="{role_page}"' in client.get(pages.of(active.request)).content.decode()
        assert pages.of(active.request) in client.get(role_page).content.decode()


# --- The state -----------------------------------------------------------------------------------------------------


def pending(cast: Cast) -> Request:
    return factories.ask(cast)


def denied(cast: Cast) -> Request:
    request = factories.ask(cast)
    deciding.deny(by=cast.alice, request=request, content_hash=request.content_hash, reason="No.", now=NOON)
    return request


def withdrawn(cast: Cast) -> Request:
    request = factories.ask(cast)
    requests.withdraw(by=cast.richard, request=request, now=NOON)
    return request


def expired(cast: Cast) -> Request:
    request = factories.ask(cast, now=NOON - DAY)
    expire_overdue(now=NOON)
    return request


def scheduled(cast: Cast) -> Request:
    return factories.create_grant(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR).request


def activating(cast: Cast) -> Request:
    return factories.create_grant(cast).request


def active_now(cast: Cast) -> Request:
    return applied(factories.create_grant(cast)).request


def blocked(cast: Cast) -> Request:
    grant = factories.create_grant(cast)
    problem = (Problem.PRINCIPAL_MISSING, Text("principal_not_in_iam"))
    mark_problem(grant, problem, in_aws=False, by="worker", now=NOON)
    return grant.request


def ending(cast: Cast) -> Request:
    return applied(factories.create_grant(cast, now=NOON - 2 * HOUR), NOON - 2 * HOUR).request


def ended(cast: Cast) -> Request:
    grant = applied(factories.create_grant(cast, now=NOON - 2 * HOUR), NOON - 2 * HOUR)
    mark_removed([grant], by="worker", now=NOON - HOUR)
    return grant.request


STATES: dict[str, tuple[Callable[[Cast], Request], str]] = {
    "pending": (pending, "Waiting for an approver."),
    "denied": (denied, "Denied by an approver."),
    "withdrawn": (withdrawn, "Withdrawn"),
    "expired": (expired, "Expired without a decision."),
    "scheduled": (scheduled, "Access starts 24 Nov 2026, 13:00 UTC"),
    "activating": (activating, "being written to AWS"),
    "active": (active_now, "usually takes effect within seconds"),
    "blocked": (blocked, "The user or role with the ARN of this AWS identity does not exist in IAM."),
    "ending": (ending, "being removed from AWS"),
    "ended": (ended, "Removal is confirmed in AWS"),
}
MOVING, STILL = {"activating", "ending"}, {"denied", "withdrawn", "expired", "ended"}


@pytest.mark.parametrize("state", STATES)
def test_the_page_shows_the_current_state(cast: Cast, state: str) -> None:
    make, sentence = STATES[state]
    request, client = make(cast), visitor(cast.richard)
    assert said(client, request) == state
    assert sentence in text(client.get(pages.of(request)))


def test_the_page_does_not_call_access_ended_while_a_revocation_is_in_progress(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture
) -> None:
    requests.revoke(by=cast.alice, grant=active, reason="Enough.", now=NOON)
    client = visitor(cast.richard)
    assert "Open sessions may continue" in text(client.get(pages.of(active.request)))
    time_machine.move_to(active.ends_at, tick=False)
    assert "No new session can start" in text(visitor(cast.richard).get(pages.of(active.request)))


def test_right_after_the_end_was_read_back_the_page_says_that_it_propagates(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture
) -> None:
    requests.revoke(by=cast.alice, grant=active, reason="Enough.", now=NOON)
    mark_removed([again(active)], by="worker", now=NOON)
    client = visitor(cast.richard)
    assert "takes effect everywhere within a minute" in text(client.get(pages.of(active.request)))
    time_machine.move_to(NOON + 61 * SECOND, tick=False)
    assert "denied everywhere" not in text(client.get(pages.of(active.request)))


def test_a_stuck_role_is_shown_only_to_people_who_wait_for_it(cast: Cast, active: Grant) -> None:
    waiting = factories.create_grant(cast)
    RoleState.objects.update(failures=6)
    stuck = "Several attempts have failed"
    client = visitor(cast.richard)
    assert stuck in text(client.get(pages.of(waiting.request)))
    assert stuck not in text(client.get(pages.of(active.request)))


@pytest.mark.parametrize("state", STATES)
def test_the_page_refreshes_only_while_something_can_change(cast: Cast, state: str) -> None:
    request = STATES[state][0](cast)
    fragment = visitor(cast.richard).get(pages.of(request, "request_state")).content.decode()
    asked = re.findall(r'hx-trigger="every (\d+)s"', fragment)
    assert asked == ([] if state in STILL else ["2"] if state in MOVING else ["10"])


@pytest.mark.parametrize("state", STATES)
def test_a_refresh_replaces_the_same_part_of_the_page(cast: Cast, state: str) -> None:
    request, client = STATES[state][0](cast), visitor(cast.richard)
    fragment = client.get(pages.of(request, "request_state")).content.decode()
    assert "<html" not in fragment
    assert fragment.count('id="state"') == client.get(pages.of(request)).content.decode().count('id="state"') == 1


def test_the_page_says_active_only_after_aws_was_read_back(
    cast: Cast, grant: Grant, time_machine: TimeMachineFixture
) -> None:
    client = visitor(cast.richard)
    assert said(client, grant.request) == "activating"
    applied(grant)
    assert said(client, grant.request) == "active"
    time_machine.move_to(grant.ends_at, tick=False)
    assert said(visitor(cast.richard), grant.request) == "ending"


def test_a_few_seconds_after_the_write_everything_is_shown(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture
) -> None:
    client = visitor(cast.richard)
    time_machine.move_to(NOON + 15 * SECOND, tick=False)
    assert "within a few seconds" not in text(client.get(pages.of(active.request)))


def test_the_timeline_shows_every_event(cast: Cast, active: Grant) -> None:
    requests.revoke(by=cast.bob, grant=active, reason="The file is there.", now=NOON + SECOND)
    mark_removed([again(active)], by="worker", now=NOON + 2 * SECOND)
    timeline = visitor(cast.alice).get(pages.of(active.request)).context["timeline"]
    assert [(entry.text, entry.by) for entry in timeline] == [
        ("Requested", "Richard"),
        ("Approved", "Alice"),
        ("Applied in AWS and confirmed", ""),
        ("Revoked: The file is there.", "Bob"),
        ("Removed from AWS and confirmed", ""),
    ]


def test_the_timeline_of_a_pending_request_shows_only_when_it_expires(cast: Cast, active: Grant) -> None:
    later = requests.extend(
        by=cast.richard, grant=active, ends_at=active.ends_at + HOUR, reason="Not done yet.", now=NOON
    )
    for request in (pending(cast), later):
        timeline = visitor(cast.richard).get(pages.of(request)).context["timeline"]
        coming = [(entry.text, entry.at) for entry in timeline if entry.kind == "next"]
        assert coming == [("Expires without a decision", request.expires_at)]


def test_the_timeline_shows_future_events(cast: Cast) -> None:
    timeline = visitor(cast.richard).get(pages.of(scheduled(cast))).context["timeline"]
    assert [(entry.text, entry.at) for entry in timeline if entry.kind == "next"] == [
        ("Access starts", NOON + HOUR),
        ("Access ends", NOON + 2 * HOUR),
    ]


# --- What can be done ----------------------------------------------------------------------------------------------


def buttons(client: Client, request: Request) -> set[str]:
    """Return where the forms of the page lead, but for signing out and searching."""
    page = client.get(pages.of(request)).content.decode()
    return {path.split("/")[-2] for path in re.findall(r'<form [^>]*action="([^"]+)"', page)} - {"logout", "search"}


def test_only_richard_can_withdraw_a_pending_request(cast: Cast) -> None:
    request = pending(cast)
    assert [buttons(visitor(person), request) for person in (cast.richard, cast.alice, cast.ada)] == [
        {"withdraw"},
        set(),
        set(),
    ]
    assert visitor(cast.alice).post(pages.of(request, "request_withdraw")).status_code == 409
    answer = visitor(cast.richard).post(pages.of(request, "request_withdraw"), follow=True)
    assert "Request withdrawn." in text(answer)
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_a_decided_request_cannot_be_withdrawn(cast: Cast, grant: Grant) -> None:
    answer = visitor(cast.richard).post(pages.of(grant.request, "request_withdraw"))
    assert answer.status_code == 409
    assert "already approved" in text(answer)


def test_richard_returns_access(cast: Cast, active: Grant) -> None:
    client = visitor(cast.richard)
    assert buttons(client, active.request) == {"again", "return-access"}
    client.post(pages.of(active.request, "return_access"))
    assert again(active).revoked_by == cast.richard
    assert said(client, active.request) == "ending"


@pytest.mark.parametrize("name", ["alice", "bob", "ada"])
def test_responsible_people_can_revoke_with_a_reason(cast: Cast, active: Grant, name: str) -> None:
    person = getattr(cast, name)
    client = visitor(person)
    assert buttons(client, active.request) == {"revoke", "evidence"}
    client.post(pages.of(active.request, "request_revoke"), {"reason": "The file is there."})
    assert (again(active).revoked_by, again(active).revoked_reason) == (person, "The file is there.")
    assert "The file is there." in text(visitor(cast.richard).get(pages.of(active.request)))


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_revoking_without_a_readable_reason_changes_nothing(cast: Cast, active: Grant, reason: str) -> None:
    answer = visitor(cast.alice).post(pages.of(active.request, "request_revoke"), {"reason": reason})
    assert answer.status_code == 400
    assert answer.context["revoke_form"].errors["reason"]
    assert again(active).revoked_at is None


def test_revoking_twice_is_one_revocation_and_a_conflict_for_somebody_else(cast: Cast, active: Grant) -> None:
    def revokes(person: User) -> Any:
        return visitor(person).post(pages.of(active.request, "request_revoke"), {"reason": "Enough."})

    assert [revokes(cast.alice).status_code for _ in range(2)] == [302, 302]
    assert again(active).revoked_by == cast.alice
    answer = revokes(cast.bob)
    assert answer.status_code == 409
    assert "grant_over" in codes(answer)
    assert again(active).revoked_by == cast.alice


@pytest.mark.parametrize("name", ["rita", "mallory"])
@pytest.mark.parametrize("action", ["return_access", "request_revoke", "request_withdraw", "request_extend"])
def test_strangers_can_end_nothing_and_learn_nothing(cast: Cast, active: Grant, name: str, action: str) -> None:
    answer = visitor(getattr(cast, name)).post(pages.of(active.request, action), {"reason": "Because."})
    assert answer.status_code == 404
    assert again(active).revoked_at is None


def test_a_request_without_a_grant_cannot_be_ended(cast: Cast) -> None:
    request = pending(cast)
    assert visitor(cast.richard).post(pages.of(request, "return_access")).status_code == 404
    assert visitor(cast.alice).post(pages.of(request, "request_revoke"), {"reason": "No."}).status_code == 404


def test_richard_requests_an_extension(cast: Cast, active: Grant) -> None:
    later = {"ends_at": "2026-11-24T14:00", "reason": "The upload is slow."}
    answer = visitor(cast.richard).post(pages.of(active.request, "request_extend"), later)
    extension = Request.objects.get(extends=active)
    assert answer["Location"] == pages.of(extension)
    assert extension.ends_at == NOON + 2 * HOUR


def test_an_ended_grant_offers_no_extension(cast: Cast, active: Grant) -> None:
    later = {"ends_at": "2026-11-24T14:00", "reason": "The upload is slow."}
    visitor(cast.richard).post(pages.of(active.request, "request_extend"), later)
    page = pages.of(Request.objects.get(extends=active), "approval")
    offered = '<button class="button button-wide" data-key="a" name="verdict" value="approve">'
    alice = visitor(cast.alice)
    assert offered in alice.get(page).content.decode()
    requests.revoke(by=cast.bob, grant=active, reason="Stop.", now=NOON)
    shown = alice.get(page)
    assert offered not in shown.content.decode()
    assert "This request is withdrawn." in text(shown)


@pytest.mark.parametrize("ends_at", ["2026-11-24T12:30", "2026-11-25T12:00", "later", ""])
def test_an_impossible_extension_is_explained(cast: Cast, active: Grant, ends_at: str) -> None:
    form = {"ends_at": ends_at, "reason": "The upload is slow."}
    answer = visitor(cast.richard).post(pages.of(active.request, "request_extend"), form)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "The upload is slow." in answer.content.decode()
    assert not Request.objects.filter(extends=active).exists()


SHOWN = ("pending", "scheduled", "activating", "active", "blocked", "ending", "ended", "denied", "withdrawn")


@pytest.mark.parametrize("state", SHOWN)
def test_a_screenshot_of_a_request_shows_the_state_that_it_is_named_after(
    cast: Cast, time_machine: TimeMachineFixture, state: str
) -> None:
    within_a_second = NOON + SECOND / 2  # as it is when screenshots are taken
    time_machine.move_to(within_a_second, tick=False)
    scene = SCENES[f"request-{state}"](cast, within_a_second)
    assert scene.person is not None
    page = visitor(scene.person).get(scene.path).content.decode()
    assert re.findall(r'data-state="(\w+)"', page) == [state]
