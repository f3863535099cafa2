"""Rita, who has no AWS account, gets a session from the portal: once, after confirming the password, not twice."""

import copy
import http.server
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, Page, expect

from access import credentials
from access.aws import Session
from access.models import Issuance
from tests.browser.conftest import Visit
from tests.browser.records import ritas
from tests.browser.test_look import findings
from tests.factories import Cast

PASSWORD = "correct-horse-battery"
SECRET = "example-secret-access-key"


@pytest.fixture
def page(cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Return Rita at the page of a grant; AWS is not there, its answer is made up."""
    monkeypatch.setattr(credentials, "issue", lambda **_: credentials.Issued(session(timezone.now()), Issuance()))
    cast.rita.set_password(PASSWORD)
    cast.rita.save()
    grant = ritas(cast, timezone.now())
    opened = visit(cast.rita, reverse("request", args=[grant.request.public_id]))
    assert isinstance(opened, Page)
    return opened


def session(now: datetime) -> Session:
    given: dict[str, Any] = {
        "access_key_id": "ASIAEXAMPLEEXAMPLE00",
        "secret_access_key": SECRET,
        "session_token": "example/session+token==",
    }
    return Session(**given, expires_at=now + timedelta(minutes=15), aws_time=now)


def get_credentials(page: Page) -> None:
    page.get_by_role("button", name="Get credentials").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_rita_confirms_the_sign_in_and_sees_the_credentials_when_asked_for(page: Page) -> None:
    get_credentials(page)
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    expect(page.get_by_text("ASIAEXAMPLEEXAMPLE00").first).to_be_visible()
    shown = page.get_by_text(f"export AWS_SECRET_ACCESS_KEY='{SECRET}'")
    expect(shown).to_be_hidden()
    page.get_by_text("Show secrets bash").click()
    expect(shown).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text(re.compile("1[45] min"))


def test_no_secret_can_be_seen_until_it_is_asked_for(page: Page) -> None:
    get_credentials(page)
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    for title in ("bash", "PowerShell", "cmd", "~/.aws/credentials", "Python", "JSON"):
        page.get_by_role("radio", name=title, exact=True).check(force=True)
        assert not [one for one in page.get_by_text(SECRET).all() if one.is_visible()], title


def test_one_tab_is_shown_and_the_arrow_keys_change_it(page: Page) -> None:
    get_credentials(page)
    expect(page.get_by_role("radio", name="bash")).to_be_checked()
    page.get_by_role("radio", name="bash").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tab-2")).to_be_visible()
    expect(page.locator(".tab-1")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_credentials_page_is_accessible(page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    get_credentials(page)
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    assert findings(page) == []


def test_going_back_and_forth_does_not_show_them_again(page: Page) -> None:
    get_credentials(page)
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    page.get_by_role("link", name="The request").click()
    # The answer to a POST that nobody kept: the browser would have to ask again, and does not without being told to.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()


def test_a_reload_shows_nothing_more(page: Page) -> None:
    get_credentials(page)
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    page.reload()
    # Only the password was sent again; it leads to the page of the access and issues nothing.
    expect(page.get_by_role("heading", name="Start a session")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)


def test_every_box_is_copied_as_it_is_shown(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    get_credentials(page)
    for title in ("bash", "JSON", "AWS_SECRET_ACCESS_KEY"):
        if not title.startswith("AWS"):
            page.get_by_role("radio", name=title, exact=True).check(force=True)
        box = page.locator("[data-copybox]").filter(has=page.locator(f"pre[aria-label='{title}']"))
        box.locator("[data-copy]").click()
        expect(box.locator("[data-said]")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert SECRET in copied
        assert copied == box.locator("code:not([data-masked])").text_content()


class _Console(http.server.BaseHTTPRequestHandler):
    """Somebody else's site, to which the portal leads."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<h1>A console</h1><p id=referrer>{self.headers.get('Referer', 'none')}</p>".encode())

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def console() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Console) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_browser_follows_into_the_console_and_reveals_nothing(
    page: Page, console: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = ["'self'", console]
    settings.CONTENT_SECURITY_POLICY = policy
    monkeypatch.setattr(credentials, "console_url", lambda **_: f"{console}/federation?SigninToken=x")
    page.reload()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open the AWS console").click()
    tab = opened.value
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Confirm").click()
    expect(tab.get_by_role("heading", name="A console")).to_be_visible()
    expect(tab.locator("#referrer")).to_have_text("none")
    expect(page.get_by_role("heading", name="Start a session")).to_be_visible()


@pytest.mark.parametrize(
    "host",
    [
        "signin.aws.amazon.com",
        "us-east-1.signin.aws.amazon.com",
        "console.aws.amazon.com",
        "eu-west-1.console.aws.amazon.com",
        "signin.amazonaws-us-gov.com",
        "us-gov-west-1.console.amazonaws-us-gov.com",
        "signin.amazonaws.cn",
        "cn-north-1.console.amazonaws.cn",
    ],
)
def test_the_content_security_policy_allows_forms_to_lead_to_the_aws_consoles(host: str, settings: Any) -> None:
    allowed = [
        str(one).removeprefix("https://") for one in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    ]
    assert host in allowed or f"*.{host.partition('.')[2]}" in allowed
