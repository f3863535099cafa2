"""Administrators see unmanaged statements on the overview and on the role's page, and accept one that waits."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from access.ledger.unmanaged import find_statement, settle_statement
from access.models import Role, UnmanagedStatement
from access.trust import Fate, Unmanaged
from tests import factories
from tests.factories import HOST_ACCOUNT, HOUR, Cast
from tests.integration.pages import text, visitor

pytestmark = pytest.mark.django_db

DEBUG = {"Sid": "Debug", "Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def cast() -> Cast:
    return factories.cast(is_managed=False)


def found(role: Role, fate: Fate, statement: dict[str, Any] = DEBUG) -> UnmanagedStatement:
    row = find_statement(role, Unmanaged(statement, fate), by="worker", now=timezone.now())
    assert row is not None
    return row


def pages(cast: Cast) -> list[str]:
    return [
        reverse("overview_list", args=["unmanaged-statements"]),
        reverse("role", args=[HOST_ACCOUNT, cast.role.name]),
    ]


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Fate.REMOVED, "Daypass removes this statement when it next writes the policy"),
        (Fate.DENY, "Grants that the statement denies are blocked"),
        (Fate.HELD, "Daypass writes no grant until you accept or remove this statement"),
    ],
)
def test_only_administrators_see_each_kind(cast: Cast, fate: Fate, words: str) -> None:
    found(cast.role, fate)
    for page in pages(cast):
        assert words in text(visitor(cast.ada).get(page))
        assert "(Debug)" in text(visitor(cast.ada).get(page))
        for other in (cast.alice, cast.richard):
            assert "(Debug)" not in text(visitor(other).get(page))


def test_a_second_removal_is_called_urgent(cast: Cast) -> None:
    for _ in range(2):
        row = found(cast.role, Fate.REMOVED)
        settle_statement(row, row.Outcome.REMOVED, by="worker", now=timezone.now())
    for page in pages(cast):
        shown = text(visitor(cast.ada).get(page))
        assert (
            shown.count("Urgent: less than an hour earlier, Daypass had removed a statement with the same text.") == 1
        )
        assert shown.count("Daypass removed this statement") == 2


def test_a_removal_more_than_a_day_ago_is_not_shown(cast: Cast) -> None:
    row = found(cast.role, Fate.REMOVED)
    settle_statement(row, row.Outcome.REMOVED, by="worker", now=timezone.now() - 25 * HOUR)
    for page in pages(cast):
        assert "(Debug)" not in text(visitor(cast.ada).get(page))


def test_the_page_of_a_role_shows_statements_of_its_overflow_roles(cast: Cast) -> None:
    overflow_role = factories.role("importantproject-put-2", account=cast.role.account, overflow_of=cast.role)
    found(overflow_role, Fate.REMOVED)
    assert "(Debug)" in text(visitor(cast.ada).get(pages(cast)[1]))


def test_a_statement_is_accepted_on_a_page_that_shows_it(cast: Cast) -> None:
    row, ada = found(cast.role, Fate.HELD), visitor(cast.ada)
    url = reverse("statement_accept", args=[HOST_ACCOUNT, cast.role.name, row.sha256])
    assert url in ada.get(pages(cast)[1]).content.decode()
    assert "222222222222" in text(ada.get(url))
    assert row.sha256 in text(ada.get(url))
    assert ada.post(url).status_code == 302
    row.refresh_from_db()
    assert (row.accepted_by, row.settled_at) == (cast.ada, None)
    assert ada.post(url).status_code == 409
    assert ada.get(url).status_code == 409


def test_only_administrators_can_open_that_page(cast: Cast) -> None:
    row = found(cast.role, Fate.HELD)
    url = reverse("statement_accept", args=[HOST_ACCOUNT, cast.role.name, row.sha256])
    for person in (cast.alice, cast.richard):
        assert visitor(person).get(url).status_code == visitor(person).post(url).status_code == 404
    row.refresh_from_db()
    assert row.accepted_at is None


@pytest.mark.parametrize("fate", [Fate.REMOVED, Fate.DENY])
def test_a_statement_that_does_not_wait_cannot_be_accepted(cast: Cast, fate: Fate) -> None:
    row = found(cast.role, fate)
    url = reverse("statement_accept", args=[HOST_ACCOUNT, cast.role.name, row.sha256])
    assert visitor(cast.ada).post(url).status_code == 409


def test_the_database_rejects_impossible_states(cast: Cast) -> None:
    row = found(cast.role, Fate.REMOVED)
    for wrong in (
        {"text": "x" * 8193},
        {"accepted_by": cast.ada, "accepted_at": timezone.now()},
        {"settled_at": timezone.now()},
        {"outcome": "accepted", "settled_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            UnmanagedStatement.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnmanagedStatement.objects.create(
            role=cast.role, kind="removed", text=json.dumps(DEBUG), sha256=row.sha256, found_at=timezone.now()
        )
