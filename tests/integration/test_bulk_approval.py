"""Several requests on one page and with one click: each shown exactly, each decided by itself."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.actions import deciding, requests
from access.models import Account, Decision, Grant, Request, User
from access.texts.text import Text
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor
from tests.signin import sign_in

BULK = reverse("bulk_approval")


@pytest.fixture
def waiting(cast: Cast, time_machine: TimeMachineFixture) -> list[Request]:
    """Return two requests of Richard's and one of Rita's."""
    time_machine.move_to(NOON, tick=False)
    first, second = (factories.ask(cast, reason=f"Upload file {number}.") for number in (1, 2))
    return [first, second, factories.ask(cast, by=cast.rita, principal_arn="", reason="Look it through.")]


def opened(client: Client, *chosen: Request) -> tuple[Any, dict[str, Any]]:
    """Return the page of these requests, and what its form sends: the ticked boxes and the hidden fields."""
    page = client.get(BULK, {"request": [str(request.public_id) for request in chosen]})
    return page, sent_by(page)


def sent_by(page: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"request": [], "shown": []}
    for tag in re.findall(r"<input [^>]*>", page.content.decode()):
        name, value = (html.unescape(re.search(rf'{key}="(.*?)"', tag)[1]) for key in ("name", "value"))  # type: ignore[index]
        if 'type="checkbox"' in tag and "checked" not in tag:
            continue
        if name in {"request", "shown"}:
            fields[name].append(value)
        else:
            fields[name] = value
    return fields


def test_several_requests_can_be_selected_in_the_inbox(cast: Cast, waiting: list[Request]) -> None:
    page = visitor(cast.alice).get(reverse("inbox")).content.decode()
    assert all(f'name="request" value="{request.public_id}"' in page for request in waiting)
    assert "Review selected" in page


def test_each_is_shown_exactly_and_all_are_approved_with_one_click(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    page, form = opened(client, *waiting)
    assert page.content.decode().count('<pre class="diff"') == 2  # one of each policy for all three
    assert page.content.decode().index("</table>") < page.content.decode().index("<pre")
    assert "3 statements added" in text(page)
    for request in waiting:
        assert request.reason in text(page)
        assert request.session_name in text(page)
    answer = client.post(BULK, form | {"verdict": "approve"})
    assert answer["Location"] == reverse("inbox")
    assert Grant.objects.count() == 3
    assert {d.content_hash for d in Decision.objects.all()} == {request.content_hash for request in waiting}


def test_a_changed_request_is_skipped_with_a_message_while_the_others_are_decided(
    cast: Cast, waiting: list[Request]
) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    factories.approve(cast, waiting[1], by=cast.bob)
    answer = client.post(BULK, form | {"verdict": "approve"})
    assert answer.status_code == 409
    assert "Bob approved the request on 24 Nov 2026, 12:00 UTC." in text(answer)
    assert text(answer).count("Decision recorded.") == 2
    assert Decision.objects.filter(approver=cast.alice).count() == 2
    assert Grant.objects.count() == 3


def test_each_approval_is_bound_to_its_own_hash(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    first, second = (f"content_hash_{request.public_id}" for request in waiting[:2])
    swapped = form | {first: form[second], second: form[first], "verdict": "approve"}
    answer = client.post(BULK, swapped)
    assert answer.status_code == 409
    assert [grant.request for grant in Grant.objects.all()] == [waiting[2]]


def test_all_can_be_denied_with_one_reason_but_not_without_one(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    again = client.post(BULK, form | {"verdict": "deny", "reason": " "})
    assert again.context["form"].errors["reason"]
    assert not Decision.objects.exists()
    client.post(BULK, form | {"verdict": "deny", "reason": "Not this week."})
    assert set(Request.objects.values_list("state", flat=True)) == {"denied"}


@pytest.mark.parametrize("ticked", [["nonsense"], ["00000000-0000-0000-0000-000000000000"]])
def test_an_unknown_request_is_not_found(cast: Cast, waiting: list[Request], ticked: list[str]) -> None:
    assert visitor(cast.alice).get(BULK, {"request": ticked}).status_code == 404


def test_beyond_ten_the_others_stay_in_the_inbox_with_a_message(cast: Cast, waiting: list[Request]) -> None:
    ticked = [*waiting, *factories.like(waiting[0], 11)]
    page, form = opened(visitor(cast.alice), *ticked)
    assert form["shown"] == [str(one.public_id) for one in ticked[:10]]
    assert "This page shows at most ten requests. 4 more selected requests are still in your inbox." in text(page)
    page, _ = opened(visitor(cast.alice), *ticked[:10])
    assert "at a time" not in text(page)


def test_selecting_nothing_leads_back_to_the_inbox(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    assert client.get(BULK)["Location"] == reverse("inbox")
    assert client.post(BULK, {"verdict": "approve"})["Location"] == reverse("inbox")


def test_people_who_are_not_approvers_do_not_find_the_page(cast: Cast, waiting: list[Request]) -> None:
    people: list[User] = [cast.richard, cast.rita, cast.ada, cast.mallory]
    for person in people:
        client = visitor(person)
        assert client.get(BULK, {"request": str(waiting[0].public_id)}).status_code == 404
        assert client.post(BULK, {"request": waiting[0].public_id, "verdict": "approve"}).status_code == 404
    assert not Decision.objects.exists()


def test_it_requires_a_recent_factor_as_a_single_decision_does(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    sign_in(client, cast.alice, factor_age=settings.FACTOR_MAX_AGE + 1)
    assert "reauthenticate" in client.post(BULK, form | {"verdict": "approve"})["Location"]
    assert not Decision.objects.exists()


def test_a_request_reduced_meanwhile_is_not_approved_as_it_was(cast: Cast, waiting: list[Request]) -> None:
    cast.role.quorum = 2
    cast.role.save()
    client = visitor(cast.alice)
    _, form = opened(client, waiting[0])
    shorter = replace(waiting[0].terms(), window=waiting[0].window(HOUR / 2))
    deciding.approve(
        by=cast.bob, request=waiting[0], content_hash=waiting[0].shown_as(shorter), terms=shorter, now=NOON
    )
    assert client.post(BULK, form | {"verdict": "approve"}).status_code == 409
    assert not Grant.objects.exists()
    assert pages.of(waiting[0])


def test_a_request_that_cannot_be_approved_is_not_ticked_and_says_why(cast: Cast, waiting: list[Request]) -> None:
    other = factories.role("another", unique_id="AROAANOTHERANOTHER001")
    other.approvers.add(cast.alice)
    other.contractors.add(*cast.role.contractors.all())
    refused = factories.ask(cast, role=other)
    other.contractors.clear()
    page, form = opened(visitor(cast.alice), *waiting, refused)
    assert form["request"] == [str(one.public_id) for one in waiting]
    assert "Cannot be approved: The role is disabled, or the contractor's contract no longer includes it." in text(page)
    # It can still be denied.
    visitor(cast.alice).post(BULK, form | {"request": [refused.public_id], "verdict": "deny", "reason": "Too late."})
    assert Request.objects.get(pk=refused.pk).state == "denied"


def test_requests_beyond_the_capacity_of_the_role_are_not_ticked(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, waiting[2])
    assert form["request"] == [str(waiting[2].public_id)]
    Account.objects.update(trust_quota=1000)
    page, form = opened(client, *waiting)
    assert 0 < len(form["request"]) < 3
    assert text(page).count(f"Cannot be approved: {Text('role_full')}") == 3 - len(form["request"])
    client.post(BULK, form | {"verdict": "approve"})
    assert Grant.objects.count() == len(form["request"])


def test_of_two_extensions_of_one_grant_one_is_ticked(cast: Cast, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    grant = factories.create_grant(cast)
    asked = [
        requests.extend(by=cast.richard, grant=grant, ends_at=grant.ends_at + n * HOUR, reason="More.", now=NOON)
        for n in (1, 2)
    ]
    page, form = opened(visitor(cast.alice), *asked)
    assert form["request"] == [str(asked[0].public_id)]
    assert "Another selected request extends the same grant" in text(page)


def test_the_preview_of_other_ticks_shows_only_those_and_needs_no_factor(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    sign_in(client, cast.alice, factor_age=settings.FACTOR_MAX_AGE + 1)
    answer = client.post(BULK, form | {"request": form["request"][1:], "verdict": "preview", "company": "x"})
    page = client.get(answer["Location"])
    assert sent_by(page)["shown"] == form["request"][1:]
    assert "csrfmiddlewaretoken" not in answer["Location"]
    assert "2 statements added" in text(page)


def test_ticks_stay_as_they_were_when_the_reason_is_missing(cast: Cast, waiting: list[Request]) -> None:
    client = visitor(cast.alice)
    _, form = opened(client, *waiting)
    again = client.post(BULK, form | {"request": form["request"][:1], "verdict": "deny", "reason": ""})
    assert sent_by(again)["request"] == form["request"][:1]
    assert sent_by(again)["shown"] == form["shown"]


def test_ten_requests_need_no_more_queries_than_two(
    cast: Cast, waiting: list[Request], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ticked = [*waiting, *factories.like(waiting[0], 7)]
    client = visitor(cast.alice)
    opened(client, *ticked)
    counts = []
    for some in (ticked[:2], ticked):
        with django_assert_max_num_queries(22) as queries:
            assert opened(client, *some)[0].status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
