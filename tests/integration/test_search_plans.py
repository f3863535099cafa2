"""How PostgreSQL finds what somebody searches for: no search reads the whole history."""

from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from access.presenters import search
from access.reviews import searching
from access.reviews.scope import Scope
from access.reviews.search_text import SearchText
from access.reviews.searching import Sight
from bench import history
from tests import plans

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has another planner")
TABLES = ("access_request", "access_grant")
TERMS = (
    *("Contractor 17", "contractor-17@contractor.example", "Company 3", "upload", "nothing at all", "OPS-17"),
    *("dpaaaaaaaaaaaaaa", "00000000-0000-4000-8000-000000000000", "arn:aws:iam::222222222222:user/x"),
)


def test_no_search_reads_the_whole_history(db: None) -> None:
    found: dict[tuple[str, ...], list[str]] = {}
    for person in history.fill(requests=12_000):
        sight = Sight.of(Scope.of(person, now=timezone.now()))
        for term in TERMS:
            asked = SearchText.read(term)
            for part in (search.build_sections, partial(search.build_list, kind=searching.REQUESTS, size=50)):
                found[person.name, str(part), term] = plans.scans_of(partial(part, sight=sight, asked=asked), *TABLES)
        everything = partial(search.build_list, sight, searching.REQUESTS, SearchText.read(""), size=50)
        found[person.name, ""] = plans.scans_of(everything, *TABLES)
    assert {place: scans for place, scans in found.items() if scans} == {}
