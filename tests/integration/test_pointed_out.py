"""What people are told before they act: a duplicate, the reason of a denial, what a change of a role means."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import deciding, requests
from access.catalogue import changes
from access.models import CHANGEABLE, Request, RoleChange
from access.presenters.changed_fields import title_of
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

ASK = reverse("request_new")
SEEN = re.compile(r'name="pointed_out" value="(.*?)"')


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def typed(cast: Cast, **different: str) -> dict[str, Any]:
    """Return the form as Rita fills it in: an hour from the approval, by sessions of the portal."""
    wishes = {"role": str(cast.role.pk), "principal": "", "start": "approval", "length": "60", "reason": "Look."}
    return wishes | different


def send(client: Client, cast: Cast, url: str = ASK, **different: str) -> tuple[Any, list[str]]:
    """Send the form; return the answer, and which requests it points out."""
    answer = client.post(url, typed(cast, **different))
    return answer, pointed_out(answer)


def pointed_out(answer: Any) -> list[str]:
    found = SEEN.search(answer.content.decode())
    return found[1].split() if found else []


def test_a_request_that_repeats_a_waiting_one_is_sent_only_when_that_was_pointed_out(cast: Cast) -> None:
    rita, first = visitor(cast.rita), factories.ask(cast, by=cast.rita, principal_arn="")
    page, seen = send(rita, cast, reason="Look once more.")
    assert seen == [str(first.public_id)]
    assert "You already have this Nothing was sent." in text(page)
    assert "1 hour from approval , pending" in text(page)
    assert "Look once more." in page.content.decode()
    assert Request.objects.count() == 1
    # Another one that came up meanwhile is pointed out too.
    second = factories.ask(cast, by=cast.rita, principal_arn="")
    page, seen = send(rita, cast, pointed_out=str(first.public_id))
    assert seen == [str(first.public_id), str(second.public_id)]
    answer = rita.post(ASK, typed(cast) | {"pointed_out": " ".join(seen)})
    assert answer.status_code == 302
    assert Request.objects.count() == 3


def test_only_live_access_and_waiting_requests_of_the_same_time_are_duplicates(cast: Cast) -> None:
    rita = visitor(cast.rita)
    mine: dict[str, Any] = {"by": cast.rita, "principal_arn": ""}
    factories.create_grant(cast)  # Richard's
    other = factories.role("another")
    other.contractors.add(*cast.role.contractors.all())
    factories.ask(cast, role=other, **mine)
    over = factories.create_grant(cast, now=NOON - DAY, **mine)
    requests.withdraw(by=cast.rita, request=factories.ask(cast, **mine), now=NOON)
    tomorrow = factories.create_grant(cast, starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR, **mine)
    assert over.ends_at < NOON
    answer, seen = send(rita, cast)
    assert (answer.status_code, seen) == (302, [])
    Request.objects.filter(state="pending", role=cast.role).update(state="withdrawn", settled_at=NOON)
    start = {"start": "at", "starts_at": "2026-11-25T12:30:00", "time_zone": "UTC"}
    _, seen = send(rita, cast, **start)
    assert seen == [str(tomorrow.request.public_id)]


def test_one_click_does_not_repeat_live_access(cast: Cast) -> None:
    grant = factories.create_grant(cast, by=cast.rita, principal_arn="")
    rita = visitor(cast.rita)
    answer = rita.post(pages.of(grant.request, "request_again"))
    assert answer["Location"] == f"{ASK}?like={grant.request.public_id}"
    assert "You already have access to this role." in text(rita.get(answer["Location"]))
    assert Request.objects.count() == 1


def test_a_second_extension_is_pointed_out_but_the_same_form_is_one_request(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    richard, url = visitor(cast.richard), pages.of(grant.request, "request_extend")
    form = {"by": "60", "reason": "More.", "ends_at": ""}
    assert richard.post(url, form)["Location"] == richard.post(url, form)["Location"]
    waiting = Request.objects.get(extends=grant)
    page = richard.post(url, form | {"by": "120"})
    assert pointed_out(page) == [str(waiting.public_id)]
    assert richard.post(url, form | {"by": "120", "pointed_out": str(waiting.public_id)}).status_code == 302
    assert Request.objects.filter(extends=grant).count() == 2


def test_the_reason_of_a_denial_is_on_top_of_the_page(cast: Cast) -> None:
    asked = factories.ask(cast)
    shown, reason = asked.content_hash, "Ask for less, please."
    deciding.deny(by=cast.alice, request=asked, content_hash=shown, reason=reason, now=NOON)
    page = text(visitor(cast.richard).get(pages.of(asked)))
    assert "Denied by an approver. Ask for less, please. Alice" in page
    assert page.index("Ask for less, please.") < page.index("Role permissions")


def test_so_is_the_reason_of_a_revocation_but_not_of_what_one_did_oneself(cast: Cast) -> None:
    revoked, returned = factories.create_grant(cast), factories.create_grant(cast, by=cast.rita, principal_arn="")
    requests.revoke(by=cast.bob, grant=revoked, reason="The file is there.", now=NOON)
    requests.return_access(by=cast.rita, grant=returned, now=NOON)
    page = visitor(cast.richard).get(pages.of(revoked.request))
    assert (page.context["outcome"].reason, page.context["outcome"].by) == ("The file is there.", "Bob")
    assert visitor(cast.rita).get(pages.of(returned.request)).context["outcome"] is None


def test_the_second_administrator_reads_what_a_change_means(cast: Cast) -> None:
    factories.create_grant(cast)
    wide = {"Statement": [*cast.role.permissions["Statement"], {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    fields = {"permissions": wide, "longest_window": 12 * HOUR}
    changes.change(by=cast.ada, role=cast.role, fields=fields, now=NOON)
    url = reverse("role_change", args=[RoleChange.objects.get().public_id])
    page = visitor(factories.user("adam", is_staff=True)).get(url)
    said = text(page)
    effects = page.context["effects"]
    assert said.index("New after the change") < said.index("New findings") < said.index('"Action": "iam:*"')
    assert any("iam" in str(one).lower() for one in effects.added)
    assert any("importantprojectbucket" in str(one) for one in effects.kept)
    assert effects.new_findings["first"][0].weight == "high"
    assert all(str(finding.sentence) in said for finding in effects.new_findings["first"])
    assert "1 statement added, 1 statement unchanged" in said


def test_a_change_that_leaves_the_permissions_has_no_words_for_them(cast: Cast) -> None:
    factories.create_grant(cast)
    changes.change(by=cast.ada, role=cast.role, fields={"longest_window": 12 * HOUR}, now=NOON)
    url = reverse("role_change", args=[RoleChange.objects.get().public_id])
    assert visitor(cast.ada).get(url).context["effects"] is None


def test_every_field_that_can_change_has_a_title_for_people() -> None:
    assert [name for name in CHANGEABLE if title_of(name) == name] == []
