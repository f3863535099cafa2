"""Somebody clicks twice, and both clicks arrive: both get the same answer, and no page says the opposite of another."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import urls
from access.actions import requests
from access.models import Decision, Grant, Request
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import codes, decision, text, visitor
from tests.signin import sign_in

PASSWORD = "correct horse battery staple"
BACK = re.compile(r'href="([^"]+)">Go back</a>')


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asked(cast: Cast) -> Request:
    return factories.ask(cast)


@pytest.fixture
def grant(cast: Cast) -> Grant:
    return factories.create_grant(cast)


def twice(client: Client, url: str, data: Mapping[str, Any] = {}) -> str:
    """Send the same form twice, without reading the first answer; return the text of the page that comes last."""
    first, second = client.post(url, data), client.post(url, data)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    return text(client.get(second["Location"]))


@pytest.mark.parametrize("verdict", ["approve", "deny"])
def test_a_decision_sent_twice_is_recorded_once_and_confirmed_once(cast: Cast, asked: Request, verdict: str) -> None:
    page = twice(visitor(cast.alice), pages.of(asked, "approval"), decision(asked, verdict=verdict, reason="No."))
    assert page.count("Decision recorded.") == 1
    assert "not recorded" not in page
    assert Decision.objects.count() == 1


def test_approving_and_denying_together_reports_the_result_of_each(cast: Cast, asked: Request) -> None:
    client, url = visitor(cast.alice), pages.of(asked, "approval")
    client.post(url, decision(asked, verdict="approve"))
    second = client.post(url, decision(asked, verdict="deny", reason="No."))
    assert second.status_code == 409
    assert "Your decision was not recorded." in text(second)
    assert "Decision recorded." not in text(second)
    assert "Decision recorded." in text(client.get(pages.of(asked)))
    assert [one.verdict for one in Decision.objects.all()] == ["approve"]


def test_the_decision_of_somebody_else_is_never_reported_as_ones_own(cast: Cast, asked: Request) -> None:
    asked.role.approvers.add(cast.ada)
    visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    late = visitor(cast.ada).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert late.status_code == 409
    assert "Your decision was not recorded." in text(late)


def test_several_decisions_sent_twice_are_recorded_once(cast: Cast, asked: Request) -> None:
    form = {"verdict": "approve", "request": [asked.public_id], f"content_hash_{asked.public_id}": asked.content_hash}
    page = twice(visitor(cast.alice), "/approvals/bulk/", form)
    assert page.count("1 decision recorded.") == 1


def test_a_request_is_withdrawn_twice_with_one_answer(cast: Cast, asked: Request) -> None:
    page = twice(visitor(cast.richard), pages.of(asked, "request_withdraw"))
    assert page.count("Request withdrawn.") == 1


def test_access_is_returned_twice_with_one_answer(cast: Cast, grant: Grant) -> None:
    page = twice(visitor(cast.richard), pages.of(grant.request, "return_access"))
    assert page.count("Access returned.") == 1


def test_access_is_revoked_twice_with_one_answer(cast: Cast, grant: Grant) -> None:
    page = twice(visitor(cast.alice), pages.of(grant.request, "request_revoke"), {"reason": "Enough."})
    assert page.count("Revoked.") == 1


def test_a_revocation_after_that_of_somebody_else_is_reported_as_too_late(cast: Cast, grant: Grant) -> None:
    requests.revoke(by=cast.alice, grant=grant, reason="Enough.", now=NOON)
    late = visitor(cast.ada).post(pages.of(grant.request, "request_revoke"), {"reason": "Mine."})
    assert late.status_code == 409
    assert "Nothing was changed" in text(late)


def test_an_extension_sent_twice_is_requested_once(cast: Cast, grant: Grant) -> None:
    client, url = visitor(cast.richard), pages.of(grant.request, "request_extend")
    end = grant.ends_at + HOUR
    form = {"ends_at": f"{end:%Y-%m-%dT%H:%M}", "reason": "More.", "time_zone": "UTC"}
    first, second = client.post(url, form), client.post(url, form)
    assert first.status_code == 302
    assert Request.objects.filter(extends=grant).count() == 1, text(second)


class TestAnAddressThatTakesOnlyAForm:
    """Opened as a page, it says so and leads back; a page to which a form is sent says that it takes none."""

    def test_every_form_has_a_page_and_a_link_back(self, cast: Cast, grant: Grant) -> None:
        client = visitor(cast.ada)
        seen = set()
        for name, url in form_addresses(grant):
            answer = client.get(url)
            if answer.status_code == 405:
                seen.add(name)
                assert "form_address_only" in codes(answer), name
                assert "POST" in answer["Allow"], name
                way = BACK.search(answer.content.decode())
                assert way, name
                assert client.get(way.group(1)).status_code in {200, 302, 404}, name
        assert seen >= {"request_withdraw", "request_revoke", "review_export", "account_test", "delegation_end"}

    def test_the_link_back_is_the_closest_page_above(self, cast: Cast, asked: Request) -> None:
        page = visitor(cast.richard).get(pages.of(asked, "request_withdraw")).content.decode()
        assert f'href="{pages.of(asked)}">Go back</a>' in page

    def test_a_form_sent_to_a_page_is_answered_with_a_page(self, cast: Cast, asked: Request) -> None:
        answer = visitor(cast.richard).post(pages.of(asked))
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD"
        assert "This page does not accept forms" in text(answer)
        assert f'href="{pages.of(asked)}">Go back</a>' in answer.content.decode()

    def test_signed_out_users_learn_nothing_more(self, asked: Request) -> None:
        answer = Client().get(pages.of(asked, "request_withdraw"))
        assert answer.status_code == 302
        assert "/account/login/" in answer["Location"]


def form_addresses(grant: Grant) -> list[tuple[str, str]]:
    """Return name and address of everything in the portal's own URLs, with values for what they name."""
    values = {"public_id": grant.request.public_id, "account_id": grant.role.account.account_id}
    values |= {"name": grant.role.name, "number": 1, "index": 1, "how": "x", "kind_name": "roles", "key": "x"}
    found = []
    for pattern in urls.urlpatterns:
        wanted = pattern.pattern.converters
        if set(wanted) <= set(values) and pattern.name:
            known = {name: values[name] for name in wanted}
            if pattern.name.startswith("review"):
                known["name"] = "granted"
            found.append((pattern.name, reverse(pattern.name, kwargs=known if wanted else None)))
    return found


class TestAFileAfterAConfirmation:
    """A file that came right after the question would leave the browser on the question's form."""

    @pytest.mark.parametrize("what", ["evidence", "list", "own data"])
    def test_a_get_of_a_form_address_leads_back_to_its_form(self, cast: Cast, grant: Grant, what: str) -> None:
        url, form, back = {
            "evidence": (pages.of(grant.request, "request_evidence"), {}, pages.of(grant.request)),
            "list": (
                reverse("review_export", args=["granted"]),
                {"days": "30", "word": "x"},
                reverse("review", args=["granted"]) + "?days=30&word=x&approver=&sponsor=",
            ),
            "own data": (reverse("personal_data"), {}, reverse("personal_data")),
        }[what]
        client = visitor(cast.alice, confirmed=False)
        cast.alice.set_password(PASSWORD)
        cast.alice.save(update_fields=["password"])
        sign_in(client, cast.alice, confirmed=False)
        question = client.post(url, form)
        answer = client.post(question["Location"], {"password": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, back)
        assert "Confirmed. Start the download again on this page." in text(client.get(back))
        assert "attachment" in client.post(url, form)["Content-Disposition"]
