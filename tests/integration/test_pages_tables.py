"""The tables of roles and accounts: each reader sees who decides, and those who manage a role how it is used."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import Account, Grant, Role
from tests import factories, history
from tests.factories import HOUR, NOON, Cast
from tests.integration.pages import visitor

ROLES, ACCOUNTS = reverse("roles"), reverse("accounts")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def cells(page: str, row: str) -> list[str]:
    """Return the texts of the cells in the row of this name."""
    found = next(part for part in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f">{row}</a>" in part)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", found, re.DOTALL)]


def shown(cast: Cast, name: str, url: str = ROLES, row: str = "") -> list[str]:
    return cells(visitor(getattr(cast, name)).get(url).content.decode(), row or cast.role.name)


def test_a_contractor_reads_who_decides_and_can_request(cast: Cast) -> None:
    decided_by, longest, action = shown(cast, "richard")
    assert "Alice" in decided_by
    assert longest == "8 hours"
    assert action == f"Request {cast.role.name}"


def test_an_approver_reads_how_a_role_is_used_and_cannot_request_it(cast: Cast) -> None:
    assert shown(cast, "alice")[1:] == ["0", "0%", "never", ""]
    grant = factories.create_grant(cast, now=NOON)
    assert shown(cast, "alice")[1] == "1"
    assert shown(cast, "alice")[3] == "now"
    Grant.objects.filter(pk=grant.pk).update(applied_at=NOON, removed_at=NOON + HOUR)
    assert shown(cast, "alice")[1] == "0"
    assert shown(cast, "alice")[3].startswith("24 Nov 2026, 13:00")


def test_a_full_trust_policy_is_shown_as_used_capacity(cast: Cast) -> None:
    half = "x" * (cast.role.account.trust_quota // 2 - 40)
    factories.update_roles(observed_trust={"Version": "2012-10-17", "Statement": [], "Id": half}, observed_at=NOON)
    assert shown(cast, "ada")[2] == "50%"


def test_a_grant_on_an_overflow_role_counts_for_its_original(cast: Cast) -> None:
    overflow = factories.role(f"{cast.role.name}-2", overflow_of=cast.role, unique_id="AROAOVERFLOW")
    grant = factories.create_grant(cast, now=NOON)
    history.unguard()
    try:
        Grant.objects.filter(pk=grant.pk).update(role=overflow)
    finally:
        history.guard()
    assert shown(cast, "ada")[1] == "1"


def test_roles_are_grouped_by_account(cast: Cast) -> None:
    other = factories.account("999999999999")
    Account.objects.filter(pk=other.pk).update(name="Another account")
    factories.role("in-another-account", account=other, unique_id="AROAANOTHERANOTHER002")
    page = visitor(cast.ada).get(ROLES).content.decode()
    first, second = page.index("Another account"), page.index(cast.role.account.name)
    assert first < page.index("in-another-account") < second < page.index(f">{cast.role.name}<")


def test_an_administrator_reads_how_each_account_is_used(cast: Cast) -> None:
    factories.update_roles(observed_at=NOON - timedelta(minutes=5))
    factories.create_grant(cast, now=NOON)
    region, roles, live, read, state = shown(cast, "ada", ACCOUNTS, cast.role.account.name)
    assert (region, roles, live) == ("us-east-1", "1", "1")
    assert read.startswith("24 Nov 2026, 11:55")
    assert state == "not tested"


@pytest.mark.parametrize("url", [ROLES, ACCOUNTS])
def test_more_roles_need_no_more_queries(cast: Cast, url: str) -> None:
    client = visitor(cast.ada)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(5):
        made = factories.role(f"one-more-{number}", unique_id=f"AROAONEMOREONEMORE{number:03}")
        made.approvers.add(cast.alice)
    with CaptureQueriesContext(connection) as more:
        client.get(url)
    assert Role.objects.count() > 5
    assert len(more) == len(few)
