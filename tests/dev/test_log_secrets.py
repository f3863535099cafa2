"""Secrets in links stay out of what the web writes, whatever becomes of the request: a real server, every line read."""

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest
import requests

from demo.browser import Visitor
from dev.options import Options
from dev.ports import HOST, free_port
from dev.stack import Stack
from tests.faults.environment import wait_until

LOUD = {
    "GUNICORN_CMD_ARGS": "--access-logfile - --log-level debug",
    "LOG_LEVEL": "DEBUG",
    "DAYPASS_OIDC_CLIENT_ID": "daypass",
    "DAYPASS_OIDC_CLIENT_SECRET": "only-for-tests",
    "DAYPASS_OIDC_ISSUER": "http://127.0.0.1:1",  # nobody listens there
    "DAYPASS_SAML_EMAIL_ATTRIBUTE": "mail",
    "DAYPASS_SAML_ENTITY_ID": "https://idp.example.com/saml",
    "DAYPASS_SAML_METADATA": "/nowhere/idp.xml",
    "DAYPASS_SSO_EMAIL_DOMAINS": "example.com",
}
PASSWORD = "correct-horse-battery"
PERSON = f"""
from access.models import User
from allauth.account.models import EmailAddress
user = User.objects.create_user("carol@example.com", "{PASSWORD}", name="Carol")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
CONFIRMATION = """
from django.core import signing
print(signing.dumps(1, salt="account"))
"""
SEND = """
from access import clock
from access.notifications import reset_emails
for reset_email_id in reset_emails.due(now=clock.now()):
    reset_emails.answer(reset_email_id, now=clock.now())
