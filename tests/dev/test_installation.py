"""A real installation as a process: what it starts with, and what it does not start with."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings

from access.texts.catalogue import TEMPLATES
from dev.check import PRODUCTION
from dev.options import ROOT
from portal.starting import EXIT_CODE
from tests.unit.test_environment import KEY, OIDC

FORMER = KEY[::-1].replace(",", "")
RECIPE = (ROOT / "Dockerfile").read_text()
SHOW = """
import json, django
django.setup()
from django.conf import settings
from django.urls import get_resolver
print(json.dumps({
    "apps": settings.INSTALLED_APPS,
    "names": sorted(str(name) for name in get_resolver().reverse_dict if isinstance(name, str)),
    "namespaces": sorted(get_resolver().namespace_dict),
    "form": settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
    "secrets": [
        *(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, settings.REDIS_URL),
        *(settings.DATABASES["default"]["PASSWORD"], settings.EMAIL_HOST_PASSWORD),
    ],
}))
"""


def start(
    tmp_path: Path, different: Mapping[str, str | None] = {}, code: str = SHOW
) -> subprocess.CompletedProcess[str]:
    """Run Python code with the settings of a real installation; those that are None are not given."""
    return run(tmp_path, different, "-c", code)


def run(tmp_path: Path, different: Mapping[str, str | None], *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these words and with the settings of a real installation."""
    own = {**os.environ, **PRODUCTION, "DAYPASS_VAR_DIR": str(tmp_path), **different}
    given = {name: value for name, value in own.items() if value is not None}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60
    )


def test_optional_parts_are_absent_unless_configured(tmp_path: Path) -> None:
    found = json.loads(start(tmp_path).stdout)
    assert not [app for app in found["apps"] if "socialaccount" in app or "admin" in app]
    assert not [name for name in found["names"] if name.startswith(("social", "openid", "saml"))]
    assert found["namespaces"] == []
    assert all(origin == "'self'" or "aws" in origin for origin in found["form"])


def test_single_sign_on_adds_only_the_urls_of_its_protocol(tmp_path: Path) -> None:
    found = json.loads(start(tmp_path, OIDC).stdout)
    ways = [name for name in found["names"] if name.startswith(("social", "openid", "saml"))]
    assert ways == ["openid_connect_callback", "openid_connect_login", "socialaccount_login_cancelled"]
    assert "https://idp.example.com" in found["form"]


UNSAFE = {
    "DEBUG": "true",
    "ALLOWED_HOSTS": "*",
    "DATABASE_URL": None,
    "SECRET_KEY": "x" * 60,
    "REDIS_URL": "redis://:x7Qz/rest@redis:6379/0",
    "EMAIL_URL": None,
    "DAYPASS_SWEEP_SECONDS": "soon",
    "DAYPASS_ENCRYPTION_KEYS": None,
    "DAYPASS_OIDC_ISSUER": "http://idp.example.com",
}
CODES = {
    *("debug_enabled", "host_pattern", "database_not_postgresql", "key_simple", "setting_url_unreadable"),
    *("setting_missing", "setting_not_a_number", "sso_domains_missing", "sso_address_without_tls"),
    "setting_value_missing",
}
SCHEDULE = "the schedule"  # a file of its own in each test: a beat that starts after all writes it again
PROCESSES = {
    "web": ("-c", "import portal.wsgi"),
    "worker": ("-m", "celery", "-A", "portal", "worker"),
    "beat": ("-m", "celery", "-A", "portal", "beat", "--schedule", SCHEDULE),
    "command": ("manage.py", "migrate"),
    "own command": ("manage.py", "audit_verify"),
    "revocations": ("manage.py", "end_revoked", "--watch"),
    "check": ("manage.py", "check"),
}


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_starts_unsafely_and_all_errors_are_reported_together(tmp_path: Path, process: str) -> None:
    words = [str(tmp_path / "schedule") if word == SCHEDULE else word for word in PROCESSES[process]]
    answer = run(tmp_path, UNSAFE, *words)
    said = set(re.findall(r"daypass\.E[0-9]{3}", answer.stderr))
    assert said == {TEMPLATES[code].check for code in CODES}
    assert answer.stderr.count("daypass.E") == 12
    assert answer.returncode == (1 if process == "check" else EXIT_CODE)
    assert "Traceback" not in answer.stderr
    assert not [secret for secret in ("x7Qz", "x" * 60) if secret in answer.stderr]


def test_only_missing_settings_are_reported_where_the_others_are_safe(tmp_path: Path) -> None:
    required = ("SECRET_KEY", "DAYPASS_ENCRYPTION_KEYS", "DAYPASS_URL", "EMAIL_URL", "CSRF_TRUSTED_ORIGINS")
    answer = run(tmp_path, dict.fromkeys(required), "manage.py", "migrate")
    assert re.findall(r"(daypass\.E[0-9]{3}): ([A-Z_]+)", answer.stderr) == [
        ("daypass.E001", "SECRET_KEY"),
        ("daypass.E001", "DAYPASS_ENCRYPTION_KEYS"),
        ("daypass.E008", "DAYPASS_URL"),
        ("daypass.E001", "EMAIL_URL"),
    ]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    held = {
        "SECRET_KEY": KEY,
        "SECRET_KEY_FALLBACKS": f"{FORMER},{FORMER[::-1]}",
        "REDIS_URL": "rediss://:from-a-file@redis:6379/0",
        "DATABASE_URL": "postgres://daypass:from-a-file@db/daypass?sslmode=verify-full",
        "EMAIL_URL": "smtp+tls://daypass:of-the-emails@mail:587",
    }
    for name, value in held.items():
        (tmp_path / name).write_text(value + "\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in held}
    found = json.loads(start(tmp_path, {**dict.fromkeys(held), **files}).stdout)
    assert found["secrets"] == [KEY, FORMER, FORMER[::-1], held["REDIS_URL"], "from-a-file", "of-the-emails"]


def test_the_image_collects_its_static_files_with_the_settings_of_its_dockerfile(tmp_path: Path) -> None:
    (step,) = re.findall(
        r"^RUN (SECRET_KEY=.*? python manage.py collectstatic [^\n]*)", RECIPE, re.DOTALL | re.MULTILINE
    )
    own = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DAYPASS_VAR_DIR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    answer = subprocess.run(["sh", "-c", step], cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert list((tmp_path / "static").rglob("*.css"))


def test_the_emails_of_the_demo_are_in_its_directory() -> None:
    # The type checker does not see what EMAIL_URL decides.
    assert Path(settings.EMAIL_FILE_PATH) == Path(settings.VAR_DIR) / "mail"  # type: ignore[misc]
