"""What the scripts add to the pages, and that everything works without them."""

import re

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.models import Grant, Request
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.records import active
from tests.browser.scenes import SCENES
from tests.factories import RICHARD_ARN, Cast

MINUTE = 60_000  # milliseconds


def state(page: Page) -> str:
    """Return the state that the page shows of a request."""
    return page.locator(".pill").inner_text()


def minutes_left(page: Page) -> int:
    """Return what the countdown shows, without the seconds."""
    return int(page.get_by_role("timer").inner_text().split(" min")[0])


def test_the_copy_button_copies_what_the_box_shows(cast: Cast, visit: Visit) -> None:
    scene = SCENES["request-active"](cast, timezone.now())
    page = visit(scene.person, scene.path, permissions=["clipboard-read", "clipboard-write"])
    box = page.locator("[data-copybox]").filter(has_text="Role ARN").first
    box.get_by_role("button").click()
    expect(box.get_by_role("button")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == cast.role.arn


def test_where_copying_is_not_allowed_the_text_is_selected(cast: Cast, visit: Visit) -> None:
    scene = SCENES["request-active"](cast, timezone.now())
    page = visit(scene.person, scene.path)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    box = page.locator("[data-copybox]").filter(has_text="Role ARN").first
    box.get_by_role("button").click()
    expect(box.get_by_role("button")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == cast.role.arn


def test_the_countdown_follows_the_clock_of_the_portal_even_if_that_of_the_browser_is_wrong(
    cast: Cast, visit: Visit
) -> None:
    scene = SCENES["request-active"](cast, timezone.now())
    page = visit(scene.person, scene.path)
    page.clock.install(time=0)
    page.clock.pause_at(86_400_000)
    page.reload()
    shown = minutes_left(page)
    assert shown in {49, 50}
    page.clock.run_for(10 * MINUTE)
    assert minutes_left(page) == shown - 10


def test_the_page_says_active_by_itself_once_aws_was_read_back(cast: Cast, visit: Visit) -> None:
    grant = active(cast, timezone.now())
    Grant.objects.update(applied_at=None)
    page = visit(cast.richard, reverse("request", args=[grant.request.public_id]))
    assert state(page) == "Activating"
    Grant.objects.update(applied_at=timezone.now())
    expect(page.locator("[data-state=active]")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("status").filter(has_text="usually takes effect within seconds")).to_have_count(1)
    expect(page.get_by_role("timer")).to_contain_text("min")


def test_text_being_typed_survives_a_change_of_state(cast: Cast, visit: Visit) -> None:
    grant = active(cast, timezone.now())
    Grant.objects.update(applied_at=None)
    page = visit(cast.alice, reverse("request", args=[grant.request.public_id]))
    page.get_by_text("Revoke access…").click()
    page.get_by_label("Reason").fill("The file is")
    with page.expect_response(re.compile("/state/")) as answer:
        Grant.objects.update(applied_at=timezone.now())
    for _ in range(5):
        if 'data-state="active"' in answer.value.text():
            break
        with page.expect_response(re.compile("/state/")) as answer:
            pass
    assert 'data-state="active"' in answer.value.text()
    page.get_by_label("Reason").press_sequentially(" there already.")
    page.get_by_role("button", name="Revoke access now").click()
    expect(page.locator("[data-state=ending]")).to_be_visible()
    assert Grant.objects.get().revoked_reason == "The file is there already."


def test_a_user_signed_out_meanwhile_signs_in_again_and_returns(cast: Cast, visit: Visit) -> None:
    grant = active(cast, timezone.now())
    Grant.objects.update(applied_at=None)
    path = reverse("request", args=[grant.request.public_id])
    page = visit(cast.richard, path)
    page.context.clear_cookies()
    page.wait_for_url(f"**{reverse('account_login')}?next={path}")


def test_without_scripts_richard_requests_alice_approves_and_richard_returns_it(cast: Cast, visit: Visit) -> None:
    factories.proven(cast.richard)
    page = visit(cast.richard, reverse("request_new"), java_script_enabled=False)
    page.get_by_label(RICHARD_ARN).check()
    page.get_by_label("Reason").fill("Upload the file.")
    page.get_by_role("button", name="Submit request").click()
    request = Request.objects.get()
    assert state(page) == "Pending"

    approval = visit(cast.alice, reverse("approval", args=[request.public_id]), java_script_enabled=False)
    approval.get_by_role("button", name="Approve request").click()
    Grant.objects.update(applied_at=timezone.now())
    assert "Reload the page" in approval.locator("body").inner_text()

    assert reloaded_until_begun(page) == "Active"
    assert "UTC" in page.get_by_role("timer").inner_text()
    assert page.get_by_role("button", name="Copy").count() == 0
    page.get_by_text("Return access…").click()
    page.get_by_role("button", name="Return access now").click()
    assert state(page) == "Ending"
    assert Grant.objects.get().revoked_by == cast.richard


def reloaded_until_begun(page: Page) -> str:
    """Reload the page until it no longer says scheduled: a grant begins at the full second after the approval."""
    for _ in range(100):
        page.reload()
        if state(page) != "Scheduled":
            break
    return state(page)
