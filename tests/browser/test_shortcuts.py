"""Single keys lead to pages, rows and buttons; they decide nothing, and each person can disable them."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.models import Decision, Request, User
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_look import findings
from tests.factories import Cast

DIALOG = "Keyboard shortcuts"


def inbox(cast: Cast, visit: Visit) -> tuple[Page, list[Request]]:
    asked = [factories.ask(cast, by=by, now=timezone.now()) for by in (cast.richard, cast.rita)]
    return visit(cast.alice, reverse("inbox")), asked


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_lead_through_the_list_to_the_buttons_and_never_decide(cast: Cast, visit: Visit) -> None:
    page, (first, second) = inbox(cast, visit)
    press(page, "j", "j", "k", "j")
    expect(page.get_by_role("link", name=re.compile("Rita"))).to_be_focused()
    press(page, "a")
    page.wait_for_url(re.compile(f"{second.public_id}.*#key-a"))
    expect(page.get_by_role("button", name="Approve request")).to_be_focused()
    press(page, "d")
    expect(page.get_by_label("Reason")).to_be_focused()
    press(page, "a", "d", "j", "?")
    expect(page.get_by_label("Reason")).to_have_value("adj?")
    page.go_back()
    page.get_by_role("link", name=re.compile("Richard")).focus()
    press(page, "d")
    page.wait_for_url(re.compile(f"{first.public_id}.*#key-d"))
    expect(page.get_by_label("Reason")).to_be_focused()
    assert not Decision.objects.exists()


def test_g_and_a_key_open_a_page_and_a_slash_the_search(cast: Cast, visit: Visit) -> None:
    page = visit(cast.alice, reverse("roles"))
    for key, name in {"i": "inbox", "o": "home", "a": "audit", "l": "roles"}.items():
        press(page, "g", key)
        page.wait_for_url(lambda url, name=name: url.endswith(reverse(name)))  # type: ignore[misc]
    press(page, "g", "z", "/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("gi/?")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/search/\?q=gi"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Search results for “gi/?”")


def test_the_search_box_suggests_what_matches(cast: Cast, visit: Visit) -> None:
    asked = factories.ask(cast, now=timezone.now())
    page = visit(cast.alice, reverse("roles"))
    press(page, "/")
    page.keyboard.type("upload")
    expect(page.get_by_role("status")).to_have_text("1 suggestion")
    suggestion = page.get_by_role("search", name="Everything").get_by_role("link", name=re.compile("Richard"))
    assert findings(page) == []
    press(page, "Tab")
    expect(suggestion).to_be_focused()
    press(page, "Enter")
    page.wait_for_url(re.compile(f"/requests/{asked.public_id}/"))


def test_a_question_mark_shows_the_keys_until_they_are_closed(cast: Cast, visit: Visit) -> None:
    page = visit(cast.alice, reverse("roles"))
    press(page, "?")
    dialog = page.get_by_role("dialog", name=DIALOG)
    expect(dialog.get_by_text("Go to the search field")).to_be_visible()
    assert findings(page) == []
    press(page, "g", "i", "Escape")
    expect(dialog).to_have_count(0)
    assert page.url.endswith(reverse("roles"))


@pytest.mark.parametrize("off", ["with a modifier", "by the setting"])
def test_keys_can_be_off(cast: Cast, visit: Visit, off: str) -> None:
    if off == "by the setting":
        User.objects.update(uses_shortcuts=False)
    page, _ = inbox(cast, visit)
    modifier = "" if off == "by the setting" else "Alt+"
    press(page, *(f"{modifier}{key}" for key in ("j", "?", "/")))
    assert page.evaluate("document.activeElement === document.body")
    expect(page.get_by_role("dialog")).to_have_count(0)
