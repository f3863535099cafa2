"""An approver reduces a request: they see a preview, their approval is bound to it, and nobody approves more."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from access.actions import deciding, requests
from access.models import AuditEvent, Decision, Grant, Notification, Request, Role, User
from access.presenters import diff
from access.rules.facts import Terms
from access.rules.windows import Window, WindowOnApproval
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast
from tests.integration import pages
from tests.integration.environment import Environment
from tests.integration.pages import codes, text, visitor
from tests.integration.test_pages_diff import after, in_aws, normal
from tests.refusals import refusing

OFFICE, DESK = "203.0.113.0/24", "203.0.113.7/32"


def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asked(cast: Cast, time_machine: TimeMachineFixture) -> Request:
    """Return Richard's request for the four hours after noon, from the office."""
    at_noon(time_machine)
    return factories.ask(cast, starts_at=NOON, ends_at=NOON + 4 * HOUR, sources=(OFFICE,))


def local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def shown(client: Client, request: Request, **typed: str) -> tuple[Any, dict[str, str]]:
    """Return the page with these changes, and what its Approve button sends."""
    page = client.get(pages.of(request, "approval"), {"changes": "1", **typed} if typed else {})
    forms = re.findall(r"<form.*?</form>", page.content.decode(), re.DOTALL)
    approve = next((form for form in forms if 'value="approve"' in form), "")
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', approve)
    return page, {name: html.unescape(value) for name, value in fields} | {"verdict": "approve"}


def approve(person: User, request: Request, **typed: str) -> Any:
    client = visitor(person)
    _, form = shown(client, request, **typed)
    return client.post(pages.of(request, "approval"), form)


def lines_of(page: Any) -> list[tuple[str, str]]:
    box = re.findall(r'<pre class="diff".*?</pre>', page.content.decode(), re.DOTALL)[0]
    lines = re.findall(r"<(ins|del|span)>(.) (.*?)</\1>", box)
    return [(sign, html.unescape(line)) for _, sign, line in lines]


def test_alice_shortens_the_window_previews_it_and_approves_it(cast: Cast, asked: Request) -> None:
    client = visitor(cast.alice)
    page, form = shown(client, asked, ends_at=local(NOON + HOUR), sources=DESK)
    (statement,) = after(lines_of(page))["Statement"]
    assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "2026-11-24T13:00:00Z"}
    assert statement["Condition"]["IpAddress"] == {"aws:SourceIp": [DESK]}
    assert "Approve with your changes" in text(page)
    assert client.post(pages.of(asked, "approval"), form).status_code == 302
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at, grant.source_cidrs) == (NOON, NOON + HOUR, [DESK])
    decision = Decision.objects.get()
    assert decision.terms() == Terms(Window(NOON, NOON + HOUR), sources=(DESK,))
    event = AuditEvent.objects.get(verb="decision.approved")
    assert event.details["content_hash"] == form["content_hash"] != asked.content_hash
    assert event.details["terms"]["ends_at"] == "2026-11-24T13:00:00Z"


def test_alice_moves_the_window_in_another_time_zone_and_adds_a_second_factor(cast: Cast, asked: Request) -> None:
    tomorrow = {"starts_at": "2026-11-25T13:00", "ends_at": "2026-11-25T17:00", "time_zone": "Europe/Berlin"}
    assert approve(cast.alice, asked, **tomorrow, mfa="on").status_code == 302
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at, grant.requires_mfa) == (NOON + DAY, NOON + DAY + 4 * HOUR, True)
    assert grant.source_cidrs == [OFFICE]


def test_an_empty_field_keeps_its_value(cast: Cast, asked: Request) -> None:
    page, form = shown(visitor(cast.alice), asked, starts_at="", ends_at="", sources="")
    assert "terms" not in form
    assert form["content_hash"] == asked.content_hash
    assert "with your changes" not in text(page)


@pytest.mark.parametrize("end", [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)])
def test_an_unchanged_end_stays_the_same_even_where_clocks_show_it_twice(
    cast: Cast, time_machine: TimeMachineFixture, end: datetime
) -> None:
    now = end - 4 * HOUR
    time_machine.move_to(now, tick=False)
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Europe/Berlin")
    request = factories.ask(cast, now=now, starts_at=now + HOUR, ends_at=end)
    page, _ = shown(visitor(cast.alice), request)
    filled_in = {name: local(page.context["changes_form"][name].value()) for name in ("starts_at", "ends_at")}
    assert filled_in["ends_at"] == "2026-10-25T02:30:00"
    approve(cast.alice, request, **filled_in, time_zone="Europe/Berlin", sources=DESK)
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at, grant.source_cidrs) == (now + HOUR, end, [DESK])


