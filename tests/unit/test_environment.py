"""Secrets that come from values or files, and single sign-on as the environment describes it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from access.texts.text import Text
from dev.check import PRODUCTION
from dev.options import ROOT
from portal import sso
from portal.environment import Environment, secret, secret_url, whole_url

KEY = "zXUw8ym8h0nvs-sm42wA1t_M4wusS98GwVYxtk8QdlwShWwpBVZ-U6plT52wCeRa"
OIDC = {
    "DAYPASS_OIDC_ISSUER": "https://idp.example.com/realm/",
    "DAYPASS_OIDC_CLIENT_ID": "daypass",
    "DAYPASS_OIDC_CLIENT_SECRET": "a-long-word",
    "DAYPASS_SSO_EMAIL_DOMAINS": "Example.com",
}


def test_a_secret_is_the_value_or_the_content_of_the_file_or_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret("A_SECRET", default="x") == "x"
    (tmp_path / "held").write_text(" in a file \r\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "held"))
    assert secret("A_SECRET") == " in a file "
    monkeypatch.delenv("A_SECRET_FILE")
    monkeypatch.setenv("A_SECRET", "in the environment")
    assert secret("A_SECRET", default="x") == "in the environment"


def test_a_missing_secret_is_reported() -> None:
    with pytest.raises(ImproperlyConfigured, match="A_SECRET is not set"):
        secret("A_SECRET")


def test_a_secret_in_two_places_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "one")
    monkeypatch.setenv("A_SECRET_FILE", "/two")
    with pytest.raises(ImproperlyConfigured, match="A_SECRET and A_SECRET_FILE are both set"):
        secret("A_SECRET")


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), (b"\n", "is empty"), (b"\xff\xfe", "not text")])
def test_a_file_without_a_secret_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, why: str
) -> None:
    file = tmp_path / "held"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("A_SECRET_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match=f"A_SECRET_FILE points to {file}.*{why}"):
        secret("A_SECRET", default="x")


# --- URLs with passwords ---------------------------------------------------------------------------------------------

PARSERS = {"DATABASE_URL": Env.db_url_config, "EMAIL_URL": Env.email_url_config, "REDIS_URL": whole_url}
SCHEMES = {"DATABASE_URL": "postgres", "EMAIL_URL": "smtp+tls", "REDIS_URL": "rediss"}
UNREADABLE = ("x7Qz/rest", "x7Qz?rest", "12/x7Qz", "12?x7Qz", "12#x7Qz", "/x7Qz", "#x7Qz", "x/x7Qz@rest", "x/@x7Qz")


def start(**given: str) -> subprocess.CompletedProcess[str]:
    """Start the web application in a process of its own, as an installation that is set up otherwise."""
    environment = {**os.environ, **PRODUCTION, **given}
    words = (sys.executable, "-c", "import portal.wsgi")
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PARSERS)
def test_a_password_that_breaks_its_url_is_not_logged_when_daypass_starts(name: str) -> None:
    done = start(**{name: f"{SCHEMES[name]}://user:{UNREADABLE[0]}@db.example.com/0"})
    assert done.returncode != 0
    assert "x7Qz" not in done.stderr
    assert f"{name} is not a URL that Daypass can parse." in done.stderr


@pytest.mark.parametrize("password", UNREADABLE)
@pytest.mark.parametrize("name", PARSERS)
def test_no_password_that_breaks_its_url_is_in_the_error(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    monkeypatch.setenv(name, f"{SCHEMES[name]}://user:{password}@db.example.com/0")
    with pytest.raises(ImproperlyConfigured, match=f"{name} is not a URL") as raised:
        secret_url(name, PARSERS[name])
    assert "x7Qz" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize("url", ["x7Qz", "u:x7Qz@host", "x7Qz://host", "smtp://[x7Qz", "smtp://u:x7Qz\u2100@host", ""])
def test_no_other_invalid_url_is_logged(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is not a URL") as raised:
        secret_url("EMAIL_URL", Env.email_url_config)
    assert "x7Qz" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "url", "key", "value"),
    [
        ("DATABASE_URL", "postgres://u:a%2F%23%3F%40@host:5432/name?sslmode=verify-full", "PASSWORD", "a/#?@"),
        ("DATABASE_URL", "sqlite:////srv/me@work/daypass.sqlite3", "NAME", "/srv/me@work/daypass.sqlite3"),
        ("DATABASE_URL", "sqlite://:memory:", "NAME", ":memory:"),
        ("EMAIL_URL", "smtp+tls://me@example.com:a%2F@mail.example.com:587", "EMAIL_HOST_USER", "me@example.com"),
        ("EMAIL_URL", "filemail:////srv/me@work/mail", "EMAIL_FILE_PATH", "/srv/me@work/mail"),
    ],
)
def test_other_urls_are_read(monkeypatch: pytest.MonkeyPatch, name: str, url: str, key: str, value: str) -> None:
    monkeypatch.setenv(name, url)
    parse: Any = PARSERS[name]
    assert secret_url(name, parse)[key] == value


# --- Single sign-on ------------------------------------------------------------------------------------------------


def described(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str | None], *, demo: bool = False) -> sso.Sso:
    found, faults = read(monkeypatch, environment, demo=demo)
    assert faults == []
    return found


def read(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str | None], *, demo: bool = False
) -> tuple[sso.Sso, list[Text]]:
    for name, value in {**OIDC, **environment}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    env = Environment()
    return sso.from_environment(env, demo=demo), env.faults


def test_there_is_no_single_sign_on_unless_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, {"DAYPASS_OIDC_ISSUER": None}) == sso.Sso()


def test_open_id_connect_is_read_as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {"DAYPASS_SSO_APPROVER_GROUPS": "b1f7=AWS approvers,payments", "DAYPASS_SSO_ADMIN_GROUPS": "admins"}
    found = described(monkeypatch, groups)
    app = found.providers["openid_connect"]["APPS"][0]
    assert app["settings"]["server_url"] == "https://idp.example.com/realm"
    assert app["settings"]["openid_configuration_overrides"] == {"issuer": "https://idp.example.com/realm/"}
    assert app["settings"]["oauth_pkce_enabled"]
    assert found.approver_groups == {"b1f7": "AWS approvers", "payments": "payments"}
    assert found.admin_groups == {"admins"}
    assert found.email_domains == {"example.com"}
    assert found.origins == ["https://idp.example.com"]
    assert "allauth.socialaccount.providers.saml" not in found.apps


SAML = {  # any file that can be read is one
    "DAYPASS_SAML_METADATA": __file__, "DAYPASS_SAML_ENTITY_ID": "x", "DAYPASS_SAML_EMAIL_ATTRIBUTE": "mail",
}  # fmt: skip
MAIL, ENTITY = "DAYPASS_SAML_EMAIL_ATTRIBUTE", "DAYPASS_SAML_ENTITY_ID"
HALF: dict[str, tuple[dict[str, str | None], str, str]] = {
    "no TLS": ({"DAYPASS_OIDC_ISSUER": "http://127.0.0.1:1"}, "sso_address_without_tls", "DAYPASS_OIDC_ISSUER"),
    "a file": ({"DAYPASS_OIDC_ISSUER": "file:///etc/passwd"}, "sso_address_without_tls", "DAYPASS_OIDC_ISSUER"),
    "no domains": ({"DAYPASS_SSO_EMAIL_DOMAINS": None}, "sso_domains_missing", ""),
    "no secret": ({"DAYPASS_OIDC_CLIENT_SECRET": None}, "setting_missing", "DAYPASS_OIDC_CLIENT_SECRET"),
    "no client": ({"DAYPASS_OIDC_CLIENT_ID": None}, "setting_value_missing", "DAYPASS_OIDC_CLIENT_ID"),
    "an empty secret": ({"DAYPASS_OIDC_CLIENT_SECRET": ""}, "sso_value_empty", "DAYPASS_OIDC_CLIENT_SECRET"),
    "a secret of spaces": ({"DAYPASS_OIDC_CLIENT_SECRET": "  "}, "sso_value_empty", "DAYPASS_OIDC_CLIENT_SECRET"),
    "an empty client": ({"DAYPASS_OIDC_CLIENT_ID": ""}, "sso_value_empty", "DAYPASS_OIDC_CLIENT_ID"),
    "an empty entity": ({**SAML, "DAYPASS_SAML_ENTITY_ID": ""}, "sso_value_empty", "DAYPASS_SAML_ENTITY_ID"),
    "an empty attribute": ({**SAML, MAIL: ""}, "sso_value_empty", MAIL),
    "no such metadata": ({**SAML, "DAYPASS_SAML_METADATA": "/nowhere/idp.xml"}, "sso_metadata_unreadable", ""),
    "metadata in a folder": ({**SAML, "DAYPASS_SAML_METADATA": "/"}, "sso_metadata_unreadable", ""),
    "no entity": ({**SAML, ENTITY: None}, "setting_value_missing", ENTITY),
    "metadata without TLS": (
        {
            "DAYPASS_SAML_METADATA": "http://127.0.0.1:1/",
            "DAYPASS_SAML_EMAIL_ATTRIBUTE": "mail",
            "DAYPASS_SAML_ENTITY_ID": "x",
        },
        "sso_address_without_tls",
        "DAYPASS_SAML_METADATA",
    ),
}


@pytest.mark.parametrize("what", HALF)
def test_incomplete_settings_of_single_sign_on_are_refused(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    environment, code, setting = HALF[what]
    _, (fault,) = read(monkeypatch, environment)
    assert (fault.code, fault.facts.get("setting", "")) == (code, setting)


def test_all_that_is_missing_of_single_sign_on_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    _, faults = read(monkeypatch, {**dict.fromkeys(OIDC), "DAYPASS_OIDC_ISSUER": "http://idp.example.com"})
    assert sorted(fault.code for fault in faults) == [
        "setting_missing",
        "setting_value_missing",
        "sso_address_without_tls",
        "sso_domains_missing",
    ]


def test_complete_settings_of_saml_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, SAML).providers["saml"]


def test_a_demo_can_use_a_provider_only_on_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, {"DAYPASS_OIDC_ISSUER": "http://127.0.0.1:9"}, demo=True).apps
    _, (fault,) = read(monkeypatch, {"DAYPASS_OIDC_ISSUER": "http://192.0.2.1:9"}, demo=True)
    assert fault.code == "sso_address_without_tls"
