"""The keyboard is enough, the focus is visible, and errors lead to their fields."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import SCENES
from tests.factories import Cast

NARROW = (360, 740)
FULL_PAGES = [
    "my-access",
    "approvals",
    "overview",
    "ask-for-access",
    "request-active",
    "decide",
    "role-for-the-approver",
]

# The outline is drawn around the element, or around the row or the choice that it stands for.
SHOWS_FOCUS = """() => {
    const focused = document.activeElement;
    const places = [focused, focused.closest(".row"), focused.closest("label")].filter(Boolean);
    return places.some((place) => {
        const style = getComputedStyle(place);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
}"""
NAME = "() => document.activeElement.outerHTML.slice(0, 120)"


def walk(page: Page) -> list[str]:
    """Press Tab from the top of the page to its end, and return what had the focus without showing it."""
    hidden: list[str] = []
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body"):
        if not page.evaluate(SHOWS_FOCUS):
            hidden.append(page.evaluate(NAME))
        page.keyboard.press("Tab")
    return hidden


@pytest.mark.parametrize("name", ["my-access", "approvals", "ask-for-access", "request-active", "decide"])
def test_the_focus_can_always_be_seen(name: str, cast: Cast, visit: Visit) -> None:
    scene = SCENES[name](cast, timezone.now())
    assert walk(visit(scene.person, scene.path)) == []


def test_the_first_key_press_offers_to_skip_the_navigation(cast: Cast, visit: Visit) -> None:
    page = visit(cast.richard, reverse("home"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"


def test_a_refused_form_keeps_the_input_and_leads_to_the_error(cast: Cast, visit: Visit) -> None:
    page = visit(cast.alice, reverse("identity_vouch"))
    page.get_by_label("ARN").fill("arn:aws:iam::222222222222:root")
    page.get_by_role("button", name="Vouch for identity").click()
    summary = page.get_by_role("alert").filter(has_text="Please fix the errors below")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    identity = page.get_by_label("ARN")
    expect(identity).to_be_focused()
    expect(identity).to_have_value("arn:aws:iam::222222222222:root")
    expect(identity).to_have_accessible_description(re.compile("whole account"))


@pytest.mark.parametrize("name", FULL_PAGES)
def test_no_page_is_wider_than_a_small_phone(name: str, cast: Cast, visit: Visit) -> None:
    scene = SCENES[name](cast, timezone.now())
    page = visit(scene.person, scene.path, size=NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
