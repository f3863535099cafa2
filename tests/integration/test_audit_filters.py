"""A filter by account or company checks events only for roles and contractors that can be concerned."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import Account, Company
from access.reviews import events
from access.reviews.events import EventFilter, Reader
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def page(reader: Reader, *about: Account | Company) -> tuple[int, bool]:
    """Return the number of events, and whether the audit log was asked for them."""
    kinds = {Account: "account", Company: "company"}
    asked = EventFilter(about=tuple((kinds[type(one)], one.pk) for one in about))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = events.read_page(reader, asked)
    return len(found.events), any("access_auditsubject" in query["sql"] for query in queries)


def test_an_approver_finds_nothing_in_an_account_without_their_roles(cast: Cast) -> None:
    factories.ask(cast)
    reader = Reader(everything=False, roles=frozenset({cast.role.pk}))
    assert page(reader, factories.account()) == (1, True)
    assert page(reader, factories.account("333333333333")) == (0, False)
    assert page(reader, factories.company("Contractor A")) == (1, True)


def test_a_sponsor_finds_nothing_of_a_company_without_their_contractors(cast: Cast) -> None:
    factories.ask(cast)
    reader = Reader(everything=False, contractors=frozenset({cast.richard.contractor.pk}))
    assert page(reader, factories.company("Contractor A")) == (1, True)
    assert page(reader, factories.company("Contractor B")) == (0, False)


def test_a_sponsor_finds_nothing_in_an_account_that_their_contractors_never_requested(cast: Cast) -> None:
    factories.ask(cast)
    richard, rita = (
        Reader(everything=False, contractors=frozenset({one.contractor.pk})) for one in (cast.richard, cast.rita)
    )
    assert page(richard, factories.account()) == (1, True)
    assert page(rita, factories.account()) == (0, False)
    assert page(richard, factories.account(), factories.company("Contractor B")) == (0, False)


@pytest.mark.parametrize("few", [0, 5000])
def test_few_and_many_events_of_a_person_give_the_same_pages(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(events, "FEW", few)
    factories.create_grant(cast)
    factories.ask(cast, by=cast.rita, principal_arn="")
    richard = cast.richard.contractor.pk
    both = Reader(everything=False, roles=frozenset({cast.role.pk}), contractors=frozenset({richard}))
    found = events.read_page(both, EventFilter(about=(("account", factories.account().pk),)))
    of_role = events.read_page(both, EventFilter(about=(("role", cast.role.pk),)))
    assert [event.sequence for event in found.events] == [event.sequence for event in of_role.events]
    assert len(found.events) == len({event.sequence for event in found.events}) > 3
    mine = Reader(everything=False, contractors=frozenset({richard}))
    company, account = ("company", factories.company().pk), ("account", factories.account().pk)
    pages = [
        events.read_page(mine, EventFilter(about=about)).events
        for about in ((company,), (account,), (company, account))
    ]
    of_richard = events.read_page(mine, EventFilter(about=(("contractor", richard),))).events
    assert all(0 < len(one) <= len(of_richard) for one in pages)
    assert pages[1] == pages[2]
