"""Each page says what is known, and since when."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import people
from access.models import Account, Heartbeat, RoleState
from access.notifications.waiting import remind, send_waiting
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

MINUTE = timedelta(minutes=1)
SOON = "this takes a few seconds"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def test_a_request_of_a_disabled_contractor_is_cancelled_not_expired(cast: Cast) -> None:
    request = factories.ask(cast)
    people.disable_person_or_company(by=cast.ada, what=cast.richard.contractor, now=NOON)
    page = text(visitor(cast.ada).get(pages.of(request)))
    assert "Cancelled without a decision because access was disabled." in page
    assert "Cancelled: " in page
    assert "Expired" not in page


def test_no_page_promises_a_few_seconds_while_the_worker_is_dead(cast: Cast) -> None:
    url, client = pages.of(factories.create_grant(cast).request), visitor(cast.richard)
    assert "The worker has not run yet." in text(client.get(url))
    Heartbeat.objects.create(name="worker", at=NOON - HOUR)
    page = text(client.get(url))
    assert "The worker has not run since 24 Nov 2026, 11:00 UTC ." in page
    assert SOON not in page
    Heartbeat.objects.update(at=NOON)
    page = text(client.get(url))
    assert SOON in page
    assert "The worker has not run" not in page


def test_no_connection_test_promises_a_few_seconds_either(cast: Cast) -> None:
    Account.objects.update(test_asked_at=NOON, tested_at=None)
    url = reverse("account", args=[cast.role.account.account_id])
    assert SOON not in text(visitor(cast.ada).get(url))
    Heartbeat.objects.create(name="worker", at=NOON)
    assert SOON in text(visitor(cast.ada).get(url))


def test_the_overview_says_when_aws_was_read(cast: Cast) -> None:
    Heartbeat.objects.create(name="worker", at=NOON)
    RoleState.objects.update(observed_at=None)
    assert "Daypass has not read some roles from AWS yet." in text(visitor(cast.ada).get("/"))
    RoleState.objects.update(observed_at=NOON - timedelta(seconds=12))
    assert "Last read from AWS: 12 seconds ago." in text(visitor(cast.ada).get("/"))
    Heartbeat.objects.update(at=NOON - HOUR)
    assert "The worker has not run since 24 Nov 2026, 11:00 UTC ." in text(visitor(cast.ada).get("/"))


def test_an_account_without_a_hub_may_need_no_template(cast: Cast) -> None:
    url = reverse("account", args=[cast.role.account.account_id])
    Account.objects.update(external_id="", tested_at=None)
    page = text(visitor(cast.ada).get(url))
    assert "Deploy the template first." not in page
    assert "unless Daypass uses access keys of this account" in page


@pytest.mark.parametrize(
    ("start", "words"), [(None, "for 1 hour from approval"), (NOON + HOUR, "from 24 Nov 2026, 13:00")]
)
def test_the_email_names_the_same_start_as_the_page(cast: Cast, start: object, words: str) -> None:
    different: dict[str, Any] = {"starts_at": start, "ends_at": NOON + 2 * HOUR} if start else {}
    factories.ask(cast, **different)
    remind(now=NOON)
    send_waiting(now=NOON)
    assert all(words in email.body for email in mail.outbox)
    assert mail.outbox


def test_a_contractor_with_earlier_access_is_not_called_new(cast: Cast) -> None:
    """A request that waited longer than another one that is over already."""
    waiting = factories.ask(cast, now=NOON - 3 * HOUR, ends_at=NOON + HOUR)
    factories.create_grant(cast, now=NOON - 2 * HOUR)
    page = text(visitor(cast.alice).get(pages.of(waiting, "approval")))
    assert "Last access" in page
    assert "Other requests 1 request since" in page
