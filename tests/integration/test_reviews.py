"""Lists of what was asked, given and used: their content, for whom, and as a file."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.models import (
    AuditEvent,
    Contractor,
    Grant,
    Issuance,
    PermissionsSnapshot,
    Request,
    Role,
    RoleChange,
    RoleState,
    User,
)
from access.reconcile.due import due
from access.reviews.lists import REPORTS
from access.reviews.scope import Scope
from access.reviews.table import ReportFilter
from access.views import reviews as views_reviews
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import text, visitor

LATER = NOON + 2 * DAY
WIDE = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture(autouse=True)
def two_days_later(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(LATER, tick=False)


def rows_of(name: str, person: User, **draft: Any) -> list[list[str]]:
    """Return the rows of a list as this person sees them."""
    report, scope = REPORTS[name], Scope.of(person, now=LATER)
    return [
        [str(cell) for cell in row]
        for row in report.cells(list(report.rows(scope, ReportFilter(now=LATER, **draft))), scope)
    ]


def granted(cast: Cast, **different: Any) -> Grant:
    """Return a grant that was in AWS."""
    grant = factories.create_grant(cast, **different)
    Grant.objects.filter(pk=grant.pk).update(applied_at=different.get("now", NOON))
    return grant


def opened(grant: Grant, at: datetime = NOON) -> None:
    facts = {"by": grant.request.requester, "kind": "credentials", "started_at": at, "closed_at": at}
    Issuance.objects.create(grant=grant, outcome="issued", access_key_id="ASIA", expires_at=at + HOUR, **facts)


def read(role: Role, *, last_used_at: datetime | None) -> None:
    facts = {"read_at": LATER, "last_used_at": last_used_at}
    PermissionsSnapshot.objects.update_or_create(role=role, defaults=facts)


# --- Who has asked, who was given what --------------------------------------------------------------------------------


def test_requests_are_counted_by_person_and_role(cast: Cast) -> None:
    granted(cast)
    factories.ask(cast, now=NOON + HOUR)
    factories.ask(cast, by=cast.rita, principal_arn="")
    rows = {row[0]: row[1:6] for row in rows_of("asked", cast.ada)}
    role = f"{cast.role.name} (Important project)"
    assert rows["Richard (Contractor A)"] == [role, "2", "1", "0", "1"]
    assert rows["Rita (Contractor A)"] == [role, "1", "0", "0", "1"]


def test_the_list_of_grants_shows_approvers_and_sessions(cast: Cast) -> None:
    opened(granted(cast, by=cast.rita, principal_arn=""))
    granted(cast)
    his, hers = rows_of("granted", cast.alice)
    assert his[4:] == ["Alice", "from their own AWS identity"]
    assert hers[0] == "Rita (Contractor A)"
    assert hers[4:] == ["Alice", f"{NOON.isoformat()} (1 in total)"]


def test_a_list_can_be_filtered_by_time_and_text(cast: Cast) -> None:
    granted(cast, now=NOON - 100 * DAY)
    granted(cast, by=cast.rita, principal_arn="")
    assert [row[0] for row in rows_of("granted", cast.ada)] == ["Rita (Contractor A)"]
    assert len(rows_of("granted", cast.ada, days=0)) == 2
    assert [row[0] for row in rows_of("granted", cast.ada, days=0, word="rich")] == ["Richard (Contractor A)"]
    assert rows_of("granted", cast.ada, days=0, word="nobody") == []


def test_everybody_sees_only_their_own_responsibilities(cast: Cast) -> None:
    vic = factories.user("vic", is_sponsor=True)
    other = factories.role("anothers-role", unique_id="AROAANOTHERANOTHER001")
    other.approvers.add(cast.bob)
    ron = factories.user("ron")
    other.contractors.add(factories.contractor(ron, sponsor=vic))
    granted(cast)
    factories.approve(cast, factories.ask(cast, by=ron, role=other, principal_arn=""), by=cast.bob)
    names = {
        name: {row[0].split()[0] for row in rows_of("granted", person)}
        for name, person in {
            "ada": cast.ada,
            "alice": cast.alice,
            "bob": cast.bob,
            "vic": vic,
            "mallory": cast.mallory,
        }.items()
    }
    assert names == {
        "ada": {"Richard", "Ron"},
        "alice": {"Richard"},
        "bob": {"Richard", "Ron"},
        "vic": {"Ron"},
        "mallory": set(),
    }


# --- Unused grants, and roles without requests ---------------------------------------------------------------------


def test_a_portal_issued_grant_is_unused_until_a_session_is_opened(cast: Cast) -> None:
    grant = granted(cast, by=cast.rita, principal_arn="")
    assert [row[4] for row in rows_of("unused", cast.ada)] == ["Daypass issued no session"]
    Issuance.objects.create(grant=grant, by=cast.rita, kind="console", started_at=NOON)
    assert len(rows_of("unused", cast.ada)) == 1
    opened(grant)
    assert rows_of("unused", cast.ada) == []


@pytest.mark.parametrize(
    ("last_used_at", "is_listed"),
    [(None, True), (NOON - HOUR, True), (NOON, False), (NOON + HOUR, False)],
)
def test_a_grant_to_an_own_identity_is_unused_only_where_iam_is_certain(
    cast: Cast, last_used_at: datetime | None, is_listed: bool
) -> None:
    granted(cast)
    assert rows_of("unused", cast.ada) == []
    read(cast.role, last_used_at=last_used_at)
    assert bool(rows_of("unused", cast.ada)) is is_listed


def test_a_grant_that_is_too_new_or_never_was_in_aws_is_not_called_unused(cast: Cast) -> None:
    granted(cast, now=LATER - HOUR)
    factories.create_grant(cast, by=cast.rita, principal_arn="")
    read(cast.role, last_used_at=None)
    assert rows_of("unused", cast.ada) == []


def test_roles_without_a_request_in_90_days_are_listed(cast: Cast) -> None:
    never = factories.role("never", unique_id="AROANEVERNEVERNEVER01")
    never.contractors.add(*Contractor.objects.all())
    factories.role("off", unique_id="AROAOFFOFFOFFOFFOFF01", is_active=False)
    factories.ask(cast, now=LATER - 89 * DAY)
    assert [row[0] for row in rows_of("unasked", cast.ada)] == ["never (Important project)"]
    assert rows_of("unasked", cast.ada)[0][1:] == ["never", "2", "not read yet"]
    read(never, last_used_at=None)
    assert rows_of("unasked", cast.ada)[0][3].startswith("not used in 400 days")
    assert rows_of("unasked", cast.alice) == []


def test_a_role_requested_91_days_ago_is_listed(cast: Cast) -> None:
    factories.ask(cast, now=LATER - 91 * DAY)
    assert [row[0] for row in rows_of("unasked", cast.alice)] == [f"{cast.role.name} (Important project)"]


# --- Mutual approvals, and overly permissive imported roles ---------------------------------------------------------


def test_two_people_who_approve_for_each_others_contractors_are_reported(cast: Cast) -> None:
    ron = factories.user("ron")
    cast.role.contractors.add(factories.contractor(ron, sponsor=cast.bob))
    factories.approve(cast, factories.ask(cast), by=cast.bob)
    assert rows_of("mutual-approvals", cast.ada) == []
    factories.approve(cast, factories.ask(cast, by=ron, principal_arn=""), by=cast.alice)
    factories.approve(cast, factories.ask(cast, by=cast.rita, principal_arn=""), by=cast.bob)
    (pair,) = rows_of("mutual-approvals", cast.ada)
    assert pair[0].startswith("Bob")
    assert pair[1:4:2] == ["approved 2 times", "approved 1 time"]
    assert rows_of("mutual-approvals", cast.ada, days=30) == [pair]


def test_mutual_approvals_link_to_the_requests(cast: Cast) -> None:
    ron = factories.user("ron")
    cast.role.contractors.add(factories.contractor(ron, sponsor=cast.bob))
    for by, contractor in ((cast.bob, cast.richard), (cast.alice, ron)):
        factories.approve(cast, factories.ask(cast, by=contractor, principal_arn=""), by=by)
    ada = visitor(cast.ada)
    rows = ada.get(reverse("review", args=["mutual-approvals"])).context["rows"]
    said = {text(ada.get(cell.url)) for _, cell in rows[0][1:4:2]}
    assert len(said) == 2
    assert all(("Richard" in page) != ("Ron" in page) for page in said)


def test_two_administrators_who_confirm_each_others_changes_are_reported(cast: Cast) -> None:
    adam = factories.user("adam", is_staff=True)
    for one, other in ((cast.ada, adam), (adam, cast.ada)):
        RoleChange.objects.create(
            role=cast.role, before={}, after={}, proposed_by=one, proposed_at=NOON, expires_at=NOON + DAY,
            settled_by=other, settled_at=NOON + HOUR, outcome="confirmed",
        )  # fmt: skip
    (pair,) = rows_of("mutual-approvals", cast.ada)
    assert pair[1] == pair[3] == "confirmed a role change 1 time"


def test_vouching_and_approving_are_done_by_two_people(cast: Cast) -> None:
    Role.objects.update(allows_vouched=True)
    Contractor.objects.filter(user=cast.richard).update(sponsor=cast.alice)
    word = factories.vouched(cast.richard, by=cast.alice)
    factories.approve(cast, factories.ask(cast, principal=word), by=cast.bob)
    edges = REPORTS["mutual-approvals"]
    assert list(edges.rows(Scope.of(cast.ada, now=LATER), ReportFilter(now=LATER))) == []


def test_overly_permissive_imported_roles_are_listed_by_severity(cast: Cast) -> None:
    account = "arn:aws:iam::222222222222:root"
    whole = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]}
    for name, trust, managed in (("b-whole", whole, False), ("c-wide", WIDE, False), ("d-ours", WIDE, True)):
        factories.role(name, observed_trust=trust, observed_at=NOON, is_managed=managed, unique_id=f"AROA{name}")
    rows = rows_of("overly-permissive", cast.ada)
    assert [(row[0].split()[0], row[1]) for row in rows] == [("c-wide", "High"), ("b-whole", "Medium")]
    assert rows_of("overly-permissive", cast.alice) == []


# --- The pages and the files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_a_list_can_be_shown_and_exported_and_the_export_is_on_record(cast: Cast, name: str) -> None:
    granted(cast, by=cast.rita, principal_arn="")
    client = visitor(cast.ada)
    assert client.get(reverse("review", args=[name])).status_code == 200
    answer = client.post(reverse("review_export", args=[name]), {"days": "0"})
    assert answer["Content-Disposition"] == f'attachment; filename="daypass-{name}.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == list(REPORTS[name].head)
    event = AuditEvent.objects.get(verb="review.exported")
    assert event.details == {"report": name, "rows": len(rows) - 1}
    assert event.actor == cast.ada.email


def test_a_name_is_never_a_formula_in_the_file(cast: Cast) -> None:
    User.objects.filter(pk=cast.richard.pk).update(name='=HYPERLINK("https://example.com")')
    granted(cast)
    answer = visitor(cast.ada).post(reverse("review_export", args=["granted"]), {"days": "0"})
    (_, row) = csv.reader(io.StringIO(answer.content.decode()))
    assert row[0] == '\'=HYPERLINK("https://example.com") (Contractor A)'


def test_an_export_requires_a_recent_confirmation(cast: Cast) -> None:
    cast.ada.set_password("correct-horse-battery")
    cast.ada.save()
    answer = visitor(cast.ada, confirmed=False).post(reverse("review_export", args=["granted"]))
    assert "reauthenticate" in answer["Location"]
    assert not AuditEvent.objects.filter(verb="review.exported").exists()


@pytest.mark.parametrize(
    "draft", ["days=x", "days=-1", "page=x", "approver=x", "word=%00", "days=99999999999999999999"]
)
def test_an_invalid_filter_is_ignored(cast: Cast, draft: str) -> None:
    granted(cast)
    assert visitor(cast.ada).get(f"{reverse('review', args=['granted'])}?{draft}").status_code == 200


def test_long_lists_need_no_more_queries_than_short_ones(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(cast, 10_000)
    client = visitor(cast.ada)
    for name in ("asked", "granted", "unused", "unasked", "mutual-approvals"):
        with django_assert_max_num_queries(22):
            answer = client.get(reverse("review", args=[name]) + "?days=0&page=2")
        assert answer.status_code == 200, name


def test_no_list_is_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page reads its own rows and one more, and says that there are others."""
    monkeypatch.setattr(views_reviews, "PAGE", 2)
    many(cast, 5)
    client, url = visitor(cast.ada), reverse("review", args=["granted"])
    with CaptureQueriesContext(connection) as queries:
        first = client.get(f"{url}?days=0")
    assert not [one["sql"] for one in queries if "COUNT(*)" in one["sql"]]
    assert "page=2" in first.content.decode()
    last = client.get(f"{url}?days=0&page=3").content.decode()
    assert "page=2" in last
    assert "page=4" not in last
    for unknown in ("0", "4", "x", "9" * 30):
        page = client.get(f"{url}?days=0&page={unknown}").context["page"]
        assert (page.number, len(page.object_list)) == (1, 2)


