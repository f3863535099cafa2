"""Placeholders for missing settings, so that the settings load and all problems are reported together.

No rule refuses them, and no process starts with one of them: a fault was noted for each.
"""

import base64
import os
import secrets
from collections.abc import Sequence

DATABASE_URL = "postgres://127.0.0.1/daypass"
REDIS_URL = "redis://:only-in-this-place@127.0.0.1:6379/0"
EMAIL_URL = "smtp://localhost:25"


def secret_key() -> str:
    """Return a new secret key."""
    return secrets.token_urlsafe(64)


def encryption_key() -> str:
    """Return a new Fernet key."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def url(hosts: Sequence[str], *, demo: bool) -> str:
    """Return an address with which the allowed hosts agree."""
    return "http://localhost" if demo else f"https://{hosts[0] if hosts else 'localhost'}"