WIDER = {
    "longer": ({"ends_at": local(NOON + 4 * HOUR + SECOND)}, "window_longer_than_requested"),
    "earlier": (
        {"starts_at": local(NOON - HOUR), "ends_at": local(NOON + HOUR)},
        "start_before_requested",
    ),
    "another network": ({"sources": "198.51.100.0/24"}, "sources_wider_than_requested"),
    "a wider network": ({"sources": "203.0.112.0/23"}, "sources_wider_than_requested"),
    "over": ({"ends_at": local(NOON)}, "end_before_start"),
    "no time": ({"ends_at": "soon"}, "invalid"),
    "no address": ({"sources": "office"}, "source_invalid"),
    "a time that comes twice": ({"ends_at": "2026-10-25T02:30", "time_zone": "Europe/Berlin"}, "time_shown_twice"),
}


@pytest.mark.parametrize(("typed", "code"), WIDER.values(), ids=WIDER)
def test_more_or_invalid_input_is_refused_and_kept_in_the_form(
    cast: Cast, asked: Request, typed: dict[str, str], code: str
) -> None:
    page, form = shown(visitor(cast.alice), asked, **typed)
    assert code in codes(page)
    assert {name: page.context["changes_form"][name].value() for name in typed} == typed
    assert "terms" not in form


FORGED = [
    {"ends_at": "2026-11-24T20:00:00+00:00"},
    {"starts_at": "2026-11-24T11:00:00+00:00"},
    {"sources": []},
    {"sources": ["0.0.0.0/0"]},
    {"sources": "x"},
    {"ends_at": None},
    {"ends_at": "2026-11-24T13:00:00"},
]


@pytest.mark.parametrize("forged", FORGED)
def test_terms_that_no_page_showed_cannot_be_approved(cast: Cast, asked: Request, forged: dict[str, Any]) -> None:
    client = visitor(cast.alice)
    _, form = shown(client, asked, ends_at=local(NOON + HOUR))
    form["terms"] = json.dumps(json.loads(form["terms"]) | forged)
    assert client.post(pages.of(asked, "approval"), form).status_code == 409
    assert not Decision.objects.exists()


@pytest.mark.parametrize("terms", ["{", "[]", "null", "1", "{}", "[" * 5000, '{"starts_at": 1}'])
def test_unreadable_terms_cannot_be_approved(cast: Cast, asked: Request, terms: str) -> None:
    form = {"content_hash": asked.content_hash, "verdict": "approve", "terms": terms}
    assert visitor(cast.alice).post(pages.of(asked, "approval"), form).status_code == 409
    assert not Decision.objects.exists()


def test_wider_terms_are_refused_even_with_their_own_hash(cast: Cast, asked: Request) -> None:
    wider = Terms(Window(NOON, NOON + 5 * HOUR), sources=(OFFICE,))
    with refusing("window_longer_than_requested"):
        deciding.approve(by=cast.alice, request=asked, content_hash=asked.shown_as(wider), terms=wider, now=NOON)