def many(cast: Cast, count: int) -> None:
    """Make so many requests of Richard's and Rita's, all approved."""
    people = list(Contractor.objects.all())
    requests = Request.objects.bulk_create(
        Request(
            contractor=people[number % 2],
            requester_id=people[number % 2].user_id,
            role=cast.role,
            starts_at=NOON - HOUR * number,
            ends_at=NOON - HOUR * number + HOUR,
            expires_at=NOON - HOUR * number + HOUR,
            reason="x",
            submitted_at=NOON - HOUR * number,
            state="approved",
            settled_at=NOON,
        )
        for number in range(count)
    )
    Grant.objects.bulk_create(
        Grant(
            request=request,
            role=cast.role,
            contractor=request.contractor,
            session_name=request.session_name,
            portal_issued=True,
            starts_at=request.submitted_at,
            ends_at=request.submitted_at + HOUR,
            applied_at=request.starts_at,
            removed_at=request.ends_at,
        )
        for request in requests
    )


def test_an_unchanged_role_is_read_once_a_day(cast: Cast) -> None:
    at = {"reconciled_at": LATER, "observed_at": LATER, "permissions_read_at": LATER - DAY + HOUR}
    RoleState.objects.update(**at)
    assert due(now=LATER) == []
    RoleState.objects.update(reconciled_at=LATER + HOUR)
    assert due(now=LATER + HOUR) == [cast.role.pk]
    Role.objects.update(to_build=True)
    assert due(now=LATER + HOUR) == []
