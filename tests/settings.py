"""The portal's settings for tests and type checks: everything that the environment would give is decided here."""

import os
from pathlib import Path

os.environ.update(
    AWS_EC2_METADATA_DISABLED="true",
    DAYPASS_DEMO="true",
    DAYPASS_ENCRYPTION_KEYS="only-for-tests-only-for-tests-only-for-test=",
    DAYPASS_URL="http://testserver",
    # Not the directory of a running demo: its settings must not reach the tests.
    DAYPASS_VAR_DIR=str(Path(__file__).resolve().parent.parent / "var" / "test"),
    # Importing `portal` makes the Celery application, which asks for settings while these are still being read.
    DJANGO_SETTINGS_MODULE="portal.settings",
    REDIS_URL="redis://127.0.0.1:1/0",  # nobody listens there
    SECRET_KEY="only-for-tests-" + "0123456789" * 5,
)
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from portal.settings import *  # noqa: F403 - after the environment is there

STATIC_ROOT = str(VAR_DIR / "static")  # noqa: F405
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
