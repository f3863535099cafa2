"""Passkeys in a real browser, with an authenticator that always confirms: added, used to sign in and to confirm."""

import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.actions import invitations
from access.actions.invitations import Contract
from demo import codes
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_look import findings
from tests.factories import Cast

PASSWORD = "correct-horse-battery"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(cast: Cast, visit: Visit) -> Page:
    """Return Alice's sign-in page, with a password, a device that holds passkeys, and no second factor yet."""
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    EmailAddress.objects.create(user=cast.alice, email=cast.alice.email, verified=True, primary=True)
    opened: Page = visit(None, reverse("account_login"))
    device = opened.context.new_cdp_session(opened)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return opened


def by_password(page: Page) -> None:
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def adds_a_passkey(page: Page) -> None:
    by_password(page)
    page.get_by_role("link", name="Add passkey").click()
    assert page.get_by_label("Passwordless").count() == 0
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("They are shown only once")).to_be_visible()
    assert findings(page) == []


def signs_out(page: Page) -> None:
    page.goto(reverse("home"))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_without_a_password_signs_alice_in(page: Page) -> None:
    adds_a_passkey(page)
    signs_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(
        page.get_by_role("heading", name="Overview").or_(page.get_by_role("heading", name="Overview"))
    ).to_be_visible()


def test_a_passkey_is_the_second_step_after_the_password(page: Page) -> None:
    adds_a_passkey(page)
    signs_out(page)
    by_password(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_passkey_confirms_that_it_is_alice(page: Page) -> None:
    adds_a_passkey(page)
    page.goto(reverse("mfa_reauthenticate_webauthn"))
    assert findings(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_one_passkey_approves_from_an_email(page: Page, cast: Cast) -> None:
    """The sign-in is all that is asked for: one secret from the link to the decision."""
    asked = factories.ask(cast, now=timezone.now())
    adds_a_passkey(page)
    signs_out(page)
    page.goto(reverse("approval", args=[asked.public_id]))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Approve request").click()
    expect(page.get_by_text("Decision recorded.")).to_be_visible()


def test_a_second_passkey_asks_for_the_first(page: Page) -> None:
    adds_a_passkey(page)
    page.goto(reverse("mfa_add_webauthn"))
    expect(page.get_by_text("Use your passkey to add a passkey.")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Add passkey")).to_be_visible()


def test_a_refused_passkey_is_reported_and_another_method_offered(page: Page, cast: Cast, visit: Visit) -> None:
    without = visit(None, reverse("account_login"))
    device = without.context.new_cdp_session(without)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    without.get_by_role("button", name="Sign in with a passkey").click()
    expect(without.get_by_text("No passkey was used")).to_be_visible()


def test_an_app_is_set_up_without_scripts(page: Page, visit: Visit) -> None:
    plain = visit(None, reverse("account_login"), java_script_enabled=False)
    by_password(plain)
    plain.get_by_role("link", name="Set up app").click()
    seed = plain.locator("pre[aria-label=Key]").inner_text().strip()
    plain.get_by_label("Authenticator code").fill(codes.code_at(seed, time.time()))
    plain.get_by_role("button", name="Enable app").click()
    expect(plain.get_by_text("They are shown only once")).to_be_visible()


def test_an_account_is_set_up_with_a_passkey_and_no_password(page: Page, cast: Cast) -> None:
    contract = Contract("Contractor B", timezone.now() + timedelta(days=30), frozenset({cast.role.pk}))
    cast.alice.is_sponsor = True
    cast.alice.save()
    invitation = invitations.invite(by=cast.alice, email="ron@example.com", contract=contract, now=timezone.now())
    page.goto(reverse("invitation", args=[invitations.link_of(invitation)]))
    page.get_by_label("Your name").fill("Ron")
    assert findings(page) == []
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("Step 2 of 3")).to_be_visible()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("Step 3 of 3")).to_be_visible()
    assert findings(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download codes").click()
    assert len(download.value.path().read_text().split()) == 10
    page.get_by_role("link", name="Codes saved").click()
    expect(page.get_by_role("heading", name="My access")).to_be_visible()
    signs_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="My access")).to_be_visible()
