"""The overview: numbers that lead to their lists, open access by filter and page, and only what one person oversees."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access import endings
from access.actions import delegations
from access.lifecycle import GrantState, Problem
from access.models import (
    Certification,
    Grant,
    Heartbeat,
    Request,
    Role,
    RoleState,
    User,
)
from access.models.grants import in_state
from access.models.role_states import STUCK_AFTER
from access.reviews.current_access import STATES, AccessFilter, read_page
from access.reviews.oversight import Oversight
from access.reviews.work_lists import WORK_LISTS
from tests import break_glass, factories, overviews
from tests.factories import HOUR, NOON, Cast, update_roles
from tests.integration.pages import text, visitor

HOME = "/"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def healthy(cast: Cast) -> None:
    """Let everything run and be read a moment ago, and nothing need a review."""
    Heartbeat.objects.bulk_create([Heartbeat(name=name, at=NOON) for name in ("worker", endings.HEARTBEAT)])
    RoleState.objects.update(observed_at=NOON - timedelta(seconds=12), reconciled_at=NOON)


def shown(person: User, **asked: str) -> list[Request]:
    """Return the requests that this person finds with these parameters in the address; no page is made."""
    oversight = Oversight.of(person, now=NOON)
    keys = read_page(oversight, AccessFilter.read(asked)).keys if oversight else []
    rows = Request.objects.in_bulk(keys)
    return [rows[key] for key in keys]


def numbers(person: User) -> dict[str, int]:
    """Return the numbers of the overview by the address to which they lead."""
    panels = visitor(person).get(HOME).context["panels"]
    return {number.url: number.count for panel in panels for number in panel.numbers}


def another_role(*approvers: User) -> Role:
    role = factories.role("other-role", unique_id="AROAOTHER")
    role.approvers.add(*approvers)
    return role


@pytest.mark.parametrize("name", ["mallory", "richard"])
def test_people_who_oversee_nothing_have_no_overview(cast: Cast, name: str) -> None:
    page = visitor(getattr(cast, name)).get(HOME)
    assert "panels" not in page.context
    for work_list in WORK_LISTS:
        assert visitor(getattr(cast, name)).get(reverse("overview_list", args=[work_list])).status_code == 404


class TestStates:
    def test_the_database_and_the_lifecycle_agree(self, cast: Cast) -> None:
        """For each way in which the facts of a grant can be."""
        starts = [NOON - 2 * HOUR, NOON - MINUTE, NOON, NOON + MINUTE]
        made = overviews.grants(cast, starts * 12, length=HOUR)
        for index, grant in enumerate(made):
            grant.applied_at = NOON if index % 2 else None
            grant.problem = ("", Problem.POLICY_FULL.value, Problem.AWS_THROTTLED.value)[index % 3]
            grant.problem_code = "x" if grant.problem else ""
            is_revoked, is_removed = index % 8 >= 4, index % 16 >= 8
            grant.revoked_at, grant.revoked_by = (NOON - MINUTE, cast.alice) if is_revoked else (None, None)
            grant.revoked_reason = "x" if is_revoked else ""
            is_over = is_revoked or grant.ends_at <= NOON
            grant.removed_at = NOON if is_removed and is_over else None
            grant.save()
        found = {
            state: set(Grant.objects.filter(in_state(state, now=NOON)).values_list("pk", flat=True))
            for state in GrantState
        }
        expected: dict[GrantState, set[int]] = {state: set() for state in GrantState}
        for grant in Grant.objects.select_related("role__account"):
            expected[grant.state(now=NOON)].add(grant.pk)
        assert found == expected
        assert all(found.values()), "each state occurs"


class TestList:
    def test_every_filter_finds_what_it_names_and_nothing_else(self, cast: Cast) -> None:
        own = factories.create_grant(cast, reason="Upload the invoices.").request
        other = another_role(cast.alice)
        other.contractors.add(cast.rita.contractor)
        rita = factories.create_grant(cast, role=other, by=cast.rita, principal_arn="").request
        company = factories.company("Contractor B")
        type(cast.rita.contractor).objects.filter(pk=cast.rita.contractor.pk).update(company=company)
        waiting = factories.ask(cast, now=NOON, by=cast.rita, principal_arn="", reason="Something that waits.")
        account = cast.role.account.account_id
        found = {
            "": shown(cast.ada),
            "role": shown(cast.ada, role=f"{account}/other-role"),
            "account": shown(cast.ada, account=account),
            "company": shown(cast.ada, company=str(company.public_id)),
            "word": shown(cast.ada, q="INVOICES"),
            "person": shown(cast.ada, q="rita@"),
            "id": shown(cast.ada, q=str(own.public_id)),
            "session": shown(cast.ada, q=own.session_name),
            "arn": shown(cast.ada, q="user/Richard"),
            "waiting": shown(cast.ada, state="waiting"),
            "both": shown(cast.ada, state="activating", role=f"{account}/other-role", q="invoices"),
        }
        assert {name: {one.pk for one in some} for name, some in found.items()} == {
            "": {own.pk, rita.pk}, "role": {rita.pk}, "account": {own.pk, rita.pk}, "company": {rita.pk},
            "word": {own.pk}, "person": {rita.pk}, "id": {own.pk}, "session": {own.pk}, "arn": {own.pk},
            "waiting": {waiting.pk}, "both": set(),
        }  # fmt: skip

    @pytest.mark.parametrize(
        "asked",
        [
            {"role": "111111111111/nothing"},
            {"role": "other-role"},
            {"account": "999999999999"},
            {"company": "Contractor A"},
            {"company": "6f6c2b1c-0000-4000-8000-000000000000"},
            {"q": "nobody\0has this"},
        ],
    )
    def test_an_unknown_object_is_answered_like_a_forbidden_one(self, cast: Cast, asked: dict[str, str]) -> None:
        factories.create_grant(cast)
        page = visitor(cast.alice).get(HOME, asked)
        assert page.status_code == 200
        assert page.context["request_views"] == []
        assert "Nothing matches this filter." in text(page)

    def test_an_approver_finds_only_roles_that_they_approve_now(self, cast: Cast) -> None:
        other = another_role(cast.bob)
        other.contractors.add(cast.rita.contractor)
        bobs = factories.approve(cast, factories.ask(cast, role=other, by=cast.rita, principal_arn=""), by=cast.bob)
        assert bobs
        waiting = factories.ask(cast, role=other, by=cast.rita, principal_arn="", reason="Waits.")
        for asked in (
            {},
            {"q": "Rita"},
            {"role": "111111111111/other-role"},
            {"state": "waiting"},
            {"state": "activating"},
        ):
            assert shown(cast.alice, **asked) == []
        page = visitor(cast.alice).get(HOME).content.decode()
        assert "other-role" not in page
        assert "Rita" not in page
        assert shown(cast.bob) == [bobs.request]
        assert shown(cast.bob, state="waiting") == [waiting]
        delegations.create_delegation(by=cast.bob, delegate=cast.alice, from_at=NOON, until_at=NOON + HOUR, now=NOON)
        assert shown(cast.alice) == [bobs.request]
        other.approvers.clear()
        assert shown(cast.alice) == []

    def test_a_sponsor_who_approves_nothing_has_no_overview(self, cast: Cast) -> None:
        factories.create_grant(cast)
        cast.role.approvers.remove(cast.alice)
        assert "panels" not in visitor(cast.alice).get(HOME).context

    def test_grants_of_overflow_roles_belong_to_the_approvers_of_the_role(self, cast: Cast) -> None:
        overflow = factories.role("importantproject-put-2", overflow_of=cast.role, unique_id="AROA2")
        (grant,) = overviews.grants(cast, [NOON], role=overflow)
        assert shown(cast.alice) == [grant.request]
        assert numbers(cast.alice)["/#access"] == 1

    def test_pages_follow_each_other_in_both_directions(self, cast: Cast, monkeypatch: Any) -> None:
        """Also where many rows have the same value, and with every order."""
        monkeypatch.setattr("access.reviews.current_access.PAGE", 3)
        overviews.grants(cast, [NOON - MINUTE * (index // 3) for index in range(8)])
        oversight = Oversight(cast.ada, NOON, everything=True)
        for sort in ("", "end", "-end", "start", "-start", "person", "-person", "role", "company"):
            asked = AccessFilter(sort=sort)
            first = read_page(oversight, asked)
            second = read_page(oversight, asked, after=first.after)
            third = read_page(oversight, asked, after=second.after)
            pages = [page.keys for page in (first, second, third)]
            assert [len(keys) for keys in pages] == [3, 3, 2], sort
            assert len({key for keys in pages for key in keys}) == 8, sort
            back = read_page(oversight, asked, before=third.before)
            assert [back, read_page(oversight, asked, before=back.before)] == [second, first], sort
            assert (first.before, third.after) == (None, None), sort

    def test_the_links_of_a_page_keep_its_filter(self, cast: Cast, monkeypatch: Any) -> None:
        monkeypatch.setattr("access.reviews.current_access.PAGE", 3)
        overviews.grants(cast, [NOON - MINUTE * index for index in range(8)])
        client = visitor(cast.ada)
        first = client.get(HOME, {"q": "rita", "state": "active", "sort": "-start"})
        second = client.get(first.context["later_url"])
        assert second.context["filter"].asked == first.context["filter"].asked
        assert "Previous page Next page" in text(second)
        again = client.get(second.context["earlier_url"])
        assert again.context["request_views"] == first.context["request_views"]

    def test_each_order_orders(self, cast: Cast) -> None:
        late, early = (
            factories.create_grant(cast, ends_at=NOON + 3 * HOUR),
            factories.create_grant(
                cast, by=cast.rita, principal_arn="", starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR
            ),
        )
        both = [late.request, early.request]
        assert shown(cast.ada) == both[::-1]
        assert shown(cast.ada, sort="-end") == both
        assert shown(cast.ada, sort="start") == both
        assert shown(cast.ada, sort="person") == both
        assert shown(cast.ada, sort="-person") == both[::-1]
        assert shown(cast.ada, sort="no-such-order") == both[::-1]

    def test_a_cursor_that_no_page_wrote_is_not_found(self, cast: Cast) -> None:
        client = visitor(cast.ada)
        for path in (HOME, reverse("overview_list", args=["stuck-roles"])):
            for cursor in ("x", "1", "-", "-1", "1-x", "1-99999999999999999999", "²-1", "1-\x00", "1-" + "9" * 400):
                assert client.get(path, {"after": cursor}).status_code == 404, (path, cursor)

    def test_a_filter_offers_only_what_its_reader_could_find(self, cast: Cast) -> None:
        factories.create_grant(cast)
        another_role(cast.bob)
        fields = {field.name: dict(field.options) for field in visitor(cast.alice).get(HOME).context["filter"].fields}
        assert list(fields["role"]) == ["", "111111111111/importantproject-put"]
        assert list(fields["state"]) == list(STATES)


class TestNumbers:
    def test_a_healthy_portal_without_access_says_so(self, cast: Cast, healthy: None) -> None:
        Certification.objects.all().delete()
        page = text(visitor(cast.ada).get(HOME))
        assert "Nothing is open Last read from AWS: 12 seconds ago." in page
        assert "No problems found." in page

    @pytest.mark.parametrize(
        "break_it",
        [
            lambda: RoleState.objects.update(observed_at=None),
            lambda: RoleState.objects.update(observed_at=NOON - HOUR),
            lambda: RoleState.objects.update(observed_at=NOON + HOUR),
            lambda: Heartbeat.objects.filter(name="worker").update(at=NOON - HOUR),
            lambda: Heartbeat.objects.filter(name="worker").delete(),
        ],
        ids=["never read", "read an hour ago", "read in the future", "worker stopped", "no worker"],
    )
    def test_nothing_is_open_is_not_said_of_what_is_not_known(
        self, cast: Cast, healthy: None, break_it: Callable[[], object]
    ) -> None:
        break_it()
        for person in (cast.ada, cast.alice):
            page = text(visitor(person).get(HOME))
            assert "Nothing is open" not in page
            assert "The database has no live grant" in page

    def test_only_the_roles_of_an_approver_have_to_be_read(self, cast: Cast, healthy: None) -> None:
        RoleState.objects.filter(role=another_role(cast.bob)).update(observed_at=None)
        assert "Nothing is open" in text(visitor(cast.alice).get(HOME))
        assert "Nothing is open" not in text(visitor(cast.ada).get(HOME))

    def test_each_number_is_that_of_its_list(self, cast: Cast) -> None:
        overviews.everything(cast, now=NOON)
        client, found = visitor(cast.ada), numbers(cast.ada)
        for url, count in found.items():
            if url.startswith("/overview/"):
                page = client.get(url)
                assert (page.status_code, len(page.context["rows"])) == (200, count), url
        of_states = {url: count for url, count in found.items() if url.startswith("/?state=")}
        assert len(of_states) == 6
        for url, count in of_states.items():
            assert len(shown(cast.ada, state=url.partition("=")[2].partition("#")[0])) == count, url
        assert len(shown(cast.ada)) == found["/#access"]

    def test_administrators_see_each_kind_of_duty_and_trouble(self, cast: Cast) -> None:
        overviews.everything(cast, now=NOON)
        lists = {url for url in numbers(cast.ada) if url.startswith("/overview/")}
        assert lists == {reverse("overview_list", args=[name]) for name in WORK_LISTS}
        assert numbers(cast.ada)["/?state=blocked#access"] == 1

    def test_approvers_see_the_troubles_of_their_roles_only(self, cast: Cast) -> None:
        overviews.everything(cast, now=NOON)
        update_roles(Role.objects.filter(pk=another_role(cast.bob).pk), failures=STUCK_AFTER)
        mine = {url for url in numbers(cast.alice) if url.startswith("/overview/")}
        names = ("break-glass-grants", "stuck-roles", "roles-with-a-problem", "waiting-roles", "unsettled-roles")
        assert mine == {reverse("overview_list", args=[name]) for name in names}
        assert "other-role" not in text(visitor(cast.alice).get(reverse("overview_list", args=["stuck-roles"])))
        assert "other-role" in text(visitor(cast.ada).get(reverse("overview_list", args=["stuck-roles"])))
        for name in set(WORK_LISTS) - set(names):
            assert visitor(cast.alice).get(reverse("overview_list", args=[name])).status_code == 404

    def test_nobody_is_told_to_confirm_what_they_proposed(self, cast: Cast) -> None:
        overviews.everything(cast, now=NOON)
        adam = numbers(break_glass.adam())
        for name in ("role-changes", "auto-approval-policies", "break-glass-policies", "stops", "factor-resets"):
            assert reverse("overview_list", args=[name]) not in adam, name

    def test_the_oldest_the_next_to_expire_and_the_next_to_end_are_named(self, cast: Cast) -> None:
        oldest = factories.ask(cast, now=NOON - HOUR)
        soon = {"expires_at": NOON + MINUTE, "latest_start": NOON, "latest_end": NOON + HOUR}
        (urgent,) = factories.like(factories.ask(cast, by=cast.rita, principal_arn=""), 1, **soon)
        grant = factories.create_grant(cast, ends_at=NOON + HOUR / 2)
        panels = {panel.name: panel for panel in visitor(cast.alice).get(HOME).context["panels"]}
        assert [extreme.view.request for extreme in panels["waiting"].extremes] == [oldest, urgent]
        assert [extreme.view.request for extreme in panels["open"].extremes] == [grant.request]
        assert numbers(cast.alice)["/?state=ending-soon#access"] == 1

    def test_more_than_a_page_can_count_is_said_to_be_more(self, cast: Cast, monkeypatch: Any) -> None:
        monkeypatch.setattr("access.reviews.paging.COUNTED", 2)
        monkeypatch.setattr("access.presenters.overview.COUNTED", 2)
        factories.like(factories.ask(cast), 5)
        (number,) = visitor(cast.alice).get(HOME).context["panels"][1].numbers
        assert number.shown == "2+"


def test_the_number_of_queries_does_not_grow(cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    overviews.everything(cast, now=NOON)
    overviews.grants(cast, [NOON - MINUTE * index for index in range(60)])
    for index in range(12):
        another = factories.role(f"role-{index}", failures=STUCK_AFTER)
        another.approvers.add(cast.alice)
    for person, most in ((cast.ada, 58), (cast.alice, 42)):
        client = visitor(person)
        with django_assert_max_num_queries(most):
            client.get(HOME)
    client = visitor(cast.ada)
    with django_assert_max_num_queries(22):
        client.get(reverse("overview_list", args=["stuck-roles"]))
