"""The pages of the audit log: what they show, filters, pages, and exports."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from time_machine import TimeMachineFixture

from access.catalogue.changes import change
from access.ledger import walks
from access.ledger.chain import append, event_hash
from access.ledger.sessions import open_session
from access.ledger.subjects import person_subject, role_subject
from access.models import AuditEvent, ChainWalk, Contractor, Grant, User
from access.presenters.event_history import history_url
from access.reviews import events
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

INDEX, EXPORT = reverse("audit"), reverse("audit_export")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def granted(cast: Cast) -> Grant:
    """Return Richard's grant; Ada, Alice and Richard signed in before."""
    for person in (cast.ada, cast.alice, cast.richard):
        open_session(person, ways=["password"], address="192.0.2.7", now=NOON)
    return factories.create_grant(cast)


def role_value(cast: Cast) -> str:
    return f"{cast.role.account.account_id}/{cast.role.name}"


def shown(client: Client, **asked: str) -> list[str]:
    """Return the verbs that the page shows with this filter, the latest first."""
    answer = client.get(INDEX, asked)
    assert answer.status_code == 200
    return [view.code for view in answer.context["views"]]


def exported(client: Client, form: str = "jsonl", **asked: str) -> str:
    answer = client.post(EXPORT, asked | {"format": form})
    assert answer.status_code == 200
    return b"".join(answer).decode()


