"""A contractor uses, extends and repeats access with few clicks."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.ledger.grants import mark_applied
from access.lifecycle import RequestState
from access.models import Grant, Request, Role
from access.uploads import upload_policy
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import visitor


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def active(cast: Cast) -> Grant:
    return applied(factories.create_grant(cast))


def applied(grant: Grant) -> Grant:
    mark_applied([grant], by="worker", now=NOON, statements={grant.session_name: {}})
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)


def home(person: Any) -> str:
    return str(visitor(person).get(reverse("home")).content.decode())


def ask_again(cast: Cast, request: Request) -> Any:
    return visitor(cast.richard).post(pages.of(request, "request_again"))


def test_the_row_of_richards_grant_leads_to_the_snippets_and_offers_no_console(cast: Cast, active: Grant) -> None:
    Role.objects.update(allows_console=True)
    page = home(cast.richard)
    assert f'href="{pages.of(active.request)}#snippets"' in page
    assert pages.of(active.request, "console") not in page


def test_the_row_of_ritas_grant_has_both_verbs_and_opens_the_console_in_a_new_tab(cast: Cast) -> None:
    Role.objects.update(allows_console=True)
    grant = applied(factories.create_grant(cast, by=cast.rita, principal_arn=""))
    page = home(cast.rita)
    form = re.search(rf'<form method="post" action="{pages.of(grant.request, "console")}"[^>]*>', page)
    assert form
    assert 'target="_blank"' in form[0]
    assert f'action="{pages.of(grant.request, "credentials")}"' in page


def test_a_grant_that_is_not_active_has_no_verbs(cast: Cast) -> None:
    Role.objects.update(allows_console=True)
    grant = factories.create_grant(cast, by=cast.rita, principal_arn="")
    page = home(cast.rita)
    assert pages.of(grant.request) in page
    assert pages.of(grant.request, "credentials") not in page
    assert pages.of(grant.request, "console") not in page


def roles_listed(page: str) -> list[str]:
    """Return the names of the roles that can be requested, in the order of the page."""
    section = page.partition('id="own-roles"')[2].partition("</section>")[0]
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', section)


def test_favourites_come_first_then_what_was_used_last(cast: Cast) -> None:
    for name in ("a-role", "z-role"):
        factories.role(name).contractors.add(*cast.role.contractors.all())
    assert roles_listed(home(cast.richard)) == ["a-role", cast.role.name, "z-role"]
    factories.ask(cast)
    assert roles_listed(home(cast.richard)) == [cast.role.name, "a-role", "z-role"]
    mark = reverse("role_favourite", args=["111111111111", "z-role"])
    assert visitor(cast.richard).post(mark, {"favourite": "yes"}).status_code == 302
    assert roles_listed(home(cast.richard)) == ["z-role", cast.role.name, "a-role"]
    assert roles_listed(home(cast.rita))[0] != "z-role"
    visitor(cast.richard).post(mark, {"favourite": "no"})
    assert roles_listed(home(cast.richard))[0] == cast.role.name


def test_nobody_marks_a_role_that_they_cannot_request(cast: Cast) -> None:
    factories.role("others")
    mark = reverse("role_favourite", args=["111111111111", "others"])
    assert visitor(cast.richard).post(mark, {"favourite": "yes"}).status_code == 404
    own = reverse("role_favourite", args=["111111111111", cast.role.name])
    assert visitor(cast.alice).post(own, {"favourite": "yes"}).status_code in {403, 404}
    assert not Role.favourite_of.through.objects.exists()


def test_the_page_of_a_role_leads_to_a_form_with_the_role_chosen(cast: Cast) -> None:
    factories.role("another").contractors.add(*cast.role.contractors.all())
    client = visitor(cast.richard)
    page = client.get(reverse("role", args=["111111111111", cast.role.name]))
    assert "Request this role" in pages.text(page)
    form = client.get(page.context["ask_url"]).context["form"]
    assert list(form["role"].value()) == [cast.role.pk]
    Role.objects.filter(pk=cast.role.pk).update(is_active=False)
    assert "Request this role" not in pages.text(
        visitor(cast.ada).get(reverse("role", args=["111111111111", cast.role.name]))
    )


def test_one_click_requests_the_same_again(cast: Cast, active: Grant, time_machine: TimeMachineFixture) -> None:
    earlier = active.request
    time_machine.move_to(active.ends_at + HOUR, tick=False)
    Grant.objects.update(removed_at=active.ends_at)
    assert pages.of(earlier, "request_again") in home(cast.richard)
    answer = ask_again(cast, earlier)
    made = Request.objects.exclude(pk=earlier.pk).get()
    assert answer["Location"] == pages.of(made)
    same = ("role_id", "principal_id", "reason", "ticket", "asks_mfa", "source_cidrs", "requester_id")
    assert [getattr(made, name) for name in same] == [getattr(earlier, name) for name in same]
    assert made.window().length == earlier.window().length
    assert made.state == RequestState.PENDING


def test_a_second_click_leads_to_the_request_that_waits(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(active.ends_at + HOUR, tick=False)
    first, second = ask_again(cast, active.request), ask_again(cast, active.request)
    assert first["Location"] == second["Location"]
    assert Request.objects.count() == 2


def test_a_refused_repetition_leads_to_the_form(cast: Cast, active: Grant) -> None:
    Role.objects.update(is_active=False)
    answer = ask_again(cast, active.request)
    assert answer["Location"].endswith(f"?like={active.request.public_id}")
    assert Request.objects.count() == 1


def test_nobody_repeats_the_request_of_somebody_else(cast: Cast, active: Grant) -> None:
    for person in (cast.rita, cast.alice, cast.ada):
        assert visitor(person).post(pages.of(active.request, "request_again")).status_code in {403, 404}
    assert Request.objects.count() == 1


def extend(cast: Cast, grant: Grant, **form: str) -> Any:
    sent = {"reason": "More files.", "time_zone": "UTC", **form}
    return visitor(cast.richard).post(pages.of(grant.request, "request_extend"), sent)


@pytest.mark.parametrize(("chosen", "hours"), [("60", 1), ("120", 2), ("240", 4)])
def test_access_is_extended_by_a_length_from_its_end(cast: Cast, active: Grant, chosen: str, hours: int) -> None:
    extend(cast, active, by=chosen)
    assert Request.objects.get(extends=active).ends_at == active.ends_at + hours * HOUR


def test_a_typed_end_is_never_ignored(cast: Cast, active: Grant) -> None:
    later = f"{active.ends_at + timedelta(hours=3):%Y-%m-%dT%H:%M}"
    assert "new_end_not_used" in pages.codes(extend(cast, active, by="60", ends_at=later))
    assert "new_end_missing" in pages.codes(extend(cast, active, by="until"))
    assert not Request.objects.filter(extends=active).exists()
    extend(cast, active, by="until", ends_at=later)
    assert Request.objects.get(extends=active).ends_at == active.ends_at + 3 * HOUR


def test_an_extension_that_is_refused_is_refused_at_the_choice(cast: Cast, active: Grant) -> None:
    Role.objects.update(longest_window=2 * HOUR)
    page = extend(cast, active, by="240")
    assert page.context["form"].errors.keys() == {"by"}


def test_every_page_says_that_it_is_an_extension(cast: Cast, active: Grant) -> None:
    extend(cast, active, by="60")
    made = Request.objects.get(extends=active)
    name = cast.role.name
    said = {
        reverse("home"): (cast.richard, "extension"),
        pages.of(made): (cast.richard, f"Extension for {name}"),
        reverse("inbox"): (cast.alice, f"asks to extend {name}"),
        pages.of(made, "approval"): (cast.alice, f"Extension for {name}"),
        f"{reverse('bulk_approval')}?request={made.public_id}": (cast.alice, f"asks to extend {name}"),
    }
    for url, (person, words) in said.items():
        assert words in pages.text(visitor(person).get(url)), url
    assert "Extension for" not in pages.text(visitor(cast.richard).get(pages.of(active.request)))


def test_a_role_with_one_bucket_offers_its_page_in_the_console(cast: Cast) -> None:
    one = upload_policy("importantprojectbucket", prefix="incoming/", must_belong_to_us=False)
    Role.objects.update(allows_console=True, permissions=one)
    grant = applied(factories.create_grant(cast, by=cast.rita, principal_arn=""))
    page = visitor(cast.rita).get(pages.of(grant.request)).content.decode()
    assert '<option value="bucket">importantprojectbucket/incoming/</option>' in page
    assert "multi-session support" in page
