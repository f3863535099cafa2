"""Break-glass in a browser: somebody uses it, somebody else stops and reviews it."""

import time

from django.urls import reverse
from django.utils import timezone

from access.models import BreakGlassGrant
from demo import codes
from tests import break_glass
from tests.browser.conftest import PHONE, Visit
from tests.browser.records import with_facts
from tests.factories import Cast
from tests.integration.test_limits import SEED, enrol


def test_mallory_uses_break_glass_and_alice_stops_and_reviews_it(cast: Cast, visit: Visit) -> None:
    now = timezone.now()
    break_glass.policy(cast, cast.mallory, now=now)
    enrol(cast.mallory)
    page = visit(cast.mallory, reverse("break_glass"))
    page.get_by_role("link", name=cast.role.name).click()
    page.get_by_label("15 minutes").check()
    page.get_by_label("Reason").fill("The upload is blocked.")
    page.get_by_role("button", name="Start break-glass access").click()
    page.get_by_text("Enter a new code from your authenticator app to use break-glass.").wait_for()
    page.get_by_label("Code").fill(codes.code_at(SEED, time.time()))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("Everyone responsible for the role is being notified.").wait_for()
    assert page.get_by_text("This access cannot be extended").is_visible()
    used = BreakGlassGrant.objects.get()
    with_facts(break_glass.grant_of(used), applied_at=now)

    phone = visit(cast.alice, reverse("inbox"), size=PHONE)
    phone.get_by_role("link", name="Mallory used break-glass").click()
    phone.get_by_role("button", name="Stop access now").click()
    phone.get_by_text("Stopped. Access is being removed from AWS.").wait_for()
    phone.get_by_label("No, it was not").check()
    phone.get_by_label("Comment").fill("The upload was running all the time.")
    phone.get_by_role("button", name="Save review").click()
    phone.get_by_text("Review saved.").wait_for()
    used.refresh_from_db()
    assert (used.verdict, used.reviewed_by) == ("not_justified", cast.alice)
    phone.goto(reverse("inbox"))
    assert phone.get_by_text("Mallory used break-glass").count() == 0
