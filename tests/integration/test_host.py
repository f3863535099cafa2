"""The Host header: a request for another host than DAYPASS_URL's is refused, and nothing is built from what it says."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from dev.options import ROOT
from tests import factories
from tests.factories import Cast
from tests.signin import ask_for_new_password, send_reset_emails

HOME, NAME = "https://daypass.example.com", "daypass.example.com"
FOREIGN = {
    "another port": f"{NAME}:1001",
    "the port that a browser leaves out": f"{NAME}:443",
    "port 80": f"{NAME}:80",
    "an empty port": f"{NAME}:",
    "a trailing dot": f"{NAME}.",
    "a trailing dot and the port": f"{NAME}.:443",
    "upper case": NAME.upper(),
    "one upper-case character": NAME.capitalize(),
    "a user": f"user@{NAME}",
    "a user and a password": f"user:password@{NAME}",
    "another user's host": f"{NAME}@evil.example",
    "the name as a user's": f"{NAME}:443@evil.example",
    "a subdomain": f"x.{NAME}",
    "a longer name": f"{NAME}.evil.example",
    "another name": "evil.example",
    "brackets": f"[{NAME}]",
    "an address": "127.0.0.1",
    "an address in brackets": "[::1]",
    "a space before": f" {NAME}",
    "a space after": f"{NAME} ",
    "a tab": f"{NAME}\t",
    "two of them": f"{NAME},{NAME}",
    "two of them, one foreign": f"{NAME}, evil.example",
    "a path": f"{NAME}/x",
    "a scheme": HOME,
    "a percent sign": NAME.replace(".", "%2e"),
    "digits of another script": f"{NAME}:\u0661\u0660\u0660\u0661",
    "nothing": "",
}
SEEN = "build_absolute_uri", "get_host", "get_current_site", "get_port", "is_secure", "HTTP_HOST", "SERVER_NAME"


@pytest.fixture(autouse=True)
def home(settings: Any) -> None:
    """Set a name of the portal, while Django's own list of hosts would accept any."""
    settings.BASE_URL, settings.ALLOWED_HOSTS = HOME, ["*"]


def visitor(host: str) -> Client:
    return Client(headers={"host": host}, raise_request_exception=False)


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/account/login/", "/static/daypass.css", "/nowhere/", "/healthz/", "//healthz"])
def test_a_request_for_another_host_is_refused(db: None, what: str, path: str) -> None:
    answer = visitor(FOREIGN[what]).get(path, secure=True)
    assert (answer.status_code, "Location" in answer) == (400, False)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("what", FOREIGN)
def test_another_host_is_refused_before_the_redirect_to_https(db: None, settings: Any, what: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert visitor(FOREIGN[what]).get("/").status_code == 400
    assert visitor(NAME).get("/")["Location"] == f"{HOME}/"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (HOME, NAME),
        ("https://daypass.example.com:8443", "daypass.example.com:8443"),
        ("http://localhost:8017", "localhost:8017"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("https://192.0.2.1", "192.0.2.1"),
    ],
)
def test_every_form_of_the_host_that_browsers_send_is_answered(db: None, settings: Any, url: str, host: str) -> None:
    settings.BASE_URL = url
    assert visitor(host).get("/account/login/", secure=url.startswith("https")).status_code == 200
    assert visitor(NAME if host != NAME else "localhost:8017").get("/account/login/").status_code == 400


def test_an_http_1_0_request_without_a_host_is_judged_by_the_name_of_the_server(db: None) -> None:
    assert Client(SERVER_NAME=NAME).get("/account/login/").status_code == 200
    assert Client(SERVER_NAME="10.0.0.1", SERVER_PORT="8000").get("/account/login/").status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Server", "Forwarded"])
def test_no_other_header_sets_the_host(db: None, header: str) -> None:
    evil = Client(headers={"host": "evil.example", header: NAME}, raise_request_exception=False)
    assert evil.get("/account/login/", secure=True).status_code == 400
    good = Client(headers={"host": NAME, header: "evil.example"})
    assert b"evil.example" not in good.get("/account/login/", secure=True).content


@pytest.mark.parametrize("host", ["10.0.3.7:8000", "", "web:8000", "evil.example", f"{NAME}:1001", "kube-probe", "a b"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_health_check_is_answered_whatever_host_it_names(settings: Any, db: None, host: str, method: str) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, [NAME]
    answer = getattr(visitor(host), method)("/healthz")
    assert (answer.status_code, answer.cookies) == (200, {})
    ready = getattr(visitor(host), method)("/readyz")
    assert ready.status_code == 503  # these tests have no queue
    assert not host or host.encode() not in ready.content


def test_guesses_are_counted_together_for_all_hosts(cast: Cast) -> None:
    cast.ada.set_password("correct-horse-battery")
    cast.ada.save()
    hosts = [NAME, f"{NAME}:1001", f"{NAME}.", NAME.upper()] * 6
    given = {"login": "ada@example.com", "password": "wrong"}
    seen = [visitor(host).post(reverse("account_login"), given, secure=True) for host in hosts]
    assert {answer.status_code for answer in seen[1:4]} == {400}
    right = visitor(NAME).post(reverse("account_login"), given | {"password": "correct-horse-battery"}, secure=True)
    assert "Too many" in right.content.decode()


def test_a_foreign_host_gets_no_email_and_ours_gets_links_to_daypass_url(commits: None) -> None:
    cast = factories.cast()
    cast.ada.set_password("correct-horse-battery")
    cast.ada.save()
    for host in FOREIGN.values():
        visitor(host).post(reverse("account_reset_password"), {"email": "ada@example.com"}, secure=True)
    send_reset_emails()
    assert mail.outbox == []
    # Not even a request that a proxy forwarded without TLS changes the scheme of the link.
    ask_for_new_password("ada@example.com", visitor(NAME))
    (sent,) = mail.outbox
    assert f"{HOME}/account/password/reset/key/" in sent.body


def test_our_code_never_reads_the_portal_address_from_the_request() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}"
        for folder in ("access", "portal")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for name in _names(file)
        if name in SEEN
    ]
    # The one middleware that judges it, and puts DAYPASS_URL's in its place.
    assert sorted(found) == [f"access/middleware.py: {name}" for name in ("HTTP_HOST", "HTTP_HOST", "SERVER_NAME")]


def _names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case ast.Constant(value=str(name)):
                yield name
