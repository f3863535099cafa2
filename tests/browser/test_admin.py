"""Django's admin in a browser: its pages work under the portal's policy, which allows nothing inline."""

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import Visit
from tests.factories import Cast


def test_ada_views_a_grant_without_an_error_in_the_browser(cast: Cast, visit: Visit) -> None:
    grant = factories.create_grant(cast, now=timezone.now())
    page = visit(cast.ada, reverse("admin:index"))
    page.get_by_role("link", name="Grants", exact=True).first.click()
    page.get_by_role("link", name=grant.session_name).click()
    expect(page.get_by_text(grant.principal_arn).first).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
