"""Asking in a time zone, on conditions, with a ticket, like before, and for several roles at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.models import AuditEvent, Contractor, Grant, Principal, Request, Role, Stage, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor
from tests.integration.test_pages_ask import ASK, check_refused, local, typed

OFFICE, HOME = "203.0.113.0/24", "2001:db8:7::/48"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> Client:
    return visitor(cast.richard)


@pytest.fixture
def other(cast: Cast) -> Role:
    """Return a second role that Richard may ask for."""
    role = factories.role("importantproject-read", unique_id="AROAOTHEROTHEROTHER01")
    role.contractors.add(Contractor.objects.get(user=cast.richard))
    role.approvers.add(cast.bob)
    return role


# --- Times ---------------------------------------------------------------------------------------------------------


def test_times_are_read_in_the_chosen_time_zone_which_is_remembered(cast: Cast, richard: Client) -> None:
    start = NOON + 2 * HOUR
    in_berlin = {"start": "at", "starts_at": local(start + HOUR), "time_zone": "europe/berlin"}
    richard.post(ASK, typed(cast, **in_berlin))
    request = Request.objects.get()
    assert (request.starts_at, request.ends_at) == (start, start + HOUR)
    assert User.objects.get(pk=cast.richard.pk).time_zone == "Europe/Berlin"
    assert AuditEvent.objects.get(verb="person.changed").details == {"changes": {"time_zone": ["", "Europe/Berlin"]}}
    page = richard.get(ASK)
    assert "Current time: 24 Nov 2026, 13:00 CET" in text(page)
    assert "Times are in Europe/Berlin (CET, UTC+1)." in text(page)
    assert page.context["form"]["time_zone"].value() == "Europe/Berlin"
    richard.post(ASK, typed(cast, time_zone="UTC"))
    assert User.objects.get(pk=cast.richard.pk).time_zone == "Europe/Berlin"


@pytest.mark.parametrize("starts_at", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_a_nonexistent_or_ambiguous_time_is_refused(cast: Cast, richard: Client, starts_at: str) -> None:
    Contractor.objects.update(contract_ends_at=NOON + 3650 * DAY)
    check_refused(richard, typed(cast, start="at", starts_at=starts_at, time_zone="Europe/Berlin"), "starts_at")


@pytest.mark.parametrize("zone", ["Nowhere/Gone", "../../etc/passwd", "Etc/GMT+1", "Europe"])
def test_an_unknown_time_zone_is_refused(cast: Cast, richard: Client, zone: str) -> None:
    check_refused(richard, typed(cast, time_zone=zone), "time_zone")


def test_a_time_with_its_own_time_zone_is_refused(cast: Cast, richard: Client) -> None:
    check_refused(richard, typed(cast, start="at", starts_at="2026-11-24T14:00+05:00"), "starts_at")


# --- Conditions ----------------------------------------------------------------------------------------------------


def test_the_chosen_conditions_are_requested_shown_and_granted(cast: Cast, richard: Client) -> None:
    richard.post(ASK, typed(cast, mfa="on", sources=f"{HOME}  {OFFICE}, 203.0.113.7"))
    request = Request.objects.get()
    assert (request.asks_mfa, request.source_cidrs) == (True, [HOME, OFFICE])
    for person, name in ((cast.richard, "request"), (cast.alice, "approval")):
        page = text(visitor(person).get(pages.of(request, name)))
        assert "AWS requires MFA" in page
        assert f"Allowed IP addresses: {HOME} , {OFFICE}" in page
    factories.approve(cast, request)
    grant = Grant.objects.get()
    assert (grant.requires_mfa, grant.source_cidrs) == (True, [HOME, OFFICE])


def test_an_approval_is_bound_to_the_conditions(cast: Cast) -> None:
    hashes = [
        factories.ask(cast, **conditions).content_hash
        for conditions in ({}, {"asks_mfa": True}, {"sources": (OFFICE,)}, {"sources": (HOME,)})
    ]
    assert len(set(hashes)) == 4


BAD_SOURCES = ["office", "10.0.0.1", "0.0.0.0/0", "203.0.113.7/24", "203.0.113.0/33", " ".join(["192.0.2.1"] * 80)]


@pytest.mark.parametrize("sources", BAD_SOURCES)
def test_impossible_addresses_are_refused(cast: Cast, richard: Client, sources: str) -> None:
    check_refused(richard, typed(cast, sources=sources), "sources")


def test_addresses_must_be_within_those_of_the_role(cast: Cast, richard: Client) -> None:
    Role.objects.update(source_networks=[OFFICE])
    check_refused(richard, typed(cast, sources=HOME), "sources")
    Role.objects.update(source_rule="always")
    check_refused(richard, typed(cast, sources=""), "sources")
    assert richard.post(ASK, typed(cast, sources="203.0.113.7")).status_code == 302


def test_a_role_without_addresses_does_not_offer_them(cast: Cast, richard: Client) -> None:
    assert "Allowed IP addresses" in text(richard.get(ASK))
    Role.objects.update(source_rule="never")
    assert "Allowed IP addresses" not in text(richard.get(ASK))
    richard.post(ASK, typed(cast, sources=OFFICE))
    assert Request.objects.get().source_cidrs == []


def test_a_second_factor_is_refused_where_it_is_impossible(cast: Cast, richard: Client) -> None:
    arn = "arn:aws:iam::222222222222:role/Deploy"
    deploy = factories.proven(cast.richard, arn)
    for client, principal in ((richard, str(deploy.pk)), (visitor(cast.rita), "")):
        form = client.post(ASK, typed(cast, principal=principal, mfa="on")).context["form"]
        assert form.errors["mfa"].as_data()[0].code.startswith("mfa_not_for_")
        assert form["mfa"].value() is True
    assert not Request.objects.exists()


# --- Tickets -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ticketed(cast: Cast) -> Cast:
    Role.objects.filter(pk=cast.role.pk).update(ticket_pattern=r"CHG-\d{7}", ticket_example="CHG-1234567")
    return cast


def test_a_valid_ticket_is_stored_and_shown(ticketed: Cast, richard: Client) -> None:
    assert "For example CHG-1234567 for importantproject-put." in text(richard.get(ASK))
    richard.post(ASK, typed(ticketed, ticket="CHG-0000042"))
    request = Request.objects.get()
    assert request.ticket == "CHG-0000042"
    assert "CHG-0000042" in text(visitor(ticketed.alice).get(pages.of(request, "approval")))


@pytest.mark.parametrize("ticket", ["", "CHG-1", "chg-1234567", "CHG-12345678", "CHG-\u0661234567", "x" * 65])
def test_an_invalid_ticket_is_refused_with_an_example(ticketed: Cast, richard: Client, ticket: str) -> None:
    check_refused(richard, typed(ticketed, ticket=ticket), "ticket")


def test_a_role_without_a_pattern_does_not_ask_for_a_ticket(cast: Cast, richard: Client) -> None:
    assert "Ticket number" not in text(richard.get(ASK))
    richard.post(ASK, typed(cast, ticket="CHG-1234567"))
    assert Request.objects.get().ticket == ""


def test_an_extension_needs_a_ticket_too_and_begins_with_the_last(ticketed: Cast, richard: Client) -> None:
    grant = factories.create_grant(ticketed, ticket="CHG-1234567")
    page = pages.of(grant.request, "request_extend")
    assert 'value="CHG-1234567"' in richard.get(page).content.decode()
    later = {"ends_at": local(grant.ends_at + HOUR), "reason": "Not done yet."}
    assert richard.post(page, later | {"ticket": "CHG-1"}).context["form"].errors.keys() == {"ticket"}
    assert richard.post(page, later | {"ticket": "CHG-7654321"}).status_code == 302
    assert Request.objects.get(extends=grant).ticket == "CHG-7654321"


# --- What helps to choose ------------------------------------------------------------------------------------------


def test_each_role_shows_who_decides_and_how_long_that_takes(cast: Cast, richard: Client) -> None:
    page = text(richard.get(ASK))
    assert "Decided by Alice or Bob" in page
    assert "usually within" not in page
    for hours, minutes in ((2, 10), (4, 20), (6, 90)):
        start = NOON + timedelta(hours=hours)
        request = factories.ask(cast, starts_at=start, ends_at=start + timedelta(hours=1))
        factories.approve(cast, request, now=NOON + timedelta(minutes=minutes) / 2)
    assert "Decided by Alice or Bob, usually within 10 minutes" in text(richard.get(ASK))


@pytest.mark.parametrize(("seconds", "shown"), [(0, "1 minute"), (61, "2 minutes")])
def test_decisions_take_whole_minutes_and_at_least_one(cast: Cast, richard: Client, seconds: int, shown: str) -> None:
    factories.approve(cast, factories.ask(cast), now=NOON + timedelta(seconds=seconds))
    assert f"Decided by Alice or Bob, usually within {shown} " in f"{text(richard.get(ASK))} "


def test_a_role_shows_its_quorum_and_its_later_stages(cast: Cast, richard: Client) -> None:
    Role.objects.filter(pk=cast.role.pk).update(quorum=2)
    env = Stage.objects.create(role=cast.role, position=2, name="Security")
    assert "No approvers yet" in text(richard.get(ASK))
    env.approvers.add(cast.mallory)
    assert "Decided by 2 of Alice, Bob, then by Mallory" in text(richard.get(ASK))
    Role.objects.filter(pk=cast.role.pk).update(quorum=1)
    env.approvers.add(factories.user("dan"), factories.user("eve"))
    assert "Decided by Alice or Bob, then by Dan, Eve or Mallory" in text(richard.get(ASK))


def test_the_page_needs_no_more_queries_for_many_roles(
    cast: Cast, richard: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        role = factories.role(f"role-{number}")
        role.contractors.add(*cast.role.contractors.all())
        role.approvers.add(cast.alice)
        Stage.objects.create(role=role, position=2).approvers.add(cast.bob)
    richard.get(ASK)
    with django_assert_max_num_queries(26):
        page = richard.get(ASK)
    assert text(page).count("Decided by Alice, then by Bob") == 12


def test_an_earlier_request_can_be_a_template(cast: Cast, richard: Client) -> None:
    wishes: dict[str, Any] = {"reason": "The weekly upload.", "sources": (OFFICE,), "asks_mfa": True}
    earlier = factories.ask(cast, ends_at=NOON + 4 * HOUR, **wishes)
    assert "Start from an earlier request importantproject-put The weekly upload." in text(richard.get(ASK))
    form = richard.get(f"{ASK}?like={earlier.public_id}").context["form"]
    begun = {name: form[name].value() for name in ("role", "length", "reason", "mfa", "sources", "principal")}
    assert begun == {
        "role": [cast.role.pk],
        "length": "240",
        "reason": "The weekly upload.",
        "mfa": True,
        "sources": OFFICE,
        "principal": Principal.objects.get().pk,
    }
    factories.approve(cast, earlier)
    assert "Request again" in text(richard.get(pages.of(earlier)))


def test_another_length_is_filled_in_in_words(cast: Cast, richard: Client) -> None:
    earlier = factories.ask(cast, ends_at=NOON + 2 * HOUR)
    form = richard.get(f"{ASK}?like={earlier.public_id}").context["form"]
    assert form["length"].value() == "other"
    assert 'value="2 hours"' in str(form["other_length"])


def test_the_request_of_somebody_else_cannot_be_a_template(cast: Cast, richard: Client) -> None:
    of_rita = factories.ask(cast, by=cast.rita, principal_arn="", reason="Rita's own.")
    for name in ("nonsense", "00000000-0000-0000-0000-000000000000", of_rita.public_id):
        assert richard.get(f"{ASK}?like={name}").status_code == 404


# --- Several roles -------------------------------------------------------------------------------------------------


def several(cast: Cast, *roles: Role, **different: str) -> dict[str, Any]:
    return typed(cast, **different) | {"role": [str(role.pk) for role in roles]}


def test_several_roles_become_requests_of_their_own(cast: Cast, richard: Client, other: Role) -> None:
    answer = richard.post(ASK, several(cast, cast.role, other))
    assert answer["Location"] == reverse("home")
    assert "2 requests submitted." in text(richard.get("/"))
    made = list(Request.objects.order_by("role__name"))
    assert [request.role.name for request in made] == ["importantproject-put", "importantproject-read"]
    assert len({request.session_name for request in made}) == len({request.content_hash for request in made}) == 2
    assert {request.reason for request in made} == {"Upload the file."}


def test_when_one_role_cannot_be_requested_none_is(cast: Cast, richard: Client, other: Role) -> None:
    Role.objects.filter(pk=other.pk).update(longest_window=HOUR / 2)
    form = several(cast, cast.role, other)
    before = pages.world()
    answer = richard.post(ASK, form)
    assert answer.context["form"].errors["length"] == [
        (
            "importantproject-read: This role can be granted for at most 30 minutes. Choose a shorter length or an "
            "earlier end."
        )
    ]
    assert answer.content.decode().count(" checked") >= 2
    assert pages.world() == before


def test_the_limit_of_pending_requests_holds_for_all_together(cast: Cast, richard: Client, other: Role) -> None:
    known = " ".join(str(factories.ask(cast).public_id) for _ in range(4))
    answer = richard.post(ASK, several(cast, cast.role, other, pointed_out=known))
    assert answer.context["form"].has_error("__all__", "too_many_pending")
    assert Request.objects.count() == 4


def test_a_ticket_is_stored_for_the_role_that_requires_one(cast: Cast, richard: Client, other: Role) -> None:
    Role.objects.filter(pk=other.pk).update(ticket_pattern=r"\d+", ticket_example="42")
    richard.post(ASK, several(cast, cast.role, other, ticket="42"))
    assert dict(Request.objects.values_list("role__name", "ticket")) == {
        "importantproject-put": "",
        "importantproject-read": "42",
    }


def test_a_request_without_a_role_is_refused(cast: Cast, richard: Client, other: Role) -> None:
    answer = richard.post(ASK, {key: value for key, value in typed(cast).items() if key != "role"})
    assert answer.context["form"].errors == {"role": ["Choose a role."]}
