"""What holds for every page: nothing inline, nothing cached, nothing without a token; and the pages that refuse."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import requests
from access.models import Request, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import codes, decision, text, visitor

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
LOGIN = reverse("account_login")
PASSWORD = "correct-horse-battery"
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "a script of its own": re.compile(r"<script(?![^>]*\bsrc=)"),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "a script address": re.compile(r"javascript:"),
    "htmx code in an attribute": re.compile(r"\shx-(?:on|vals\s*=\s*[\"']js)"),
    "text that is not escaped": re.compile(r"\{%\s*autoescape off|\|\s*safe\b(?!seq)"),
}


@pytest.fixture
def asked(cast: Cast) -> Request:
    return factories.ask(cast)


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_anything_inline(what: str) -> None:
    # Help texts are written by us, in forms, and may have markup.
    known = {"text that is not escaped": {"components/field_notes.html"}}
    found = {
        str(file.relative_to(settings.BASE_DIR / "templates"))
        for file in TEMPLATES
        if INLINE[what].search(file.read_text())
    }
    assert found <= known.get(what, set())


def test_the_search_for_inline_code_finds_it() -> None:
    bad = (
        '<p style="x"><style></style><script>1</script><a onclick="x" href="javascript:1" hx-on:click="x">{{ x|safe }}'
    )
    assert all(pattern.search(bad) for pattern in INLINE.values())
    assert not any(pattern.search('<script src="x"></script><a href="/">') for pattern in INLINE.values())


def everywhere(cast: Cast, request: Request) -> dict[str, Any]:
    """Return an answer of every kind, by what it is."""
    alice = visitor(cast.alice)
    return {
        "a page": alice.get("/"),
        "a fragment": alice.get(pages.of(request, "request_state")),
        "the sign-in page": Client().get(LOGIN),
        "a redirect": Client().get("/"),
        "not found": alice.get("/nowhere/"),
        "a conflict": alice.post(pages.of(request, "approval"), {"verdict": "approve", "content_hash": ""}),
        "a refused form": visitor(cast.richard).post(reverse("request_new"), {}),
        "a bad request": Client().get("/", headers={"host": "evil.example"}),
        "a page without its token": Client(enforce_csrf_checks=True).post(LOGIN, {}),
        "health": Client().get(reverse("readyz")),
    }


def test_every_response_forbids_inline_code_and_frames(cast: Cast, asked: Request) -> None:
    for what, answer in everywhere(cast, asked).items():
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy | STRICT == policy, what
        assert "unsafe" not in str(policy), what
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what


def test_pages_of_signed_in_users_are_never_cached(cast: Cast, asked: Request) -> None:
    for person, path in ((cast.richard, pages.of(asked)), (cast.alice, "/"), (cast.alice, "/nowhere/")):
        assert "no-store" in visitor(person).get(path).headers["Cache-Control"]


@pytest.mark.parametrize("name", ["request_withdraw", "approval", "request_revoke", "return_access"])
def test_no_form_is_accepted_without_its_token(cast: Cast, asked: Request, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.richard)
    before = pages.world()
    answer = client.post(pages.of(asked, name), pages.decision(asked, verdict="approve", reason="x"))
    assert answer.status_code == 403
    assert "page_expired" in codes(answer)
    assert pages.world() == before


def test_a_missing_page_says_what_to_do(cast: Cast) -> None:
    answer = visitor(cast.richard).get("/requests/00000000-0000-0000-0000-000000000000/")
    assert answer.status_code == 404
    assert "Page not found" in text(answer)
    assert b'href="/"' in answer.content


def test_a_broken_page_says_so_without_revealing_secrets(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("access.views.home.render", broken)
    answer = visitor(cast.richard).get("/")
    assert answer.status_code == 500
    assert "Something went wrong" in text(answer)
    assert codes(answer) == {"portal_failed"}
    assert "hunter2" not in answer.content.decode()


def test_a_refused_action_is_reported_as_not_done(cast: Cast, asked: Request, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    factories.approve(cast, asked)
    too_late = visitor(cast.richard).post(pages.of(asked, "request_withdraw"))
    early = factories.create_grant(
        cast, now=NOON, by=cast.rita, principal_arn="", starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR
    )
    closed = visitor(cast.rita).post(pages.of(early.request, "credentials"))
    for answer, heading in ((too_late, "Nothing was changed"), (closed, "No session was issued")):
        assert answer.status_code == 409
        assert heading in text(answer)
        assert "Your decision" not in text(answer)
    assert "Back to the request" in text(closed)


def test_a_conflict_says_how_to_continue(cast: Cast, asked: Request) -> None:
    requests.withdraw(by=cast.richard, request=asked, now=NOON)
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert answer.status_code == 409
    assert "Your decision was not recorded." in text(answer)
    assert pages.of(asked) in answer.content.decode()


@pytest.mark.parametrize("template", ["400", "403", "404", "500", "503"])
def test_an_error_page_needs_no_database(template: str) -> None:
    page = render_to_string(f"{template}.html")
    assert "<h1>" in page
    assert page.count("<p>") >= 1


# --- Signing in ----------------------------------------------------------------------------------------------------


@pytest.fixture
def richard_with_password(cast: Cast) -> Cast:
    cast.richard.set_password(PASSWORD)
    cast.richard.save()
    return cast


def sign_in(client: Client, **different: str) -> Any:
    return client.post(LOGIN, {"login": "richard@example.com", "password": PASSWORD} | different)


def test_richard_signs_in_and_returns_to_the_requested_page(richard_with_password: Cast) -> None:
    answer = sign_in(Client(), next=reverse("roles"))
    assert answer["Location"] == reverse("roles")


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_redirects_to_another_site(richard_with_password: Cast, evil: str) -> None:
    assert sign_in(Client(), next=evil)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(richard_with_password: Cast) -> None:
    wrong = sign_in(Client(), password="wrong")
    unknown = sign_in(Client(), login="nobody@example.com")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert b"richard@example.com" in wrong.content
    assert b"wrong" not in wrong.content


def test_a_disabled_user_is_informed_after_the_correct_password(richard_with_password: Cast) -> None:
    cast = richard_with_password
    cast.richard.is_active = False
    cast.richard.save()
    answer = sign_in(Client())
    assert answer.status_code == 302
    assert "account_inactive" in codes(Client().get(answer["Location"]))


def test_too_many_attempts_have_to_wait(db: None) -> None:
    client = Client()
    answers = [sign_in(client, login=f"person{number}@example.com") for number in range(32)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in text(answers[-1])


def test_signing_out_needs_a_post(cast: Cast) -> None:
    client = visitor(cast.richard)
    assert "Sign out" in text(client.get(reverse("account_logout")))
    assert client.get("/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302


def test_signing_out_clears_the_data_of_the_browser(cast: Cast) -> None:
    client = visitor(cast.richard)
    assert "Clear-Site-Data" not in client.get("/").headers
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'


def test_confirming_that_it_is_you_needs_the_password(richard_with_password: Cast) -> None:
    client = visitor(richard_with_password.richard)
    page = client.get(reverse("account_reauthenticate"), follow=True)
    assert "Confirm that it is you" in text(page)
    wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert wrong.status_code == 200
    assert wrong.context["form"].errors
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("path", ["email/", "confirm-email/", "factors/trust/", "login/code/"])
def test_pages_of_the_login_library_that_are_not_used_do_not_exist(db: None, path: str) -> None:
    assert Client().get(f"/account/{path}").status_code == 404
    assert Client().post(f"/account/{path}", {"email": "mallory@example.com"}).status_code == 404


def test_signing_up_is_closed(db: None) -> None:
    assert "signup_closed" in codes(Client().get("/account/signup/"))
    given = {"email": "mallory@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert "signup_closed" in codes(Client().post("/account/signup/", given))
    assert not User.objects.exists()
