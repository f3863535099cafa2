"""How PostgreSQL finds what the overview shows: by an index, whatever the history has grown to."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from access.models import Grant, Request
from access.presenters import overview
from access.reviews import current_access, trends
from access.reviews.current_access import STATES, AccessFilter
from access.reviews.oversight import Oversight
from bench import history
from tests import plans

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has another planner")
TABLES = ("access_request", "access_grant")


def test_no_part_of_the_overview_reads_the_whole_history(db: None) -> None:
    ada, alice = history.fill(requests=12_000)
    found: dict[tuple[str, object], list[str]] = {}
    for person in (ada, alice):
        oversight = Oversight.of(person, now=timezone.now())
        assert oversight is not None
        for state in STATES:
            for asked in (AccessFilter(state=state), AccessFilter(state=state, word="x", sort="-person")):
                page = partial(current_access.read_page, oversight, asked)
                found[person.name, asked] = plans.scans_of(page, *TABLES)
        parts: dict[str, Callable[[], object]] = {
            "shares": partial(current_access.read_shares, oversight),
            "waiting": partial(current_access.read_shares, oversight, waiting=True),
            "open": partial(trends.read_open_by_day, oversight),
            "outcomes": partial(trends.read_outcomes, oversight),
            "extremes": partial(overview.find_extremes, oversight),
            "panels": partial(overview.build_panels, oversight, {}),
        }
        found |= {(person.name, name): plans.scans_of(part, *TABLES) for name, part in parts.items()}
    assert {place: scans for place, scans in found.items() if scans} == {}
    assert plans.scans_of(lambda: list(Request.objects.filter(reason="x")), *TABLES)
    assert plans.scans_of(lambda: list(Grant.objects.filter(external_id="x")), *TABLES)
