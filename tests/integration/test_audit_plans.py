"""How PostgreSQL finds audit events: by an index for every filter, whatever the history has grown to."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from access.models import AuditEvent
from access.reviews import events
from access.reviews.events import Cursor, EventFilter, Reader
from tests import plans
from tests.factories import DAY, NOON

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has another planner")
EVENTS = 30_000
# Each event concerns a request of four events, one of 300 people, one of 40 roles, an account and a company.
FILL = (
    """INSERT INTO access_auditevent (sequence, at, actor, verb, subject, details, previous_hash, hash)
    SELECT i, '2026-01-01'::timestamptz + i * interval '15 minutes', 'worker',
        (ARRAY['grant.created', 'grant.applied', 'request.submitted', 'session.opened'])[1 + i %% 4],
        'request:' || i / 4, '{}', md5(i::text), md5((i + 1)::text) FROM generate_series(1, %s) AS i""",
    """INSERT INTO access_auditsubject (kind, key, at, sequence)
    SELECT kind, key, '2026-01-01'::timestamptz + i * interval '15 minutes', i FROM generate_series(1, %s) AS i,
        LATERAL (VALUES ('request', i / 4), ('person', i %% 300), ('contractor', i %% 300), ('role', i %% 40),
        ('account', i %% 3), ('company', i %% 7)) AS subjects (kind, key)""",
    "ANALYZE access_auditevent",
    "ANALYZE access_auditsubject",
)
ADMINISTRATOR = Reader(everything=True)
APPROVER = Reader(everything=False, roles=frozenset({1, 2}), contractors=frozenset())
SPONSOR = Reader(everything=False, roles=frozenset(), contractors=frozenset({3, 4, 5}))
BOTH = Reader(everything=False, roles=frozenset({1, 2}), contractors=frozenset({3, 4}))
NOBODYS = Reader(everything=False, roles=frozenset({999}), contractors=frozenset({999}))
FILTERS = {
    "everything": EventFilter(),
    "person": EventFilter(about=(("person", 7),)),
    "role": EventFilter(about=(("role", 1),)),
    "account": EventFilter(about=(("account", 1),)),
    "company": EventFilter(about=(("company", 1),)),
    "request": EventFilter(about=(("request", 700),)),
    "person and role": EventFilter(about=(("person", 7), ("role", 7))),
    "group": EventFilter(group="grant"),
    "verb": EventFilter(verb="session.opened"),
    "unknown verb": EventFilter(verb="grant.unheard_of"),
    "day": EventFilter(since=NOON - 240 * DAY, until=NOON - 239 * DAY),
    "person and day": EventFilter(about=(("person", 7),), since=NOON - 240 * DAY, until=NOON - 239 * DAY),
    "person and kind": EventFilter(about=(("person", 7),), verb="session.opened"),
    "kind and day": EventFilter(group="grant", since=NOON - 240 * DAY, until=NOON - 239 * DAY),
}
READERS = {"administrator": ADMINISTRATOR, "approver": APPROVER, "sponsor": SPONSOR, "both": BOTH, "nobody's": NOBODYS}


@pytest.fixture
def filled(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_limited", lambda reader, _about: reader)  # these objects have events and no rows
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, [EVENTS] if "%s" in statement else None)


def scans_of(read: Callable[[], object]) -> list[str]:
    return plans.scans_of(read, "access_audit")


def test_no_page_and_no_event_is_found_by_reading_the_whole_history(filled: None) -> None:
    """For every reader, every filter, and the first page as well as those in the middle, in both directions."""
    middle, found = Cursor(NOON - 200 * DAY, 15_000), {}
    for name, reader in READERS.items():
        for asked, event_filter in FILTERS.items():
            for place in ({}, {"before": middle}, {"after": middle}):
                found[name, asked, *place] = scans_of(partial(events.read_page, reader, event_filter, **place))
        found[name, "one"] = scans_of(partial(events.find_event, reader, 15_000))
        found[name, "named"] = scans_of(partial(events.is_named_in_any, reader, ("company", 2)))
    for asked in ("person", "role", "request", "day", "verb"):
        batches = events.read_all(READERS["administrator"], FILTERS[asked], through=EVENTS)
        found["export", asked] = scans_of(partial(next, batches))
    assert {place: scans for place, scans in found.items() if scans} == {}


def test_a_scan_would_be_found(filled: None) -> None:
    assert scans_of(lambda: list(AuditEvent.objects.filter(details={"x": 1})[:10]))