"""
# Enough of a secret to recognise it by; less is in a line by chance.
PIECE = 12


@dataclass(frozen=True)
class Links:
    """The paths that hold a secret, by kind, and the secrets."""

    web: Stack
    paths: dict[str, str]
    secrets: list[str]

    @property
    def lines(self) -> str:
        return (self.web.options.var / "logs" / "web.log").read_text()

    def ask(self, method: str, path: str, **options: object) -> int:
        url = f"http://{HOST}:{self.web.options.port}{path}"
        headers = {"Host": f"localhost:{self.web.options.port}", **options.pop("headers", {})}  # type: ignore[dict-item]
        answer = requests.request(method, url, headers=headers, allow_redirects=False, timeout=30, **options)  # type: ignore[arg-type]
        return answer.status_code

    def send(self, text: str) -> None:
        """Send exactly this, and read whatever comes."""
        with socket.create_connection((HOST, self.web.options.port), timeout=20) as wire:
            wire.sendall(text.encode("latin-1"))
            while wire.recv(65_536):
                pass


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Links]:
    """Yield the web at its loudest, with a live link of each kind."""
    var = tmp_path_factory.mktemp("loud") / "var"
    with Stack(Options(var=var, port=free_port(), environment=LOUD)) as stack:
        stack.write_settings()
        stack.manage("migrate")
        stack.start_daypass(["web"])
        invitation = urlsplit(stack.manage("bootstrap_admin", "ada@example.com").strip()).path
        stack.manage("shell", "-c", PERSON)
        confirmation = stack.manage("shell", "-v", "0", "-c", CONFIRMATION).strip()
        visitor = Visitor(stack.options.url)
        visitor.open("/account/password/reset/")
        visitor.send(email="carol@example.com")
        stack.manage("shell", "-c", SEND)  # there is no worker
        (email,) = (var / "mail").iterdir()
        (reset,) = re.findall(r"(/account/password/reset/key/\S+)", email.read_text())
        paths = {
            "invitation": invitation,
            "reset": reset,
            "confirmation": f"/account/confirm-email/{confirmation}/",
            "sign-in": "/account/sso/oidc/callback/?code=Zm9ybXVsYS1vZi10aGUtY29kZQ&state=c3RhdGUtb2YtdGhlLWFuc3dlcg",
            "way back": f"/account/login/?next={quote(invitation, safe='')}",
        }
        secrets = [
            invitation.split("/")[2], reset.split("/")[-2], confirmation,
            "Zm9ybXVsYS1vZi10aGUtY29kZQ", "c3RhdGUtb2YtdGhlLWFuc3dlcg",
        ]  # fmt: skip
        yield Links(stack, paths, secrets)


def shown(secrets: list[str], text: str) -> list[str]:
    """Return the lines that show a piece of a secret."""
    parts = [part for secret in secrets for part in re.split(r"[:-]", secret) if len(part) >= PIECE]
    pieces = {part[at : at + PIECE] for part in parts for at in range(len(part) - PIECE + 1)}
    return [line for line in text.splitlines() if any(piece in line for piece in pieces)]


def mangled(path: str) -> list[str]:
    """Return the path as mail programs, scanners and people who copy change it."""
    bare = path.rstrip("/")
    first, *rest = bare.lstrip("/").split("/")
    return [
        bare, f"{path}x/", f"{path}.", f"{bare}%20/", f"{bare}%3E", f"{bare}%0A/", f"/{path}", path.replace("/", "//"),
        f"/x{path}", f"/%22{path}", path.replace(":", "%3A").replace("-", "%2D"), f"/{first.upper()}/{'/'.join(rest)}/",
        f"/{first}%2F{'%2F'.join(rest)}/", f"/%{ord(first[0]):02x}{first[1:]}/{'/'.join(rest)}/", f"{path}?x=1",
        f"/nowhere/?next={quote(path, safe='')}", f"/nowhere/?next={quote(quote(path, safe=''), safe='')}",
        f"/{first}/%20{rest[-1]}/", f"/{first}/%22{rest[-1]}/", f"/static{path}", f"/healthz{path}",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["invitation", "reset", "confirmation", "sign-in", "way back"])
def test_no_answer_leaves_the_secret_in_the_log(links: Links, kind: str) -> None:
    path = links.paths[kind]
    statuses = {links.ask("GET", path), links.ask("HEAD", path), links.ask("POST", path, data={"password": "x"})}
    statuses |= {links.ask(method, path) for method in ("DELETE", "TRACE", "OPTIONS", "BREW")}
    statuses.add(links.ask("GET", path, headers={"Host": "evil.example"}))
    statuses.add(
        links.ask("GET", "/nowhere/", headers={"Referer": f"{links.web.options.url}{path}", "User-Agent": path})
    )
    statuses.add(links.ask("POST", path, data={str(number): "x" for number in range(300)}))
    statuses |= {links.ask("GET", other) for other in mangled(path)}
    for line in (f"GET {path} HTTP/9.9", f"GET {path}", f"GET  {path} HTTP/1.1", f"get{path} {path} HTTP/1.1"):
        links.send(f"{line}\r\nHost: localhost\r\n\r\n")
    links.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nBro ken: {path}\r\n\r\n")
    assert statuses >= {400, 404, 405}
    assert shown(links.secrets, links.lines) == []


def test_a_failure_leaves_no_secret_in_the_log(links: Links) -> None:
    with closing(sqlite3.connect(links.web.options.sqlite_file)) as database:  # type: ignore[arg-type]
        for name in ("access_invitation", "access_user"):
            database.execute(f"ALTER TABLE {name} RENAME TO {name}_away")
    try:
        statuses = [links.ask("GET", links.paths[kind]) for kind in ("invitation", "reset")]
    finally:
        with closing(sqlite3.connect(links.web.options.sqlite_file)) as database:  # type: ignore[arg-type]
            for name in ("access_invitation", "access_user"):
                database.execute(f"ALTER TABLE {name}_away RENAME TO {name}")
    assert statuses == [503, 503]
    assert "no such table: access_invitation" in links.lines
    assert shown(links.secrets, links.lines) == []


def test_the_lines_still_say_what_happened(links: Links) -> None:
    for kind in ("invitation", "reset"):
        links.ask("GET", links.paths[kind])
        links.ask("POST", links.paths[kind], data={"x": "y"})
        links.ask("GET", links.paths[kind] + "x/y/z/")  # no address of ours, but the beginning is
    text = links.lines
    for path in ("/invitation/", "/account/password/reset/key/"):
        assert re.search(rf'"GET {path}\S+ HTTP/1.1" \d{{3}} \d+', text), path
    # Every address below the one of a reset link is a reset link, so that none is not found.
    assert re.search(r"Not Found: /invitation/\S+", text)
    assert "Forbidden (CSRF cookie not set.): /invitation/" in text
    ours = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {"django.request", "django.security.csrf"} <= {line["logger"] for line in ours}


def test_access_lines_hold_no_query_string(links: Links) -> None:
    links.ask(
        "GET", "/account/login/?next=%2Fmine%2F&q=what-was-looked-for&token", headers={"Referer": "http://x/?a=b"}
    )
    links.send('GET /nowhere/?q="what-was-looked-for\twhat-was-looked-for HTTP/1.1\r\nHost: localhost\r\n\r\n')
    # The web writes a line after it has answered, but none for an address that HTTP does not allow.
    wait_until(lambda: '"GET /account/login/' in links.lines, "the log shows the request")
    lines = [line for line in links.lines.splitlines() if '"GET /account/login/' in line or '"GET /nowhere/' in line]
    assert "looked-for" not in links.lines
    assert not [line for line in lines if "?" in line]


def test_the_search_finds_a_secret_that_is_there(links: Links) -> None:
    for kind, path in links.paths.items():
        assert shown(links.secrets, path), kind
    links.ask("GET", links.paths["reset"])
    # The web writes the line after it has answered.
    wait_until(lambda: '"GET /account/password/reset/key/' in links.lines, "the log shows the request")
