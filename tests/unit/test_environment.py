"""What a real installation may not start with, and secrets that come from files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from portal import sso
from portal.environment import refuse_unsafe, refuse_weak_key, secret

KEY = "".join(chr(ord("!") + number) for number in range(60))
POSTGRES = "django.db.backends.postgresql"
SAFE: dict[str, Any] = {
    "SECRET_KEY": KEY,
    "SECRET_KEY_FALLBACKS": [KEY[::-1]],
    "ENCRYPTION_KEYS": ["YmFzZTY0IG9mIDMyIGJ5dGVzIHRoYXQgYXJlIGdvb2Q="],
    "DEBUG": False,
    "ALLOWED_HOSTS": ["daypass.example.com"],
    "CSRF_TRUSTED_ORIGINS": ["https://daypass.example.com"],
    "DATABASES": {"default": {"ENGINE": POSTGRES, "HOST": "db", "OPTIONS": {"sslmode": "verify-full"}}},
    "REDIS_URL": "rediss://:a-long-word@redis:6379/0",
    "PLAINTEXT_HOSTS": [],
    "BREACHED_PASSWORDS": "",
}
UNSAFE: dict[str, tuple[str, Any, str]] = {
    "Django's generated key": ("SECRET_KEY", "django-insecure-" + KEY, "SECRET_KEY is known"),
    "the tests' key": ("SECRET_KEY", "only-for-tests-" + KEY, "SECRET_KEY is known"),
    "a key of one letter": ("SECRET_KEY", "x" * 60, "SECRET_KEY is known"),
    "a simple former key": ("SECRET_KEY_FALLBACKS", [KEY, "changeme" * 10], "SECRET_KEY_FALLBACKS, number 2, is known"),
    "a sealing key that is none": ("ENCRYPTION_KEYS", ["too-short"], "no Fernet key"),
    "the tests' sealing key": ("ENCRYPTION_KEYS", ["only-for-tests-" * 2 + "only-for-test="], "no Fernet key"),
    "a checkpoint key that is none": ("CHECKPOINT_KEY", "too-short", "DAYPASS_CHECKPOINT_KEY is not a key"),
    "a public key that is none": ("CHECKPOINT_PUBLIC_KEYS", ["x"], "DAYPASS_CHECKPOINT_PUBLIC_KEYS is not a key"),
    "DEBUG": ("DEBUG", True, "DEBUG is on"),
    "no hosts": ("ALLOWED_HOSTS", [], "ALLOWED_HOSTS is not set"),
    "all hosts": ("ALLOWED_HOSTS", ["daypass.example.com", "*"], "ALLOWED_HOSTS has '*'"),
    "an http origin": ("CSRF_TRUSTED_ORIGINS", ["http://daypass.example.com"], "CSRF_TRUSTED_ORIGINS has 'http://"),
    "all origins": ("CSRF_TRUSTED_ORIGINS", ["https://*.example.com"], "CSRF_TRUSTED_ORIGINS has 'https://"),
    "SQLite": ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "not set to a PostgreSQL"),
    "an open Redis": ("REDIS_URL", "redis://127.0.0.1:6379/0", "REDIS_URL has no password"),
    "an open Redis with TLS": ("REDIS_URL", "rediss://redis:6379/0", "REDIS_URL has no password"),
    "a Redis with a name alone": ("REDIS_URL", "rediss://user@redis:6379/0", "REDIS_URL has no password"),
    "a Redis elsewhere without TLS": (
        "REDIS_URL",
        "redis://:word@redis:6379/0",
        "REDIS_URL leads to redis without TLS",
    ),
    "a Redis whose certificate nobody looks at": (
        "REDIS_URL",
        "rediss://:word@redis/0?ssl_cert_reqs=none",
        "nobody looks",
    ),
    "a Redis of any name": ("REDIS_URL", "rediss://:word@redis/0?ssl_check_hostname=False", "nobody looks"),
    "a list of stolen passwords that is not there": ("BREACHED_PASSWORDS", "/nowhere/list", "cannot be read"),
    "a broker that is no Redis": ("REDIS_URL", "memory://", "REDIS_URL has no password"),
}
UNSAFE |= {
    f"a database elsewhere with sslmode={mode}": (
        "DATABASES",
        {"default": {"ENGINE": POSTGRES, "HOST": "db", "OPTIONS": {"sslmode": mode} if mode else {}}},
        "DATABASE_URL leads to db without a certificate",
    )
    for mode in ("", "disable", "prefer", "require", "verify-ca")
}
OIDC = {
    "DAYPASS_OIDC_ISSUER": "https://idp.example.com/realm/",
    "DAYPASS_OIDC_CLIENT_ID": "daypass",
    "DAYPASS_OIDC_CLIENT_SECRET": "a-long-word",
    "DAYPASS_SSO_EMAIL_DOMAINS": "Example.com",
}


@pytest.mark.parametrize(
    "url",
    [
        "redis://:word@127.0.0.1/0",
        "redis://:word@[::1]/0",
        "rediss://user:word@redis/0",
        "rediss://:word@redis/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required",
        "unix:///run/redis.sock",
    ],
)
def test_a_safe_installation_starts(tmp_path: Path, url: str) -> None:
    refuse_unsafe(SAFE | {"REDIS_URL": url}, demo_file=tmp_path / "env")


@pytest.mark.parametrize("host", ["", "/run/postgresql", "localhost", "127.0.0.1", "::1"])
def test_a_database_on_this_machine_needs_no_tls(tmp_path: Path, host: str) -> None:
    refuse_unsafe(SAFE | {"DATABASES": {"default": {"ENGINE": POSTGRES, "HOST": host}}}, demo_file=tmp_path / "env")


def test_hosts_that_are_named_may_be_spoken_to_without_tls_and_no_others(tmp_path: Path) -> None:
    near: dict[str, Any] = {
        "DATABASES": {"default": {"ENGINE": POSTGRES, "HOST": "db"}},
        "REDIS_URL": "redis://:word@redis/0",
    }
    refuse_unsafe(SAFE | near | {"PLAINTEXT_HOSTS": ["db", "redis"]}, demo_file=tmp_path / "env")
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL leads to redis without TLS"):
        refuse_unsafe(SAFE | near | {"PLAINTEXT_HOSTS": ["db", "redis2"]}, demo_file=tmp_path / "env")


@pytest.mark.parametrize("what", UNSAFE)
def test_an_installation_does_not_start_with(tmp_path: Path, what: str) -> None:
    name, value, sentence = UNSAFE[what]
    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unsafe(SAFE | {name: value}, demo_file=tmp_path / "env")
    assert sentence in str(refusal.value)
    assert str(refusal.value).count("\n- ") == 1
    assert KEY not in str(refusal.value)


def test_a_short_key_is_refused_everywhere() -> None:
    with pytest.raises(ImproperlyConfigured, match="at least 50"):
        refuse_weak_key(KEY[:49])


def test_the_secrets_of_a_demo_are_refused(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(f"DAYPASS_DEMO=true\nSECRET_KEY={KEY}\n")
    with pytest.raises(ImproperlyConfigured, match="holds the secrets of a demo"):
        refuse_unsafe(SAFE, demo_file=tmp_path / "env")


def test_a_secret_is_the_value_the_files_content_or_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret("A_SECRET", default="x") == "x"
    (tmp_path / "held").write_text(" in a file \r\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "held"))
    assert secret("A_SECRET") == " in a file "
    monkeypatch.delenv("A_SECRET_FILE")
    monkeypatch.setenv("A_SECRET", "in the environment")
    assert secret("A_SECRET", default="x") == "in the environment"


def test_a_secret_that_is_nowhere_is_missed() -> None:
    with pytest.raises(ImproperlyConfigured, match="A_SECRET is not set"):
        secret("A_SECRET")


def test_a_secret_in_two_places_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "one")
    monkeypatch.setenv("A_SECRET_FILE", "/two")
    with pytest.raises(ImproperlyConfigured, match="A_SECRET and A_SECRET_FILE are both set"):
        secret("A_SECRET")


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), (b"\n", "is empty"), (b"\xff\xfe", "not text")])
def test_a_file_that_holds_no_secret_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, why: str
) -> None:
    file = tmp_path / "held"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("A_SECRET_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match=f"A_SECRET_FILE names {file}.*{why}"):
        secret("A_SECRET", default="x")


# --- Single sign-on ------------------------------------------------------------------------------------------------


def described(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str | None], *, demo: bool = False) -> sso.Sso:
    for name, value in {**OIDC, **environment}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return sso.from_environment(Env(), demo=demo)


def test_there_is_no_single_sign_on_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, {"DAYPASS_OIDC_ISSUER": None}) == sso.Sso()


def test_open_id_connect_as_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
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


HALF: dict[str, tuple[dict[str, str | None], str]] = {
    "no TLS": ({"DAYPASS_OIDC_ISSUER": "http://127.0.0.1:1"}, "DAYPASS_OIDC_ISSUER must be an https:// address"),
    "a file": ({"DAYPASS_OIDC_ISSUER": "file:///etc/passwd"}, "DAYPASS_OIDC_ISSUER must be an https:// address"),
    "no domains": ({"DAYPASS_SSO_EMAIL_DOMAINS": None}, "Set DAYPASS_SSO_EMAIL_DOMAINS"),
    "no secret": ({"DAYPASS_OIDC_CLIENT_SECRET": None}, "DAYPASS_OIDC_CLIENT_SECRET is not set"),
    "no client": ({"DAYPASS_OIDC_CLIENT_ID": None}, "DAYPASS_OIDC_CLIENT_ID"),
    "no entity": ({"DAYPASS_SAML_METADATA": "/idp.xml", "DAYPASS_SAML_EMAIL_ATTRIBUTE": "mail"}, "SAML_ENTITY_ID"),
    "metadata without TLS": (
        {
            "DAYPASS_SAML_METADATA": "http://127.0.0.1:1/",
            "DAYPASS_SAML_EMAIL_ATTRIBUTE": "mail",
            "DAYPASS_SAML_ENTITY_ID": "x",
        },
        "DAYPASS_SAML_METADATA must be an https:// address",
    ),
}


@pytest.mark.parametrize("what", HALF)
def test_single_sign_on_that_is_set_by_halves_is_refused(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    environment, sentence = HALF[what]
    with pytest.raises(ImproperlyConfigured, match=sentence):
        described(monkeypatch, environment)


def test_a_demo_may_ask_a_provider_on_the_loopback_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, {"DAYPASS_OIDC_ISSUER": "http://127.0.0.1:9"}, demo=True).apps
    with pytest.raises(ImproperlyConfigured):
        described(monkeypatch, {"DAYPASS_OIDC_ISSUER": "http://192.0.2.1:9"}, demo=True)