def test_a_changed_role_is_a_conflict_for_reduced_terms_too(cast: Cast, asked: Request) -> None:
    client = visitor(cast.alice)
    _, form = shown(client, asked, ends_at=local(NOON + HOUR))
    Role.objects.update(permissions={"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    answer = client.post(pages.of(asked, "approval"), form)
    assert answer.status_code == 409
    assert "request_content_changed" in codes(answer)
    assert not Grant.objects.exists()


# --- A length that begins with the approval ------------------------------------------------------------------------


@pytest.fixture
def floating(cast: Cast, time_machine: TimeMachineFixture) -> Request:
    """Return Richard's request for four hours from the approval, from the office."""
    at_noon(time_machine)
    return factories.ask(cast, length=4 * HOUR, sources=(OFFICE,))


def test_alice_shortens_a_length_and_it_still_begins_with_the_approval(
    cast: Cast, floating: Request, time_machine: TimeMachineFixture
) -> None:
    page, form = shown(visitor(cast.alice), floating, length="90 minutes")
    (statement,) = after(lines_of(page))["Statement"]
    assert statement["Condition"]["DateGreaterThanEquals"] == {"aws:CurrentTime": "(when approved)"}
    assert statement["Condition"]["DateLessThan"] == {"aws:CurrentTime": "(1 hour 30 minutes after approval)"}
    assert set(page.context["changes_form"].fields) == {"starts_at", "length", "time_zone", "mfa", "sources"}
    time_machine.move_to(NOON + 2 * HOUR, tick=False)
    assert visitor(cast.alice).post(pages.of(floating, "approval"), form).status_code == 302
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at) == (NOON + 2 * HOUR, NOON + 3.5 * HOUR)
    window = WindowOnApproval(1.5 * HOUR, NOON + DAY, NOON + DAY + 4 * HOUR)
    assert Decision.objects.get().terms() == Terms(window, sources=(OFFICE,))
    event = AuditEvent.objects.get(verb="decision.approved")
    assert event.details["terms"]["length"] == "P0DT01H30M00S"


def test_alice_gives_a_length_a_start(cast: Cast, floating: Request) -> None:
    assert approve(cast.alice, floating, starts_at=local(NOON + DAY)).status_code == 302
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at) == (NOON + DAY, NOON + DAY + 4 * HOUR)


WIDER_LENGTHS = {
    "longer": ({"length": "4 hours 1 second"}, "window_longer_than_requested"),
    "too late": ({"starts_at": local(NOON + DAY + SECOND)}, "start_after_latest"),
    "over": ({"starts_at": local(NOON - 4 * HOUR)}, "end_in_past"),
    "no length": ({"length": "a while"}, "duration_invalid"),
    "no time left": ({"starts_at": "9999-12-31T23:30"}, "time_out_of_range"),
}


@pytest.mark.parametrize(("typed", "code"), WIDER_LENGTHS.values(), ids=WIDER_LENGTHS)
def test_more_than_the_length_is_refused(cast: Cast, floating: Request, typed: dict[str, str], code: str) -> None:
    page, form = shown(visitor(cast.alice), floating, **typed)
    assert code in codes(page)
    assert "terms" not in form


FORGED_LENGTHS: list[dict[str, Any]] = [
    {"length": 5 * 3600},
    {"length": 10**12},
    {"length": -1},
    {"length": "1e5"},
    {"length": None},
    {"latest_start": "2026-11-30T12:00:00+00:00"},
    {"latest_end": "9999-12-31T23:00:00+00:00"},
    {"latest_end": "0001-01-01T00:00:00+00:00"},
    {"latest_start": "2026-11-25T12:00:00"},
]


@pytest.mark.parametrize("forged", FORGED_LENGTHS)
def test_lengths_that_no_page_showed_cannot_be_approved(cast: Cast, floating: Request, forged: dict[str, Any]) -> None:
    client = visitor(cast.alice)
    _, form = shown(client, floating, length="1 hour")
    form["terms"] = json.dumps(json.loads(form["terms"]) | forged)
    assert client.post(pages.of(floating, "approval"), form).status_code == 409
    assert not Decision.objects.exists()


def test_the_second_approver_sees_the_shorter_length_and_it_begins_with_their_approval(
    cast: Cast, floating: Request, time_machine: TimeMachineFixture
) -> None:
    Role.objects.update(quorum=2)
    approve(cast.alice, floating, length="1 hour")
    assert not Grant.objects.exists()
    time_machine.move_to(NOON + 5 * HOUR, tick=False)
    page, _ = shown(visitor(cast.bob), floating)
    assert "Alice approved this window: 1 hour from approval" in text(page)
    approve(cast.bob, floating)
    grant = Grant.objects.get()
    assert (grant.starts_at, grant.ends_at) == (NOON + 5 * HOUR, NOON + 6 * HOUR)


# --- More than one approval -----------------------------------------------------------------------------------------


@pytest.fixture
def by_two(asked: Request) -> Request:
    Role.objects.update(quorum=2)
    return Request.objects.get()


def test_the_second_approver_sees_and_approves_the_reduced_terms(cast: Cast, by_two: Request) -> None:
    approve(cast.alice, by_two, ends_at=local(NOON + HOUR))
    assert not Grant.objects.exists()
    page, form = shown(visitor(cast.bob), by_two)
    assert "Alice approved this window:" in text(page)
    assert form["content_hash"] != by_two.content_hash
    approve(cast.bob, by_two)
    assert Grant.objects.get().ends_at == NOON + HOUR


