"""Single sign-on in a browser: the path to the provider and back, and the path of a refused user."""

import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from demo import codes
from tests.browser.conftest import Visit
from tests.browser.test_look import findings
from tests.factories import Cast
from tests.idp.process import Idp, idp
from tests.integration.sso.visits import CALLBACK, claims


@pytest.fixture
def provider(portal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Idp]:
    """Yield a provider that sends back to this portal; the portal's policy lets forms lead to it."""
    with idp(tmp_path, redirect_uri=f"{portal}{CALLBACK}") as running:
        providers, policy = deepcopy(settings.SOCIALACCOUNT_PROVIDERS), deepcopy(settings.CONTENT_SECURITY_POLICY)
        app: dict[str, Any] = providers["openid_connect"]["APPS"][0]["settings"]
        app |= {"server_url": running.url, "openid_configuration_overrides": {"issuer": running.url}}
        origins = ["'self'", running.url]
        policy["DIRECTIVES"]["form-action"] = origins
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", providers)
        monkeypatch.setattr(settings, "CONTENT_SECURITY_POLICY", policy)
        yield running


def sign_in_at(provider: Idp, page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in with Example", exact=True).click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(provider.password)
    page.get_by_role("button", name="Sign In").click()


def test_an_internal_user_presses_the_button_and_sets_up_a_factor(cast: Cast, provider: Idp, visit: Visit) -> None:
    provider.says(bob=claims("robert"))
    page = visit(None, reverse("roles"))
    sign_in_at(provider, page, "bob")
    page.get_by_role("link", name="Set up app").click()
    seed = page.locator("pre[aria-label=Key]").inner_text().strip()
    page.get_by_label("Authenticator code").fill(codes.code_at(seed, time.time()))
    page.get_by_role("button", name="Enable app").click()
    page.goto(reverse("roles"))
    expect(page.get_by_role("heading", name="Roles", exact=True)).to_be_visible()


def test_a_refused_user_reads_why_and_finds_back(
    cast: Cast, provider: Idp, visit: Visit, screenshots: Path | None
) -> None:
    provider.says(alice=claims("alice"))
    page = visit(None, reverse("account_login"))
    sign_in_at(provider, page, "alice")
    expect(page.get_by_role("heading", name="You cannot sign in this way")).to_be_visible()
    assert findings(page) == []
    if screenshots is not None:
        page.screenshot(path=screenshots / "sign-in-refused-desk-light.png")
    page.get_by_role("link", name="Back to sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
