"""The inbox: what each row says, its filter in the address, and what comes after a decision."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.actions import deciding, requests
from access.models import Company, Request, Role
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import decision, text, visitor

INBOX = reverse("inbox")
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def three(cast: Cast) -> list[Request]:
    """Return requests of two companies for two roles in two accounts; one role allows everything."""
    second = factories.role("wide", account=factories.account("333333333333"), permissions=EVERYTHING)
    second.approvers.add(cast.alice)
    ron = factories.user("ron")
    second.contractors.add(factories.contractor(ron, sponsor=cast.alice, company=factories.company("Contractor B")))
    first = factories.ask(cast, reason="The first.")
    wide = factories.ask(cast, now=NOON + HOUR / 60, by=ron, role=second, principal_arn="", reason="Everything.")
    third = factories.ask(cast, now=NOON + HOUR / 30, by=cast.rita, principal_arn="", reason="The third.")
    return [first, wide, third]


def rows(client: Client, **asked: str) -> list[str]:
    """Return the text of each row of the list."""
    page = client.get(INBOX, asked).content.decode()
    found = re.findall(r"<tr>.*?</tr>", page.partition("inbox-table")[2], re.DOTALL)[1:]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in found]


def company(name: str) -> str:
    return str(Company.objects.get(name=name).public_id)


def test_a_row_says_start_length_expiry_and_what_to_note(cast: Cast) -> None:
    Role.objects.update(permissions=EVERYTHING)
    grant = factories.create_grant(cast)
    requests.extend(by=cast.richard, grant=grant, ends_at=grant.ends_at + 2 * HOUR, reason="More.", now=NOON)
    start = NOON + HOUR / 2
    factories.ask(cast, starts_at=start, ends_at=start + HOUR)
    factories.ask(cast, by=cast.rita, principal_arn="")
    extension, overlapping, first = rows(visitor(cast.alice))
    assert "24 Nov 2026, 13:00 UTC 2 hours 1 hour high finding extension" in extension
    assert "overlap" not in extension  # the grant that it extends is no other
    assert "24 Nov 2026, 12:30 UTC 1 hour 1 hour 30 minutes" in overlapping
    assert "overlap" in overlapping
    assert "first time" not in overlapping
    assert "when approved 1 hour 1 day high finding first time" in first
    assert "overlap" not in first


def test_a_request_that_an_approver_reduced_shows_its_present_length(cast: Cast) -> None:
    Role.objects.update(quorum=2)
    asked = factories.ask(cast, ends_at=NOON + 4 * HOUR)
    less = replace(asked.terms(), window=asked.window(HOUR))
    deciding.approve(by=cast.bob, request=asked, content_hash=asked.shown_as(less), terms=less, now=NOON)
    (row,) = rows(visitor(cast.alice))
    assert "when approved 1 hour 1 day" in row


def test_the_list_is_filtered_and_an_unknown_value_is_as_if_it_were_not_there(cast: Cast, three: list[Request]) -> None:
    hidden = factories.role("hidden")
    hidden.approvers.add(cast.bob)
    rex = factories.user("rex")
    hidden.contractors.add(factories.contractor(rex, sponsor=cast.bob, company=factories.company("Contractor C")))
    factories.ask(cast, by=rex, role=hidden, principal_arn="")
    client, everything = visitor(cast.alice), ["The first.", "Everything.", "The third."]
    for name, value, reasons in (
        ("company", company("Contractor B"), ["Everything."]),
        ("role", "111111111111/importantproject-put", ["The first.", "The third."]),
        ("account", "333333333333", ["Everything."]),
        ("company", company("Contractor C"), everything),  # they approve none of its requests
        ("role", "111111111111/hidden", everything),
        ("company", "00000000-0000-0000-0000-000000000000", everything),
        ("account", "\0", everything),
    ):
        found = rows(client, **{name: value})
        assert [next((one for one in reasons if one in row), row) for row in found] == reasons, (name, value)
    options = re.findall(r"<option.*?</option>", client.get(INBOX).content.decode())
    assert len(options) == 3 + 2 + 2 + 2
    assert not any("Contractor C" in option or "hidden" in option for option in options)


def test_the_filter_stays_in_the_address_of_each_decision(cast: Cast, three: list[Request]) -> None:
    client = visitor(cast.alice)
    chosen = company("Contractor A")
    page = client.get(INBOX, {"company": chosen}).content.decode()
    assert f"{pages.of(three[0], 'approval')}?company={chosen}" in page
    assert f'<option value="{chosen}" selected>' in page
    assert "No request matches this filter." in text(
        client.get(INBOX, {"company": chosen, "role": "333333333333/wide"})
    )


def test_after_a_decision_the_next_request_is_one_link_away(cast: Cast, three: list[Request]) -> None:
    client = visitor(cast.alice)
    answer = client.post(pages.of(three[1], "approval"), decision(three[1], verdict="deny", reason="Too much."))
    page = client.get(answer["Location"])
    assert "Next: 2 of 3" in text(page)
    following = page.context["next"].url
    assert following == f"{pages.of(three[2], 'approval')}?done=1"  # the one after it, not the first
    shown = client.get(following)
    assert "Request 2 of 3" in text(shown)
    sent = dict(re.findall(r'<input type="hidden" name="(done|company|role)" value="(.*?)">', shown.content.decode()))
    assert sent == {"done": "1"}
    answer = client.post(pages.of(three[2], "approval"), decision(three[2], verdict="approve", **sent))
    page = client.get(answer["Location"])
    assert "Next: 3 of 3" in text(page)
    assert page.context["next"].url.startswith(pages.of(three[0], "approval"))
    answer = client.post(pages.of(three[0], "approval"), decision(three[0], verdict="approve", done="2"))
    assert answer["Location"] == pages.of(three[0])
    assert "Next:" not in text(client.get(answer["Location"]))


def test_the_next_one_is_of_the_filter(cast: Cast, three: list[Request]) -> None:
    chosen = company("Contractor A")
    sent = decision(three[0], verdict="approve", company=chosen)
    answer = visitor(cast.alice).post(pages.of(three[0], "approval"), sent)
    assert parse_qs(urlsplit(answer["Location"]).query) == {"company": [chosen], "done": ["1"]}
    page = visitor(cast.alice).get(answer["Location"])
    assert "Next: 2 of 2" in text(page)
    assert page.context["next"].url.startswith(pages.of(three[2], "approval"))


def test_a_round_that_no_page_of_ours_says_is_none(cast: Cast, three: list[Request]) -> None:
    client = visitor(cast.alice)
    for done in ("", "x", "-1", "1e3", "٣", "\0", "9" * 5000):
        assert "Request 1" not in text(client.get(pages.of(three[0], "approval"), {"done": done})), done
    answer = client.post(pages.of(three[0], "approval"), decision(three[0], verdict="approve", done="9" * 5000))
    assert "Next: 2 of 3" in text(client.get(answer["Location"]))


def test_somebody_who_decides_nothing_is_led_to_no_request(cast: Cast, three: list[Request]) -> None:
    assert "Next:" not in text(visitor(cast.richard).get(pages.of(three[0]), {"done": "1"}))


def test_other_requests_of_the_same_person_and_role_are_shown(cast: Cast, three: list[Request]) -> None:
    other = factories.ask(cast, reason="Another one.")
    page = visitor(cast.alice).get(pages.of(three[0], "approval"))
    assert "Also waiting, for the same role 1 hour from approval Another one." in text(page)
    assert f"?request={three[0].public_id}&amp;request={other.public_id}" in page.content.decode()
    assert "Also waiting" not in text(visitor(cast.alice).get(pages.of(three[2], "approval")))


def test_a_long_list_needs_no_more_queries_than_a_short_one(
    cast: Cast, three: list[Request], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = visitor(cast.alice)
    client.get(INBOX)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(14) as queries:
            assert client.get(INBOX).status_code == 200
        counts.append(len(queries))
        for request in three:
            factories.like(request, 20)
    assert counts[0] == counts[1]