def test_an_approval_of_more_does_not_count_for_less(cast: Cast, by_two: Request) -> None:
    approve(cast.alice, by_two)
    approve(cast.bob, by_two, ends_at=local(NOON + HOUR))
    assert not Grant.objects.exists()
    page, _ = shown(visitor(cast.alice), by_two)
    assert "Bob approved this window:" in text(page)
    assert "already approved or denied" not in text(page)
    approve(cast.alice, by_two)
    assert Grant.objects.get().ends_at == NOON + HOUR
    assert Decision.objects.filter(approver=cast.alice).count() == 2


def test_an_approval_from_an_outdated_page_is_a_conflict(cast: Cast, by_two: Request) -> None:
    _, before = shown(visitor(cast.bob), by_two)
    approve(cast.alice, by_two, ends_at=local(NOON + HOUR))
    answer = visitor(cast.bob).post(pages.of(by_two, "approval"), before)
    assert answer.status_code == 409
    assert "page_outdated_request" in codes(answer)
    assert not Grant.objects.exists()


def test_the_second_approver_can_reduce_it_again_but_not_extend_it(cast: Cast, by_two: Request) -> None:
    approve(cast.alice, by_two, ends_at=local(NOON + HOUR))
    page, form = shown(visitor(cast.bob), by_two, ends_at=local(NOON + 2 * HOUR))
    assert "window_longer_than_requested" in codes(page)
    assert "terms" not in form


def test_a_denial_is_bound_to_the_current_terms(cast: Cast, by_two: Request) -> None:
    approve(cast.alice, by_two, ends_at=local(NOON + HOUR))
    no = {"verdict": "deny", "reason": "Not at all."}
    client, url = visitor(cast.bob), pages.of(by_two, "approval")
    assert client.post(url, no | {"content_hash": by_two.content_hash}).status_code == 409
    assert client.post(url, no | {"content_hash": by_two.facts().content_hash}).status_code == 302
    assert Request.objects.get().state == "denied"


def test_approvers_who_have_to_decide_again_are_notified(cast: Cast, by_two: Request) -> None:
    approve(cast.alice, by_two)
    approve(cast.bob, by_two, ends_at=local(NOON + HOUR))
    assert Request.objects.get().notify_next_at == NOON


# --- An extension ---------------------------------------------------------------------------------------------------


def test_an_extension_can_be_made_earlier_and_nothing_else(cast: Cast, time_machine: TimeMachineFixture) -> None:
    at_noon(time_machine)
    grant = factories.create_grant(cast)
    request = requests.extend(
        by=cast.richard, grant=grant, ends_at=grant.ends_at + 3 * HOUR, reason="Not done yet.", now=NOON
    )
    page, _ = shown(visitor(cast.alice), request)
    assert set(page.context["changes_form"].fields) == {"ends_at", "time_zone"}
    assert approve(cast.alice, request, ends_at=local(grant.ends_at + HOUR)).status_code == 302
    assert Grant.objects.get().ends_at == grant.ends_at + HOUR


# --- What AWS gets -------------------------------------------------------------------------------------------------


def test_aws_gets_the_reduced_statement_that_alice_was_shown(env: Environment) -> None:
    env.reconcile()
    request = factories.ask(env.cast, now=env.clock(), length=4 * HOUR, principal_arn=env.richard_arn)
    page, form = shown(visitor(env.cast.alice), request, length="1 hour", mfa="on", sources=OFFICE)
    (statement,) = after(lines_of(page))["Statement"]
    assert statement["Condition"]["DateGreaterThanEquals"] == {"aws:CurrentTime": str(diff.WHEN_APPROVED)}
    assert visitor(env.cast.alice).post(pages.of(request, "approval"), form).status_code == 302
    env.clock.at = timezone.now() + SECOND
    env.reconcile()
    assert normal(statement, grant=Grant.objects.get()) == normal(in_aws(env, request.session_name))


def test_the_requester_is_notified_of_the_decision_without_details(cast: Cast, asked: Request) -> None:
    approve(cast.alice, asked)
    email = Notification.objects.get(kind="decided")
    assert email.person == cast.richard
