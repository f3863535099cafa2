"""The organisation's name, logo, contact and banner on pages and in emails."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from access.notifications import emails
from portal.branding import Branding, Logo
from tests.factories import Cast
from tests.signin import sign_in

LOGO = Logo(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml")
ACME = Branding(organisation="Acme & Sons", contact="it@acme.example", banner="Staging <b>", logo=LOGO)


@pytest.fixture
def acme(settings: Any) -> None:
    settings.BRANDING = ACME


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("name", ["home", "account_login"])
def test_pages_show_whose_portal_it_is(cast: Cast, name: str) -> None:
    client = Client()
    if name == "home":
        sign_in(client, cast.richard)
    shown = client.get(reverse(name)).text
    assert "Acme &amp; Sons Daypass</title>" in shown
    assert reverse("logo", args=[LOGO.version]) in shown
    assert '<a href="mailto:it@acme.example">it@acme.example</a>' in shown
    assert '<p class="banner">Staging &lt;b&gt;</p>' in shown


def test_a_demo_says_that_nothing_is_real(db: None, settings: Any) -> None:
    settings.DEMO = True
    assert 'class="banner"' in Client().get(reverse("account_login")).text
    settings.DEMO = False
    assert 'class="banner"' not in Client().get(reverse("account_login")).text


@pytest.mark.usefixtures("acme")
def test_a_logo_runs_nothing_and_anyone_may_see_it(db: None) -> None:
    answer = Client().get(reverse("logo", args=[LOGO.version]))
    assert (answer.content, answer["Content-Type"]) == (LOGO.content, "image/svg+xml")
    assert (
        answer["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get(reverse("logo", args=["another"])).status_code == 404


@pytest.mark.usefixtures("acme")
def test_an_invitation_says_who_invites_and_whom_to_ask(cast: Cast) -> None:
    emails.send("no_account", "jane@example.com", {})
    (email,) = mail.outbox
    assert email.subject.startswith("Acme & Sons Daypass: ")
    assert email.body.endswith("\n\n-- \nDaypass at Acme & Sons\nQuestions: it@acme.example\n")
