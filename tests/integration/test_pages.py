"""Who sees which page, and what is on it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.actions import deciding, delegations, requests
from access.models import Grant, Request, Stage, User
from access.uploads import upload_policy
from access.views import home as views_home
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast, update_roles
from tests.integration import pages
from tests.integration.pages import codes, text, visitor

PEOPLE = ("richard", "rita", "alice", "bob", "ada", "mallory")
ROLE_PAGE = ("111111111111", "importantproject-put")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asked(cast: Cast) -> Request:
    return factories.ask(cast)


@pytest.fixture
def active(cast: Cast) -> Grant:
    grant = factories.create_grant(cast, now=NOON)
    Grant.objects.filter(pk=grant.pk).update(applied_at=NOON)
    return grant


def may_see(cast: Cast, path: str) -> set[str]:
    """Return those for whom the page is there; for the others it must be as if it did not exist."""
    answers = {name: visitor(getattr(cast, name)).get(path).status_code for name in PEOPLE}
    assert set(answers.values()) <= {200, 404}
    return {name for name, status in answers.items() if status == 200}


def test_owner_approvers_and_administrators_can_see_a_request(cast: Cast, asked: Request) -> None:
    everybody_concerned = {"richard", "alice", "bob", "ada"}
    assert may_see(cast, pages.of(asked)) == everybody_concerned
    assert may_see(cast, pages.of(asked, "request_state")) == everybody_concerned


def test_only_approvers_can_open_the_decision_page(cast: Cast, asked: Request) -> None:
    assert may_see(cast, pages.of(asked, "approval")) == {"alice", "bob"}


def test_a_role_is_visible_to_its_contractors_and_responsible_people(cast: Cast) -> None:
    assert may_see(cast, reverse("role", args=ROLE_PAGE)) == {"richard", "rita", "alice", "bob", "ada"}


def test_a_disabled_role_is_hidden_from_contractors(cast: Cast) -> None:
    cast.role.is_active = False
    cast.role.save()
    assert may_see(cast, reverse("role", args=ROLE_PAGE)) == {"alice", "bob", "ada"}


def test_a_role_with_another_name_or_account_is_not_found(cast: Cast) -> None:
    assert may_see(cast, reverse("role", args=["111111111111", "other"])) == set()
    assert may_see(cast, reverse("role", args=["222222222222", "importantproject-put"])) == set()


@pytest.mark.parametrize("name", ["home", "roles"])
def test_everybody_can_open_the_common_pages(cast: Cast, name: str) -> None:
    assert may_see(cast, reverse(name)) == set(PEOPLE)


def test_contractors_can_request_and_approvers_have_an_inbox(cast: Cast) -> None:
    assert may_see(cast, reverse("request_new")) == {"richard", "rita"}
    assert may_see(cast, reverse("inbox")) == {"alice", "bob"}


def test_a_contractor_sees_only_their_own_grants(cast: Cast, active: Grant) -> None:
    ritas = factories.ask(cast, by=cast.rita, principal_arn="", reason="Rita has good reasons.")
    page = text(visitor(cast.richard).get("/"))
    assert "My access" in page
    assert "Active" in page
    assert "Rita" not in page
    assert pages.of(ritas) not in visitor(cast.richard).get("/").content.decode()
    assert "Richard" not in text(visitor(cast.rita).get("/"))


def test_my_access_lists_active_pending_and_past_requests(cast: Cast, active: Grant, asked: Request) -> None:
    factories.create_grant(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    past = factories.ask(cast, reason="Something that was not to be.")
    requests.withdraw(by=cast.richard, request=past, now=NOON)
    mine = visitor(cast.richard).get("/").context["mine"]
    live = [entry.request_view for account in mine["live"] for entry in account.entries]
    assert sorted(request_view.state for request_view in live) == ["active", "scheduled"]
    assert [request_view.state for request_view in mine["waiting"]] == ["pending"]
    assert [request_view.state for request_view in mine["past"]] == ["withdrawn"]


def test_past_access_comes_in_pages(cast: Cast) -> None:
    for _ in range(25):
        requests.withdraw(by=cast.richard, request=factories.ask(cast), now=NOON)
    client = visitor(cast.richard)
    first = client.get("/")
    second = client.get(first.context["mine"]["pages"].later_url)
    shown = [request_view.url for page in (first, second) for request_view in page.context["mine"]["past"]]
    assert len(shown) == len(set(shown)) == 25
    assert second.context["mine"]["pages"].later_url == ""
    assert client.get("/", {"after": "no-cursor"}).status_code == 404


def test_the_inbox_lists_pending_requests_of_this_approver_oldest_first(cast: Cast) -> None:
    first = factories.ask(cast, reason="First.")
    second = factories.ask(cast, now=NOON + HOUR, by=cast.rita, principal_arn="", reason="Second.")
    inbox = visitor(cast.alice).get(reverse("inbox")).context["inbox"]
    assert [request_view.request for request_view in inbox] == [first, second]


def test_a_decided_request_leaves_the_inbox_of_its_approver(cast: Cast, asked: Request) -> None:
    cast.role.quorum = 2
    cast.role.save()
    factories.approve(cast, asked, by=cast.alice)
    assert list(visitor(cast.alice).get(reverse("inbox")).context["inbox"]) == []
    assert [request_view.request for request_view in visitor(cast.bob).get(reverse("inbox")).context["inbox"]] == [
        asked
    ]


def test_requests_for_other_approvers_hide_none_for_this_one(cast: Cast) -> None:
    Stage.objects.create(role=cast.role, position=2, name="Security").approvers.add(factories.user("dan"))
    dan = User.objects.get(email="dan@example.com")
    factories.like(factories.ask(cast, reason="Older."), 104)
    last = factories.ask(cast, now=NOON + HOUR, by=cast.rita, principal_arn="", reason="Last.")
    assert list(visitor(dan).get(reverse("inbox")).context["inbox"]) == []
    deciding.approve(by=cast.alice, request=last, content_hash=last.content_hash, now=NOON + HOUR)
    assert [request_view.request for request_view in visitor(dan).get(reverse("inbox")).context["inbox"]] == [last]


def test_a_long_inbox_has_pages_and_shows_the_total(cast: Cast) -> None:
    asked = factories.ask(cast)
    others = factories.like(asked, 104)
    first = visitor(cast.alice).get(reverse("inbox"))
    second = visitor(cast.alice).get(reverse("inbox"), {"page": "2"})
    assert "Waiting for you 105" in text(first)
    shown = [request_view.request for page in (first, second) for request_view in page.context["inbox"]]
    assert shown == [asked, *others]
    assert "Page 1 of 2 Newer" in text(first)


def test_an_approver_of_another_role_has_an_empty_inbox(cast: Cast, asked: Request) -> None:
    factories.role("another").approvers.add(cast.mallory)
    assert list(visitor(cast.mallory).get(reverse("inbox")).context["inbox"]) == []


def test_an_administrator_sees_all_open_grants(cast: Cast, active: Grant) -> None:
    page = visitor(cast.ada).get("/")
    assert [request_view.grant for request_view in page.context["request_views"]] == [active]
    assert "Contractor A" in text(page)


def test_an_uninvolved_user_sees_no_grants(cast: Cast, active: Grant) -> None:
    page = text(visitor(cast.mallory).get("/"))
    assert "Richard" not in page
    assert "importantproject-put" not in page


def test_the_role_page_shows_an_approver_who_has_access(cast: Cast, active: Grant) -> None:
    page = text(visitor(cast.alice).get(reverse("role", args=ROLE_PAGE)))
    for fact in ("Richard", "Alice, Bob", "8 hours", "s3:PutObject", "arn:aws:iam::111111111111:role/daypass/"):
        assert fact in page


def test_the_role_page_shows_a_contractor_only_their_own_grants(cast: Cast, active: Grant) -> None:
    assert len(visitor(cast.richard).get(reverse("role", args=ROLE_PAGE)).context["request_views"]) == 1
    assert visitor(cast.rita).get(reverse("role", args=ROLE_PAGE)).context["request_views"] == []


def test_the_role_page_explains_overflow_roles_ownership_and_an_expiry_that_cannot_be_enforced(cast: Cast) -> None:
    path = reverse("role", args=["111111111111", cast.role.name])
    plain = text(visitor(cast.alice).get(path))
    assert not any(word in plain for word in ("Overflow roles", "becomes the owner", "cannot be enforced"))
    ours = upload_policy("importantprojectbucket", must_belong_to_us=True)
    update_roles(
        allows_overflow=True, permissions=ours, can_bypass_expiry=["iam:PassRole"], expiry_not_enforceable=True
    )
    said = text(visitor(cast.alice).get(path))
    assert "Bucket and key policies that name this role must also name the overflow roles." in said
    assert "aws s3 cp yourfile.txt s3://importantprojectbucket/ --acl bucket-owner-full-control" in said
    assert "Sessions of this role can use iam:PassRole" in said
    his = text(visitor(cast.richard).get(path))
    assert "AWS accepts an upload only if the bucket owner becomes the owner of the object" in his
    assert "Overflow roles" not in his


def test_the_problem_of_a_role_is_shown_to_responsible_people(cast: Cast) -> None:
    cast.role.state.problem, cast.role.state.problem_code = "role_missing", "aws_no_role"
    cast.role.state.problem_facts = {"role": "erp-read"}
    cast.role.state.save()
    assert "aws_no_role" in codes(visitor(cast.alice).get(reverse("role", args=ROLE_PAGE)))
    assert "aws_no_role" not in codes(visitor(cast.richard).get(reverse("role", args=ROLE_PAGE)))


@pytest.mark.parametrize("name", ["home", "inbox", "request_new", "roles"])
def test_a_signed_out_user_is_sent_to_the_sign_in(db: None, name: str) -> None:
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse(name)}"


def test_a_disabled_user_is_signed_out_immediately(cast: Cast) -> None:
    client = visitor(cast.richard)
    User.objects.filter(pk=cast.richard.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_reading_changes_nothing(cast: Cast, asked: Request, active: Grant) -> None:
    names = ("request", "request_state", "approval", "request_extend")
    paths = [pages.of(each, name) for each in (asked, active.request) for name in names]
    paths += [reverse(name) for name in ("home", "inbox", "request_new", "roles")] + [reverse("role", args=ROLE_PAGE)]
    User.objects.update(last_login=NOON)
    before = pages.world()
    for name in PEOPLE:
        client = visitor(getattr(cast, name))
        User.objects.update(last_login=NOON)
        for path in paths:
            assert client.get(path).status_code in {200, 404}
            assert client.head(path).status_code in {200, 404}
    assert pages.world() == before


@pytest.mark.parametrize("name", ["request_withdraw", "return_access", "request_revoke"])
def test_no_action_is_a_link(cast: Cast, asked: Request, name: str) -> None:
    assert visitor(cast.richard).get(pages.of(asked, name)).status_code == 405


@pytest.mark.parametrize("name", ["home", "inbox", "roles"])
def test_a_long_list_needs_no_more_queries(
    cast: Cast, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        role = factories.role(f"role-{number}")
        role.approvers.add(cast.ada, cast.alice)
        role.contractors.add(*cast.role.contractors.all())
        factories.create_grant(cast, role=role)
        requests.withdraw(by=cast.richard, request=factories.ask(cast, role=role), now=NOON)
    for number in range(5):
        factories.ask(cast, by=cast.rita, principal_arn="", reason=f"Request {number}.")
    for person in (cast.richard, cast.alice, cast.ada):
        client = visitor(person)
        # The overview has a number for each thing to do and each trouble: a query each.
        overview = {cast.ada: 52, cast.alice: 36} if name == "home" else {}
        # The table of roles says who decides, which takes five queries, and what is live.
        usual = 19 if name == "roles" else 17
        with django_assert_max_num_queries(overview.get(person, usual)):
            client.get(reverse(name))


def test_an_inbox_with_stages_and_delegates_needs_no_more_queries(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        role = factories.role(f"role-{number}", quorum=2)
        role.approvers.add(cast.alice, cast.bob, cast.ada)
        role.contractors.add(*cast.role.contractors.all())
        Stage.objects.create(role=role, position=2).approvers.add(cast.mallory)
        asked = factories.ask(cast, role=role, by=(cast.richard, cast.rita)[number % 2], principal_arn="")
        factories.approve(cast, asked, by=cast.ada)
    for asked in Request.objects.all():
        factories.like(asked, 3)
    delegations.create_delegation(by=cast.bob, delegate=cast.alice, from_at=NOON, until_at=NOON + DAY, now=NOON)
    for person in (cast.alice, cast.ada):
        client = visitor(person)
        with django_assert_max_num_queries(26):
            page = client.get(reverse("inbox"))
        assert len(page.context["inbox"]) == (40 if person == cast.alice else 30)


def test_past_requests_are_paged_by_cursor_and_not_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_home, "PAGE", 2)
    over = factories.like(factories.ask(cast), 5, state="withdrawn", settled_at=NOON)
    Request.objects.filter(state="pending").update(state="withdrawn", settled_at=NOON)
    client, seen, url = visitor(cast.richard), [], reverse("home")
    while url:
        with CaptureQueriesContext(connection) as queries:
            mine = client.get(url).context["mine"]
        assert not [one["sql"] for one in queries if "COUNT(*)" in one["sql"] and "access_request" in one["sql"]]
        seen += [view.request.pk for view in mine["past"]]
        url = mine["pages"].later_url
    assert len(seen) == len(set(seen)) == 6
    assert {one.pk for one in over} < set(seen)
    assert client.get(reverse("home") + "?after=x").status_code == 404