def test_an_administrator_sees_everything_the_latest_first(cast: Cast, granted: Grant) -> None:
    assert shown(visitor(cast.ada)) == list(AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("person", {"session.opened", "request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("email", {"session.opened", "request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("role", {"request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("account", {"request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("request", {"request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("company", {"session.opened", "request.submitted", "decision.approved", "request.approved", "grant.created"}),
        ("group", {"session.opened"}),
        ("verb", {"decision.approved"}),
        ("both", {"session.opened"}),
        ("person and role", {"request.submitted", "decision.approved", "request.approved", "grant.created"}),
    ],
)
def test_events_are_found_by_what_they_concern(cast: Cast, granted: Grant, asked: str, expected: set[str]) -> None:
    filters: dict[str, dict[str, str]] = {
        "person": {"person": str(cast.richard.public_id)},
        "email": {"person": cast.richard.email.upper()},
        "role": {"role": role_value(cast)},
        "account": {"account": cast.role.account.account_id},
        "request": {"request": str(granted.request.public_id)},
        "company": {"company": str(Contractor.objects.get(user=cast.richard).company.public_id)},
        "group": {"kind": "session"},
        "verb": {"kind": "decision.approved"},
        "both": {"kind": "session", "person": cast.richard.email},
        "person and role": {"person": cast.richard.email, "role": role_value(cast)},
    }
    found = shown(visitor(cast.ada), **filters[asked])
    assert set(found) == expected
    assert {json.loads(line)["verb"] for line in exported(visitor(cast.ada), **filters[asked]).splitlines()} == expected


def test_a_day_is_a_day_of_the_readers_time_zone(cast: Cast) -> None:
    def note(verb: str, at: datetime) -> None:
        append(verb=verb, subject=role_subject(cast.role), by="worker", now=at)

    User.objects.filter(pk=cast.ada.pk).update(time_zone="Asia/Tokyo")
    midnight = NOON.replace(hour=15)  # in Tokyo, the beginning of the next day
    note("role.built", midnight - timedelta(microseconds=1))
    note("role.updated", midnight)
    note("role.written", midnight + DAY - timedelta(microseconds=1))
    note("role.problem", midnight + DAY)
    ada = visitor(cast.ada)
    assert shown(ada, day="2026-11-25") == ["role.written", "role.updated"]
    assert shown(ada, day="2026-11-25", role=role_value(cast)) == ["role.written", "role.updated"]
    assert "Day (Asia/Tokyo)" in text(ada.get(INDEX))


@pytest.mark.parametrize("asked", [{"day": "x"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"kind": "unheard.of"}])
def test_a_filter_that_means_nothing_is_refused_in_the_form(cast: Cast, asked: dict[str, str]) -> None:
    answer = visitor(cast.ada).get(INDEX, asked)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, set(asked))
    assert visitor(cast.ada).post(EXPORT, asked | {"format": "csv"}).status_code == 404


@pytest.fixture
def many(cast: Cast) -> list[int]:
    """Return the sequences of 120 events of a role, three at each moment, and later ones before earlier ones."""
    for number in range(120):
        at = NOON - (number // 3) * HOUR if number % 2 else NOON - (number // 3 + 50) * HOUR
        append(verb="role.built", subject=role_subject(cast.role), by="worker", now=at)
    return list(AuditEvent.objects.order_by("-at", "-sequence").values_list("sequence", flat=True))


@pytest.mark.parametrize("asked", [{}, {"role": "role"}, {"kind": "role.built"}])
def test_pages_follow_each_other_in_both_directions(cast: Cast, many: list[int], asked: dict[str, str]) -> None:
    asked = asked | ({"role": role_value(cast)} if "role" in asked else {})
    ada, found, url = visitor(cast.ada), [], f"{INDEX}?{urlencode(asked)}"
    seen = []
    while url:
        page = ada.get(url)
        found += [view.event.sequence for view in page.context["views"]]
        seen.append(page)
        url = page.context["older_url"]
    assert found == many
    assert [len(page.context["views"]) for page in seen] == [50, 50, 20]
    assert not seen[0].context["newer_url"]
    back = ada.get(seen[2].context["newer_url"])
    assert [view.event.sequence for view in back.context["views"]] == many[50:100]
    first = ada.get(back.context["newer_url"])
    assert [view.event.sequence for view in first.context["views"]] == many[:50]
    assert not first.context["newer_url"]


def test_a_page_has_few_queries_however_much_it_shows(
    cast: Cast, granted: Grant, many: list[int], django_assert_max_num_queries: Any
) -> None:
    for person in (cast.ada, cast.alice):
        client = visitor(person)
        with django_assert_max_num_queries(30) as queries:
            client.get(INDEX)
        counting = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "access_audit" in query["sql"]]
        assert counting == []


@pytest.mark.parametrize("cursor", ["x", "1", "-1", "1-", "1-" + "9" * 18, "1-1-1", "1-\u0661"])
@pytest.mark.parametrize("name", ["before", "after"])
def test_a_cursor_that_no_page_made_is_not_found(cast: Cast, name: str, cursor: str) -> None:
    assert visitor(cast.ada).get(INDEX, {name: cursor}).status_code == 404


class TestOneEvent:
    def test_a_change_is_shown_before_and_after(self, cast: Cast) -> None:
        change(
            by=cast.ada, role=cast.role, fields={"quorum": 2, "approvers": [cast.alice, cast.bob, cast.ada]}, now=NOON
        )
        event = AuditEvent.objects.get(verb="role.changed")
        page = text(visitor(cast.ada).get(reverse("audit_event", args=[event.sequence])))
        assert "Ada changed the role." in page
        assert "Before and after" in page
        assert "Quorum 1 2" in page
        assert (
            "Approvers alice@example.com, bob@example.com alice@example.com, bob@example.com, ada@example.com" in page
        )
        assert "The content matches the hash." in page

    @pytest.mark.parametrize(
        "details",
        [
            {"trust_before": {"Statement": [{"Sid": "a"}]}, "trust_after": {"Statement": [{"Sid": "b"}]}},
            {"trust_before": {"Statement": "x"}, "trust_after": {"Statement": [7, None]}},
            {"trust_before": None, "trust_after": [1]},
            {"before": {"further_stages": [{}]}, "after": {"further_stages": [{"x": 1}]}},
            {"changes": {"a": 1}},
            {"changes": {"contract_ends_at": ["2026-01-01", "2027-01-01"]}},
            {"text": {"code": "unheard_of", "facts": {}}, "list": [{"a": "<b>"}], "reason": "<script>"},
        ],
    )
    def test_details_of_any_shape_are_shown(self, cast: Cast, details: dict[str, Any]) -> None:
        append(verb="role.odd", subject=role_subject(cast.role), by="x", now=NOON, **details)
        sequence = AuditEvent.objects.get(verb="role.odd").sequence
        answer = visitor(cast.ada).get(reverse("audit_event", args=[sequence]))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
        assert "role.odd" in text(visitor(cast.ada).get(INDEX))
        assert exported(visitor(cast.ada))

    def test_times_are_shown_as_on_every_page(self, cast: Cast, granted: Grant) -> None:
        event = AuditEvent.objects.get(verb="grant.created")
        page = text(visitor(cast.ada).get(reverse("audit_event", args=[event.sequence])))
        assert "ends_at 24 Nov 2026, 13:00:00 UTC" in page
        assert f"request {granted.session_name}" in page


class TestChainState:
    def page(self, cast: Cast) -> str:
        return text(visitor(cast.ada).get(INDEX))

    def test_it_says_when_and_how_far_the_log_was_verified(self, cast: Cast, granted: Grant) -> None:
        ChainWalk.objects.create(day=(NOON - DAY).date(), began_at=NOON - DAY, ended_at=NOON - DAY)  # of an empty log
        assert "The worker has not verified the audit log yet." in self.page(cast)
        walks.walk_on(now=NOON)
        count = AuditEvent.objects.count()
        append(verb="role.built", subject=role_subject(cast.role), by="worker", now=NOON)
        page = self.page(cast)
        assert f"The worker verified every event up to {count} on 24 Nov 2026, 12:00 UTC and found no change." in page
        assert "1 newer event waits for the next verification." in page
        for sequence, said in ((count, "The worker verified this event."), (count + 1, "has not verified this event")):
            assert said in text(visitor(cast.ada).get(reverse("audit_event", args=[sequence])))

    def test_it_says_where_the_verification_failed(self, cast: Cast, granted: Grant) -> None:
        ChainWalk.objects.create(day=NOON.date(), began_at=NOON, ended_at=NOON, sequence=4, broken_at=[2, 3])
        assert "failed at these events: 2 and 3." in self.page(cast)


class TestExport:
    def test_json_lines_hold_what_the_hashes_are_made_of(self, cast: Cast, granted: Grant) -> None:
        through = AuditEvent.objects.count()
        lines = [json.loads(line) for line in exported(visitor(cast.ada)).splitlines()]
        assert [line["sequence"] for line in lines] == list(range(1, through + 1))
        for line in lines:
            facts = {name: value for name, value in line.items() if name != "english"}
            event = AuditEvent(**facts | {"at": datetime.fromisoformat(line["at"])})
            assert event_hash(event) == line["hash"]
        assert lines[-1]["english"] == ["The grant was created."]

    def test_no_cell_is_a_formula(self, cast: Cast) -> None:
        factories.ask(cast, reason="=HYPERLINK(1)")
        append(verb="x.y", subject="-1+1", by="@SUM(1)", now=NOON)
        rows = list(csv.reader(io.StringIO(exported(visitor(cast.ada), "csv"))))
        assert rows[0][:4] == ["sequence", "time", "actor", "kind"]
        assert len(rows) == 3
        cells = [cell for row in rows for cell in row]
        assert "'@SUM(1)" in cells
        assert "'-1+1" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]

    def test_an_export_is_on_record_with_its_filter_and_count(self, cast: Cast, granted: Grant) -> None:
        through = AuditEvent.objects.count()
        exported(visitor(cast.ada), "csv", person=cast.richard.email, day="2026-11-24")
        started, done = AuditEvent.objects.filter(verb__startswith="audit.").order_by("sequence")
        asked = {"person": cast.richard.email, "day": "2026-11-24", "time_zone": "UTC"}
        facts = {"format": "csv", "filter": asked, "through": through}
        assert (started.verb, started.details) == ("audit.export_started", facts)
        assert (done.verb, done.details) == ("audit.exported", facts | {"count": 5, "complete": True})
        assert {started.subject, done.subject} == {person_subject(cast.ada)}

    def test_without_the_record_nothing_is_exported(
        self, cast: Cast, granted: Grant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise DatabaseError("refused")

        monkeypatch.setattr(AuditEvent.objects, "bulk_create", refuse)
        assert visitor(cast.ada).post(EXPORT, {"format": "csv"}).status_code == 503

    def test_an_export_that_is_broken_off_is_on_record_as_incomplete(
        self, cast: Cast, many: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, "AT_ONCE", 10)
        answer = visitor(cast.ada).post(EXPORT, {"format": "jsonl"})
        parts: Iterator[bytes] = iter(answer)
        assert len((next(parts) + next(parts)).splitlines()) == 10
        vars(answer)[
            "_iterator"
        ].close()  # what a server does when the reader left; `close` would close the test's database
        details = AuditEvent.objects.get(verb="audit.exported").details
        assert (details["count"], details["complete"]) == (10, False)

    def test_events_that_come_meanwhile_are_not_in_the_file(
        self, cast: Cast, many: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, "AT_ONCE", 50)
        parts = iter(visitor(cast.ada).post(EXPORT, {"format": "jsonl"}))
        lines = (next(parts) + next(parts)).splitlines()
        append(verb="role.built", subject=role_subject(cast.role), by="worker", now=NOON + DAY)
        append(verb="role.built", subject=role_subject(cast.role), by="worker", now=NOON - 500 * DAY)
        lines += b"".join(parts).splitlines()
        assert sorted(json.loads(line)["sequence"] for line in lines) == sorted(many)

    def test_an_export_needs_a_confirmation_and_comes_back_to_the_filter(self, cast: Cast, granted: Grant) -> None:
        cast.ada.set_password("correct-horse-battery")
        cast.ada.save(update_fields=["password"])
        client = visitor(cast.ada, confirmed=False)
        question = client.post(EXPORT, {"format": "csv", "kind": "session"})
        assert "reauthenticate" in question["Location"]
        assert not AuditEvent.objects.filter(verb__startswith="audit.").exists()
        answer = client.post(question["Location"], {"password": "correct-horse-battery"})
        assert (answer.status_code, answer["Location"]) == (302, f"{INDEX}?kind=session")
        assert "Confirmed. Start the download again on this page." in text(client.get(answer["Location"]))

    def test_an_unknown_format_and_a_link_are_refused(self, cast: Cast) -> None:
        assert visitor(cast.ada).post(EXPORT, {"format": "xml"}).status_code == 404
        assert visitor(cast.ada).get(EXPORT).status_code == 405


def test_reading_the_log_changes_nothing(cast: Cast, granted: Grant) -> None:
    client = visitor(cast.ada)
    User.objects.update(last_login=NOON)
    before = pages.world()
    client.get(INDEX)
    client.get(reverse("audit_event", args=[1]))
    assert pages.world() == before


class TestHistoryLinks:
    """The page of an object links its events, for people who can read them."""

    def paths(self, cast: Cast, grant: Grant) -> dict[str, tuple[str, str]]:
        contractor, account = Contractor.objects.get(user=cast.richard), cast.role.account
        role = (account.account_id, cast.role.name)
        return {
            "request": (pages.of(grant.request), f"request={grant.request.public_id}"),
            "comments": (pages.of(grant.request, "comments"), f"request={grant.request.public_id}"),
            "role": (reverse("role", args=role), urlencode({"role": "/".join(role)})),
            "settings": (reverse("approval_settings", args=role), urlencode({"role": "/".join(role)})),
            "account": (reverse("account", args=[account.account_id]), f"account={account.account_id}"),
            "contractor": (reverse("contractor", args=[contractor.public_id]), f"person={cast.richard.public_id}"),
            "company": (reverse("people"), f"company={contractor.company.public_id}"),
            "colleague": (reverse("people"), f"person={cast.bob.public_id}"),
        }

    def linked(self, person: User, path: str, query: str) -> bool:
        client = visitor(person)
        is_linked = f'href="{INDEX}?{query}"' in client.get(path).content.decode()
        if is_linked:
            assert client.get(f"{INDEX}?{query}").status_code == 200
        return is_linked

    def test_administrators_find_them_on_every_page(self, cast: Cast, granted: Grant) -> None:
        change(by=cast.ada, role=cast.role, fields={"quorum": 2}, now=NOON)
        (waiting,) = cast.role.changes.all()
        paths = self.paths(cast, granted) | {
            "change": (reverse("role_change", args=[waiting.public_id]), self.paths(cast, granted)["role"][1])
        }
        del paths["comments"]  # a page of the people who decide
        assert [name for name, one in paths.items() if not self.linked(cast.ada, *one)] == []

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("alice", {"request", "role", "contractor"}),
            ("bob", {"request", "role"}),
            ("richard", set()),
            ("vic", set()),
        ],
    )
    def test_others_find_those_that_they_can_read(
        self, cast: Cast, granted: Grant, who: str, expected: set[str]
    ) -> None:
        person = getattr(cast, who, None) or factories.user(who, is_sponsor=True)
        User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
        paths = self.paths(cast, granted)
        assert {name for name in ("request", "role", "contractor") if self.linked(person, *paths[name])} == expected

    def test_the_page_of_a_decision_links_the_request(self, cast: Cast) -> None:
        asked = factories.ask(cast)
        assert self.linked(cast.alice, pages.of(asked, "approval"), f"request={asked.public_id}")

    @pytest.mark.parametrize("who", ["mallory", "richard", "vic"])
    def test_people_without_a_part_get_no_link(self, cast: Cast, granted: Grant, who: str) -> None:
        """A page can be open to somebody who cannot read its events, as that of their own break-glass grant is."""
        person = getattr(cast, who, None) or factories.user(who, is_sponsor=True)
        contractor = Contractor.objects.get(user=cast.richard)
        for subject in (granted.request, cast.role, cast.role.account, contractor, contractor.company, cast.bob):
            assert history_url(subject, reader=person, now=NOON) == ""
            assert history_url(subject, reader=cast.ada, now=NOON)

    def test_the_page_of_an_own_break_glass_grant_has_no_link(self, cast: Cast) -> None:
        used = break_glass.new_grant(break_glass.policy(cast, cast.mallory), cast.mallory)
        page = visitor(cast.mallory).get(pages.of(used.request))
        assert page.status_code == 200
        assert INDEX not in page.content.decode()
