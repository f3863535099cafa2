"""The decision page: the buttons are at hand on a phone and on a desk, and words come before JSON."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from access.models import Request
from tests import factories
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.records import MINUTE, as_read
from tests.factories import Cast

SMALL = (320, 568)
# Words before documents, and each thing before what depends on it.
ORDER = ["Requester", "Request", "Role permissions", "Changes to AWS if you approve", "Approvers"]


def with_live_grants(cast: Cast, now: datetime) -> Request:
    """Return a request for a role that holds three grants, as the worker read them."""
    ends = (now + (50 + number) * MINUTE for number in range(3))
    as_read(cast.role, [factories.create_grant(cast, now=now - 10 * MINUTE, ends_at=end) for end in ends], now)
    return factories.ask(cast, now=now, reason="Upload the file.\n\nIt is for the report of November.")


def is_in_window(page: Page, button: Locator) -> bool:
    """Return whether the whole button is in the window, and nothing lies over its middle."""
    box, size = button.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    at = "([button, x, y]) => button.contains(document.elementFromPoint(x, y))"
    return (
        box["y"] >= 0
        and box["y"] + box["height"] <= size["height"]
        and page.evaluate(at, [button.element_handle(), *middle])
    )


def test_the_decision_is_at_hand_wherever_the_page_is_scrolled(cast: Cast, visit: Visit) -> None:
    asked = with_live_grants(cast, timezone.now())
    page = visit(cast.alice, reverse("approval", args=[asked.public_id]))
    approve = page.get_by_role("button", name="Approve request", exact=True)
    for width, height in (DESK, PHONE, SMALL):
        page.set_viewport_size({"width": width, "height": height})
        for share in (0, 0.5, 1):
            page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
            assert is_in_window(page, approve), (width, share)
            assert is_in_window(page, page.get_by_text("Deny request…")), (width, share)
    # The foot leaves most of a phone to the request, and nothing below it.
    box = page.locator(".verdict").bounding_box()
    assert box is not None
    assert box["height"] < SMALL[1] / 2


def test_words_come_before_documents_and_changed_lines_before_the_rest(cast: Cast, visit: Visit) -> None:
    asked = with_live_grants(cast, timezone.now())
    page = visit(cast.alice, reverse("approval", args=[asked.public_id]))
    assert page.locator(".decide > .stack > .card > h2").all_inner_texts()[: len(ORDER)] == ORDER
    document = page.locator("details", has_text="Trust policy: who can assume the role")
    expect(document).to_contain_text("1 statement added, 3 statements unchanged")
    expect(document.locator("pre").first).to_be_hidden()
    document.locator("summary").click()
    changed, whole = document.locator("pre").all()
    assert {line[0] for line in changed.inner_text().splitlines() if line} == {"+"}
    assert asked.session_name in changed.inner_text()
    assert whole.inner_text().count('"Sid"') == 4
