"""What somebody types is saved quietly, and the page warns before the session ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.ledger.form_drafts import find_draft
from access.models import FormDraft, Request, Session
from tests import factories
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_look import findings
from tests.factories import Cast

ASK = reverse("request_new")
REASON = "Nightly upload for the auditors."
MINUTE = 60_000  # milliseconds


def look(page: Page, name: str, screenshots: Path | None) -> None:
    """Check the page as it is now in both themes, on a desk and on a phone."""
    for theme, (width, height) in (("light", DESK), ("dark", PHONE)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        if screenshots is not None:
            page.screenshot(path=screenshots / f"{name}-{theme}-{width}.png")
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def reason_saved(cast: Cast) -> Any:
    draft = find_draft(cast.richard, ASK, now=timezone.now())
    return draft and draft.typed["reason"]


def change_session(**values: float) -> None:
    """Change the times of the only session, in seconds since 1970."""
    row = Session.objects.get()
    row.session_data = Session.get_session_store_class()().encode(row.get_decoded() | values)
    row.save()


def test_typed_text_is_saved_offered_restored_and_submitted(cast: Cast, visit: Visit, screenshots: Path | None) -> None:
    page = visit(cast.richard, ASK)
    reason, said = page.get_by_label("Reason"), page.locator("[data-draft-said]")
    reason.press_sequentially(REASON)
    expect(said).to_contain_text("Draft saved at")
    assert reason_saved(cast) == [REASON]
    assert not Request.objects.exists()
    look(page, "draft-saved", screenshots)
    page.goto(ASK)
    expect(reason).to_be_empty()
    reason.press_sequentially("x")
    expect(said).to_contain_text("restore or discard")
    look(page, "draft-offered", screenshots)
    page.get_by_role("link", name="Restore draft").click()
    expect(reason).to_have_value(REASON)
    assert reason_saved(cast) == [REASON]
    look(page, "draft-restored", screenshots)
    page.get_by_role("button", name="Submit request").click()
    expect(page.get_by_text("Request submitted.")).to_be_visible()
    assert Request.objects.get().reason == REASON
    assert not FormDraft.objects.exists()


def test_the_button_saves_without_leaving_the_page_and_alone_without_scripts(cast: Cast, visit: Visit) -> None:
    page = visit(cast.richard, ASK)
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("[data-draft-said][aria-live=polite]")).to_contain_text("Draft saved at")
    assert page.url.endswith(ASK)
    FormDraft.objects.all().delete()
    plain = visit(cast.richard, ASK, java_script_enabled=False)
    plain.get_by_label("Reason").fill(REASON)
    plain.get_by_role("button", name="Save draft").click()
    assert plain.url.endswith(f"{ASK}?draft=restored")
    assert plain.get_by_label("Reason").input_value() == REASON
    assert reason_saved(cast) == [REASON]


def test_changes_of_an_approver_are_saved_quietly(cast: Cast, visit: Visit) -> None:
    request = factories.ask(cast, now=timezone.now())
    path = reverse("approval", args=[request.public_id])
    page = visit(cast.alice, path)
    page.get_by_text("Approve with changes…").click()
    page.get_by_label("Length").fill("41 min")
    expect(page.get_by_text("Draft saved at")).to_be_visible()
    draft = find_draft(cast.alice, f"{path}?changes=1", now=timezone.now())
    assert draft is not None
    assert draft.typed["length"] == ["41 min"]


def test_the_page_warns_before_the_session_ends_and_can_keep_it_alive(
    cast: Cast, visit: Visit, screenshots: Path | None
) -> None:
    page = visit(cast.richard, ASK)
    alert, stay = page.get_by_role("alert"), page.get_by_role("button", name="Stay signed in")
    page.clock.install()
    page.reload()
    page.get_by_label("Reason").press_sequentially(REASON)
    page.clock.fast_forward(settings.SESSION_IDLE_AGE * 1000 - MINUTE)
    expect(alert).to_contain_text("because you have not used Daypass for a while")
    expect(page.get_by_label("Reason")).to_be_focused()
    assert reason_saved(cast) == [REASON]
    look(page, "session-ends", screenshots)
    earlier = (timezone.now() - timedelta(minutes=5)).timestamp()
    change_session(clicked_at=earlier)
    page.clock.set_system_time(timezone.now())
    stay.click()
    expect(stay).to_be_hidden()
    expect(alert).to_be_empty()
    assert Session.objects.get().get_decoded()["clicked_at"] > earlier


def test_the_last_end_has_no_button_and_afterwards_the_page_leads_to_the_sign_in(
    cast: Cast, visit: Visit, screenshots: Path | None
) -> None:
    page = visit(cast.richard, ASK)
    page.clock.install()
    page.reload()
    idle, longest = settings.SESSION_IDLE_AGE, settings.SESSION_COOKIE_AGE
    change_session(began_at=(timezone.now() - timedelta(seconds=longest - idle + 10)).timestamp())
    page.clock.fast_forward(idle * 1000 - MINUTE)
    expect(page.get_by_role("alert")).to_contain_text("You cannot extend it")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    Session.objects.all().delete()
    page.clock.fast_forward(2 * MINUTE)
    expect(page.get_by_role("alert")).to_contain_text("has ended")
    look(page, "session-ended", screenshots)
    page.get_by_role("link", name="Sign in").click()
    assert page.url.endswith(f"?next={quote(ASK, safe='')}")
