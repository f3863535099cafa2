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

from dev.check import PRODUCTION
from dev.options import ROOT
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
    own = {**os.environ, **PRODUCTION, "DAYPASS_VAR_DIR": str(tmp_path), **different}
    given = {name: value for name, value in own.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=False
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


@pytest.mark.parametrize("process", ["portal.wsgi", "portal.celery"])
def test_neither_web_nor_worker_starts_unsafely_and_all_errors_are_reported_together(
    tmp_path: Path, process: str
) -> None:
    unsafe = {"DEBUG": "true", "ALLOWED_HOSTS": "*", "DATABASE_URL": None, "REDIS_URL": None, "SECRET_KEY": "x" * 60}
    answer = start(tmp_path, unsafe, f"import {process}")
    assert answer.returncode != 0
    assert answer.stderr.count("\n- ") == 5


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
