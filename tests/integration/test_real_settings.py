"""Every answer with the settings of a real installation: its headers, its cookies, its methods, whose word it takes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from access.models import Request, User
from dev.check import PRODUCTION
from dev.options import ROOT
from tests import factories
from tests.factories import Cast
from tests.integration import pages
from tests.signin import send_reset_emails, sign_in

SHOW = """
import json
from portal import settings
names = (
    "SECURE_", "KNOWN_BROWSER_", "SESSION_COOKIE_", "CSRF_COOKIE_", "X_FRAME", "CONTENT_SECURITY", "WHITENOISE_ALLOW",
    "USE_X_",
)
print(json.dumps({name: value for name, value in vars(settings).items() if name.startswith(names)}))
"""
Named = tuple[str, frozenset[str], dict[str, Any]]
PASSWORD = "correct-horse-battery"
YEAR = 365 * 24 * 3600


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """Return what the settings of a real installation say about answers and cookies."""
    own = {**os.environ, **PRODUCTION}
    said = subprocess.run([sys.executable, "-c", SHOW], cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    return dict(json.loads(said.stdout))


@pytest.fixture(autouse=True)
def as_in_a_real_installation(real: dict[str, Any], settings: Any) -> None:
    for name, value in real.items():
        setattr(settings, name, value)
    settings.BASE_URL = "https://testserver"


@pytest.fixture
def asked(cast: Cast) -> Request:
    """Return a request, and Ada with a password."""
    cast.ada.set_password(PASSWORD)
    cast.ada.save()
    return factories.ask(cast)


def patterns(resolver: URLResolver, before: str = "", wanted: frozenset[str] = frozenset()) -> Iterator[Named]:
    """Yield all below the resolver: its name with the namespaces before it, what it wants to know and what it knows."""
    for one in resolver.url_patterns:
        wants = wanted | {*one.pattern.converters, *one.pattern.regex.groupindex}
        if isinstance(one, URLResolver):
            yield from patterns(one, before + (f"{one.namespace}:" if one.namespace else ""), wants)
        elif one.name:
            yield before + one.name, wants, one.default_args


def addresses(request: Request) -> dict[str, str]:
    """Return every address by its name, about this request, its role and its account; and one that is nowhere."""
    given: dict[str, Any] = {
        "public_id": request.public_id,
        "account_id": request.role.account.account_id,
        "name": request.role.name,
        "index": 0,
        "how": "remove",
        "number": 1,
        "sequence": 1,
        "kind_name": "roles",
        "kind": "requests",
        "link": "x",
        "sha256": "0" * 64,
        "version": "0" * 12,
        "uidb36": "1",
        "key": "set-password",
        "pk": 1,
        "provider_id": "oidc",
        "organization_slug": "saml",
        "object_id": "1",
        "app_label": "access",
        "content_type_id": "1",
        "url": "x",
    }
    found = {"nowhere": "/nowhere/"}
    for name, wanted, known in patterns(get_resolver()):
        found[name] = reverse(name, kwargs={one: given[one] for one in wanted} | known)
    return found


def person(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        sign_in(client, user)
    return client


def lacks(answer: Any) -> list[str]:
    """Return what an answer should say and does not."""
    headers = answer.headers
    policy, kind = headers.get("Content-Security-Policy", ""), headers.get("Content-Type", "")
    says = {
        "HSTS": headers.get("Strict-Transport-Security") == f"max-age={YEAR}; includeSubDomains; preload",
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") in {"same-origin", "no-referrer"},
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "frames": "frame-ancestors 'none'" in policy,
        "objects": "default-src 'none'" in policy and "base-uri 'none'" in policy,
        "type": bool(kind) or answer.status_code == 302,
        "charset": "charset=" in kind or not kind.startswith("text/"),
        "no other origins": "Access-Control-Allow-Origin" not in headers,
        "no versions": "Server" not in headers and "X-Powered-By" not in headers,
    }
    return [what for what, there in says.items() if not there]


@pytest.mark.parametrize("who", ["nobody", "richard", "ada"])
def test_every_response_has_the_headers(cast: Cast, asked: Request, who: str) -> None:
    found, broken = {}, []
    for name, path in addresses(asked).items():
        answer = person(getattr(cast, who, None)).get(path, secure=True)
        found[name] = lacks(answer)
        broken += [name] if answer.status_code >= 500 else []
    assert len(found) > 60
    assert {name: what for name, what in found.items() if what} == {}
    # These tests have no queue, which readiness says with 503, and no file with an identity provider's metadata.
    assert set(broken) == {"readyz", "saml_metadata"}


def test_a_refusal_has_the_headers_too(cast: Cast, asked: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access.views.roles.render", lambda *_, **__: 1 / 0)
    careful = Client(enforce_csrf_checks=True)
    answers = {
        400: person(None).get("/", headers={"host": "evil.example"}, secure=True),
        403: careful.post(reverse("account_login"), {}, secure=True),
        405: person(cast.ada).generic("TRACE", "/", secure=True),
        409: person(cast.alice).post(pages.of(asked, "approval"), {"verdict": "approve"}, secure=True),
        410: person(None).get(reverse("invitation", args=["x"]), secure=True),
        500: person(cast.ada).get(reverse("roles"), secure=True),
    }
    assert {status: (answer.status_code, lacks(answer)) for status, answer in answers.items()} == {
        status: (status, []) for status in answers
    }


def test_without_tls_everything_redirects_to_tls(cast: Cast, asked: Request) -> None:
    for name, path in addresses(asked).items():
        answer = person(cast.ada).get(path)
        assert name in {"healthz", "readyz"} or answer["Location"] == f"https://testserver{path}", name


def test_cookies_are_only_for_this_host_for_tls_and_not_for_scripts(asked: Request) -> None:
    client = Client()
    client.get(reverse("account_login"), secure=True)
    client.post(reverse("account_login"), {"login": "ada@example.com", "password": PASSWORD}, secure=True)
    assert set(client.cookies) >= {"__Host-sessionid", "__Host-csrftoken"}
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-"), name
        flags = (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
        assert flags == (True, True, "/", ""), name
        assert cookie["samesite"] in {"Lax", "Strict"}, name


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_other_methods_are_refused_and_change_nothing(cast: Cast, asked: Request, method: str) -> None:
    client = person(cast.ada)
    before = pages.world()
    for name, path in addresses(asked).items():
        assert client.generic(method, path, b"state=approved", secure=True).status_code == 405, name
    assert pages.world() == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_turns_one_method_into_another(cast: Cast, asked: Request, header: str) -> None:
    path, richard = pages.of(asked, "request_withdraw"), person(cast.richard)
    before = pages.world()
    answer = richard.get(path, {"_method": "POST"}, headers={header: "POST"}, secure=True)
    assert answer.status_code == 405
    assert pages.world() == before


def ask_for_a_new_password(**headers: str) -> Any:
    given = {"email": "ada@example.com"}
    answer = Client().post(reverse("account_reset_password"), given, headers=headers, secure=True)
    send_reset_emails()
    return answer


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_no_header_changes_the_address_of_the_portal(commits: None, asked: Request, header: str) -> None:
    ask_for_a_new_password(**{header: "host=evil.example" if header == "Forwarded" else "evil.example"})
    (email,) = mail.outbox
    assert "evil.example" not in str(email.message())
    assert "https://testserver/account/password/reset/key/" in str(email.body)


def test_a_foreign_host_causes_no_email(asked: Request) -> None:
    for host in ("evil.example", "testserver@evil.example", "testserver.evil.example", "evil.example:443"):
        assert ask_for_a_new_password(host=host).status_code == 400
    assert mail.outbox == []


def test_no_header_changes_the_client_address_of_a_guess(db: None) -> None:
    client, statuses = Client(), []
    for number in range(32):
        given = {"login": f"person{number}@example.com", "password": "x"}
        made_up = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"}
        statuses.append(client.post(reverse("account_login"), given, headers=made_up, secure=True).status_code)
    assert statuses[-1] == 429


def guess(person: str, *, address: str, forwarded: str = "") -> int:
    given = {"login": f"{person}@example.com", "password": "x"}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = Client(REMOTE_ADDR=address).post(reverse("account_login"), given, headers=headers, secure=True)
    return 429 if "Too many" in answer.content.decode() else answer.status_code


def test_behind_a_proxy_the_client_address_is_the_one_that_the_proxy_saw(db: None, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    seen = [guess(f"one{n}", address="10.0.0.1", forwarded=f"203.0.113.{n}, 192.0.2.7") for n in range(32)]
    assert seen[0] == 200
    assert seen[-1] == 429
    assert guess("two", address="10.0.0.1", forwarded="192.0.2.7, 192.0.2.8") == 200


def test_guesses_at_an_account_are_limited_across_addresses(asked: Request) -> None:
    seen = [guess("ada", address=f"192.0.2.{n}") for n in range(8)]
    assert (seen[0], seen[-1]) == (200, 429)
    assert guess("bob", address="192.0.2.9") == 200


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/var/env", "/metrics", "/__debug__/", "/static/", "/static/../portal/settings.py",
     "/static/%2e%2e/portal/settings.py", "/robots.txt/../.git/HEAD", "/api/", "/docs"],
)  # fmt: skip
def test_files_beside_the_pages_are_not_served(cast: Cast, path: str) -> None:
    assert person(cast.ada).get(path, secure=True).status_code == 404
