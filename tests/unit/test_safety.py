"""What an installation cannot start with: a table of values by setting, and the values beside them that are fine."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from environ import Env

from access.texts.catalogue import TEMPLATES
from access.texts.text import Text
from dev.options import ROOT
from portal import placeholders
from portal.addresses import mail_domain
from portal.celery import app
from portal.connections import CELERYS
from portal.environment import unsafe
from tests.unit.test_environment import KEY
from tests.unit.unsafe_keys import ENCRYPTION, OTHER, SPELLINGS
from tests.unit.unsafe_settings import HOME, NAME, REFUSED, ROWS, SAFE, TAKEN, database


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGOPTIONS", "AWS_ENDPOINT_URL_STS", *CELERYS):
        monkeypatch.delenv(name, raising=False)


def faults(tmp_path: Path, **different: Any) -> list[Text]:
    """Return what these settings are refused with; each is a system check with an id."""
    found = unsafe(SAFE | different, demo_file=tmp_path / "env")
    assert all(TEMPLATES[fault.code].check for fault in found)
    return list(found)


def refusals(tmp_path: Path, **different: Any) -> list[str]:
    """Return the codes with which these settings are refused."""
    return [fault.code for fault in faults(tmp_path, **different)]


@pytest.mark.parametrize(("name", "value", "code"), ROWS, ids=[f"{name}-{value!r}"[:60] for name, value, _ in ROWS])
def test_an_installation_does_not_start_with(tmp_path: Path, name: str, value: Any, code: str) -> None:
    (fault,) = faults(tmp_path, **{name: value})
    assert fault.code == code
    assert KEY not in str(fault)
    assert ENCRYPTION not in str(fault)


@pytest.mark.parametrize("name", TAKEN)
def test_an_installation_starts_with(tmp_path: Path, name: str) -> None:
    assert {repr(value): refusals(tmp_path, **{name: value}) for value in TAKEN[name]} == {
        repr(value): [] for value in TAKEN[name]
    }


def test_all_unsafe_settings_are_reported_together(tmp_path: Path) -> None:
    assert len(refusals(tmp_path, DEBUG=True, SECRET_KEY="x" * 60, ALLOWED_HOSTS=[".com"], SWEEP_SECONDS=-1)) == 4


def test_email_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    assert refusals(tmp_path, EMAIL_HOST="localhost", EMAIL_USE_TLS=False) == []
    assert refusals(tmp_path, EMAIL_USE_TLS=False, EMAIL_USE_SSL=True) == []


@pytest.mark.parametrize(
    "url", [f"{HOME}:8443", "https://192.0.2.1", "https://[2001:db8::1]:8443", "https://localhost"]
)
def test_the_host_is_that_of_the_address(tmp_path: Path, url: str) -> None:
    host = re.sub(r":8443\Z", "", url.removeprefix("https://"))
    assert refusals(tmp_path, BASE_URL=url, ALLOWED_HOSTS=[host], CSRF_TRUSTED_ORIGINS=[url]) == []


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_key_serves_one_purpose(tmp_path: Path, spelled: str) -> None:
    twice = "encryption_key_reused"
    for different in ({"SECRET_KEY": spelled.rstrip("=") + KEY}, {"SECRET_KEY_FALLBACKS": [KEY + spelled]}):
        (said,) = refusals(tmp_path, **different)
        assert said == twice
        (said,) = refusals(tmp_path, **different, ENCRYPTION_KEYS=[OTHER], CHECKPOINT_KEY=ENCRYPTION)
        assert said == "checkpoint_key_invalid"
    if len(spelled) == len(ENCRYPTION):  # as a Fernet key
        assert refusals(tmp_path, ENCRYPTION_KEYS=[ENCRYPTION, OTHER, spelled])[0] == twice
        assert refusals(tmp_path, CHECKPOINT_KEY=spelled)[0] == "checkpoint_key_invalid"


@pytest.mark.parametrize("url", [HOME, "https://192.0.2.1:8443", "https://[2001:db8::1]", "https://[2001:db8::1]:8443"])
def test_a_sender_that_matches_the_address_is_accepted(tmp_path: Path, url: str) -> None:
    assert refusals(tmp_path, DEFAULT_FROM_EMAIL=f"Daypass <daypass@{mail_domain(url)}>") == []


def test_every_value_of_the_proxies_agrees_with_the_other(tmp_path: Path) -> None:
    assert refusals(tmp_path, BEHIND_TLS_PROXY=False, ALLAUTH_TRUSTED_PROXY_COUNT=0) == []
    for count in (1, 2, 10):
        (said,) = refusals(tmp_path, BEHIND_TLS_PROXY=False, ALLAUTH_TRUSTED_PROXY_COUNT=count)
        assert said == "proxy_not_there"


def test_only_named_hosts_can_be_reached_without_tls(tmp_path: Path) -> None:
    near: dict[str, Any] = {"DATABASES": database("db"), "REDIS_URL": "redis://:a-long-word@redis/0"}
    assert refusals(tmp_path, **near, PLAINTEXT_HOSTS=["db", "redis"]) == []
    (said,) = refusals(tmp_path, **near, PLAINTEXT_HOSTS=["db", "redis2"])
    assert said == "redis_without_tls"


@pytest.mark.parametrize(
    ("name", "value", "different"),
    [
        ("PGHOST", "db.example.com", {"DATABASES": database("")}),
        ("PGHOST", "/run/postgresql,db.example.com", {"DATABASES": database("")}),
        ("PGHOSTADDR", "127.0.0.1,203.0.113.5", {"DATABASES": database("localhost")}),
        ("PGHOSTADDR", "203.0.113.5", {"DATABASES": database("localhost")}),
        ("PGSERVICE", "elsewhere", {"DATABASES": database("localhost")}),
        ("PGOPTIONS", "-c session_replication_role=replica", {"DATABASES": database("localhost")}),
        ("PGOPTIONS", "-c statement_timeout=7", {}),
        *((name, "redis://queue.example.com:6379/0", {}) for name in sorted(CELERYS)),
        ("AWS_ENDPOINT_URL_STS", "http://sts.example.com", {}),
        ("AWS_ENDPOINT_URL_IAM", "http://iam.example.com", {}),
    ],
)
def test_variables_that_libraries_read_are_judged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, different: dict[str, Any]
) -> None:
    assert refusals(tmp_path, **different) == []
    monkeypatch.setenv(name, value)
    (fault,) = faults(tmp_path, **different)
    assert value in str(fault) or name in str(fault)


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize(
    ("line", "is_fine"),
    [
        ("endpoint_url = http://iam.example.com", False), ("endpoint_url=http://127.0.0.1.example.com", False),
        ("  ENDPOINT_URL : http://sts.example.com", False), ("endpoint_url = https://u@iam.example.com", False),
        ("endpoint_url = https://iam.example.com", True), ("endpoint_url = http://localhost:4566", True),
        ("# endpoint_url = http://iam.example.com", True), ("endpoint_url =", True),
    ],
)  # fmt: skip
def test_the_aws_configuration_is_judged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, line: str, is_fine: bool
) -> None:
    file = tmp_path / "aws"
    file.write_text(f"[profile daypass-worker]\nregion = eu-west-1\n{line}\n")
    monkeypatch.setenv(variable, str(file))
    found = faults(tmp_path)
    assert [fault.code.partition("_")[0] for fault in found] == ([] if is_fine else ["endpoint"])
    assert all(fault.facts["setting"] == f"endpoint_url (line 3 of {file})" for fault in found)


@pytest.mark.parametrize("name", ["SECRET_KEY_FILE", "DATABASE_URL_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_no_file_with_secrets_is_readable_by_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "secrets" / "one"))
    assert refusals(tmp_path, STATIC_ROOT=str(tmp_path / "static")) == []
    (tmp_path / "link").symlink_to(tmp_path / "secrets")
    for root in ("", "secrets", "link"):
        (said,) = refusals(tmp_path, STATIC_ROOT=str(tmp_path / root))
        assert said == "static_root_unsafe"


def test_the_secrets_of_a_demo_are_refused(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(f"DAYPASS_DEMO=true\nSECRET_KEY={KEY}\n")
    (said,) = refusals(tmp_path)
    assert said == "demo_secrets_here"


@pytest.mark.parametrize("demo", [False, True])
def test_no_rule_refuses_the_placeholder_of_a_missing_setting(tmp_path: Path, demo: bool) -> None:
    """Otherwise the list would report a missing setting as unsafe, too."""
    for hosts in ([NAME], []):
        url = placeholders.url(hosts, demo=demo)
        different = {
            "DEMO": demo,
            "BASE_URL": url,
            "ALLOWED_HOSTS": ["localhost"] if demo or not hosts else hosts,
            "CSRF_TRUSTED_ORIGINS": [],
            "SECRET_KEY": placeholders.secret_key(),
            "ENCRYPTION_KEYS": [placeholders.encryption_key()],
            "REDIS_URL": placeholders.REDIS_URL,
            "DATABASES": {"default": Env.db_url_config(placeholders.DATABASE_URL)},
            **Env.email_url_config(placeholders.EMAIL_URL),
        }
        assert refusals(tmp_path, **different) == []


# --- A demo -----------------------------------------------------------------------------------------------------------

DEMO: dict[str, Any] = {"DEMO": True, "BASE_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}


@pytest.mark.parametrize(
    "url", ["http://localhost", "http://localhost:8017", "http://127.0.0.1:8000", "http://[::1]:8000"]
)
def test_a_demo_runs_on_this_machine(tmp_path: Path, url: str) -> None:
    assert refusals(tmp_path, **DEMO | {"BASE_URL": url}) == []


@pytest.mark.parametrize(
    "url",
    [HOME, "http://daypass.example.com", "https://10.0.0.5", "http://testserver", "javascript:alert(1)", "http://localhost.evil.example",
     "http://127.0.0.1.evil.example", "http://localhost@evil.example", "http://0.0.0.0:8000", "http://192.168.1.5:8000"],
)  # fmt: skip
def test_a_demo_runs_nowhere_else(tmp_path: Path, url: str) -> None:
    (said,) = refusals(tmp_path, **DEMO | {"BASE_URL": url})
    assert said == "demo_url_not_local"


@pytest.mark.parametrize("host", [NAME, ".com", "*", "", "0.0.0.0", "localhost.evil.example"])  # noqa: S104
def test_a_demo_has_no_other_host(tmp_path: Path, host: str) -> None:
    (said,) = refusals(tmp_path, **DEMO | {"ALLOWED_HOSTS": ["localhost", host]})
    assert said == "demo_host_not_local"


def test_a_demo_needs_its_package(tmp_path: Path) -> None:
    (said,) = refusals(tmp_path, **DEMO, BASE_DIR=tmp_path)
    assert said == "demo_not_installed"


def test_a_demos_key_is_long_enough(tmp_path: Path) -> None:
    (said,) = refusals(tmp_path, **DEMO, SECRET_KEY="x" * 49)
    assert said == "demo_key_short"


@pytest.mark.parametrize(
    "name", ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND"]
)
def test_variables_that_celery_prefers_to_the_settings_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "redis://queue.example.com:6379/0")
    asked = app.conf.broker_read_url, app.conf.broker_write_url, app.conf.broker_url, app.conf.result_backend
    assert "redis://queue.example.com:6379/0" in asked


# --- Every setting ----------------------------------------------------------------------------------------------------

# What the environment says and every value of which is safe: each with the reason.
ANY_VALUE = {
    "DAYPASS_ADMIN": "the pages are for administrators, and change nothing",
    "DAYPASS_DEMO": "on or off; what a demo is held to is above",
    **dict.fromkeys(
        ["DAYPASS_ORGANISATION", "DAYPASS_LOGO", "DAYPASS_CONTACT", "DAYPASS_BANNER"],
        "tests/unit/test_branding.py has their table",
    ),
    "DAYPASS_VAR_DIR": "judged together with STATIC_ROOT, and by the demo's file in it",
    "DAYPASS_SSO_TRUSTS_EMAIL": "documented: the provider gives out addresses of its own only",
    "DAYPASS_SSO_GROUPS_CLAIM": "the name of a claim, which the provider has or has not",
    **dict.fromkeys(["DAYPASS_OIDC_NAME", "DAYPASS_SAML_NAME"], "words on a button"),
    **dict.fromkeys(
        ["DAYPASS_OIDC_CLIENT_ID", "DAYPASS_OIDC_CLIENT_SECRET", "DAYPASS_OIDC_SCOPES"],
        "the provider refuses wrong ones",
    ),
    **dict.fromkeys(
        [f"DAYPASS_SAML_{name}" for name in ("ENTITY_ID", "EMAIL_ATTRIBUTE", "NAME_ATTRIBUTE", "UID_ATTRIBUTE")],
        "the provider's answers are signed, and fit or do not",
    ),
    **dict.fromkeys(["DAYPASS_OIDC_ISSUER", "DAYPASS_SAML_METADATA"], "tests/unit/test_environment.py has their table"),
}
SETTING = {  # the variable, where it differs from the setting of the table above
    "BASE_URL": "DAYPASS_URL", "BREACHED_PASSWORDS": "DAYPASS_BREACHED_PASSWORDS_FILE", "DATABASES": "DATABASE_URL",
    "DEFAULT_FROM_EMAIL": "DAYPASS_MAIL_FROM", "EMAIL_BACKEND": "EMAIL_URL", "EMAIL_HOST": "EMAIL_URL",
    "EMAIL_USE_TLS": "EMAIL_URL", "EMAIL_USE_SSL": "EMAIL_URL",
    "FACTOR_MAX_AGE": "DAYPASS_FACTOR_MAX_AGE_MINUTES", "LOGGING": "LOG_LEVEL",
    "SESSION_IDLE_AGE": "DAYPASS_SESSION_IDLE_MINUTES", "APPROVER_IDLE_AGE": "DAYPASS_DECIDER_IDLE_MINUTES",
}  # fmt: skip
OF_SSO = {f"DAYPASS_SSO_{name}" for name in ("EMAIL_DOMAINS", "ORIGINS", "ADMIN_GROUPS", "APPROVER_GROUPS")}


def read_from_the_environment() -> set[str]:
    """Return the variables that the project reads, found in its code."""
    found = set()
    for file in (ROOT / "portal").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                by = ast.unparse(node.func)
                if re.fullmatch(r"(env|os\.environ)\.[a-z_]+|os\.getenv|secret", by):
                    found.add(str(node.args[0].value))
    return found


def test_every_setting_is_judged_or_has_a_reason_not_to_be() -> None:
    judged = {SETTING.get(name, name) for name in REFUSED} | OF_SSO
    libraries = {name for name in read_from_the_environment() if name.startswith("PG")} | {"DJANGO_SETTINGS_MODULE"}
    known = judged | {f"DAYPASS_{name}" for name in judged} | set(ANY_VALUE) | libraries
    assert read_from_the_environment() - known == set()
    assert len(read_from_the_environment()) > 40
