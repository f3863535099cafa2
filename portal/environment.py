"""What the environment says: secrets from values or files, and what a real installation may not start with."""

import base64
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environ import ImproperlyConfigured

from portal import connections

SECRET_KEY_LENGTH = 50
DISTINCT = 12  # characters that a random key has at the very least
# Secrets that are known from somewhere: Django's generated ones, ours of the tests, and what people type for now.
KNOWN_SECRETS = ("django-insecure-", "only-for-tests-", "changeme", "change-me", "secret", "password", "example")


def secret(name: str, *, default: str | None = None) -> str:
    """Give the secret of that name, or what the file named by `<name>_FILE` holds, without the end of its last line.

    Raises ImproperlyConfigured when both are given, when the file cannot be read, and when there is neither of them and
    no default.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    if file:
        return _read(f"{name}_FILE", Path(file))
    if value is None and default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or set {name}_FILE to a file that holds it.")
    return default or "" if value is None else value


def _read(name: str, file: Path) -> str:
    try:
        held = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ImproperlyConfigured(f"{name} names {file}, which cannot be read: {why}.") from None
    if not held:
        raise ImproperlyConfigured(f"{name} names {file}, which is empty.")
    return held


def refuse_weak_key(key: str) -> None:
    """Raise ImproperlyConfigured for a secret key that is too short to be one."""
    if len(key) < SECRET_KEY_LENGTH:
        raise ImproperlyConfigured(f"SECRET_KEY must be at least {SECRET_KEY_LENGTH} random characters.")


def refuse_unsafe(settings: Mapping[str, Any], *, demo_file: Path) -> None:
    """Raise ImproperlyConfigured with all that a real installation may not start with; `settings` are Django's.

    `demo_file` is where a demo would keep its settings.
    """
    wrong = [sentence for check in CHECKS for sentence in check(settings)]
    if _is_of_a_demo(demo_file):
        wrong.append(f"{demo_file} holds the secrets of a demo: set DAYPASS_VAR_DIR to another directory.")
    if wrong:
        raise ImproperlyConfigured("Daypass does not start like this:\n- " + "\n- ".join(wrong))


def _keys(settings: Mapping[str, Any]) -> list[str]:
    keys = {"SECRET_KEY": settings["SECRET_KEY"]}
    for number, former in enumerate(settings["SECRET_KEY_FALLBACKS"], 1):
        keys[f"SECRET_KEY_FALLBACKS, number {number},"] = former
    return [
        f"{name} is known or simple. A good one: python -c 'import secrets; print(secrets.token_urlsafe(48))'."
        for name, key in keys.items()
        if key.lower().startswith(KNOWN_SECRETS) or len(set(key)) < DISTINCT
    ]


def _sealing(settings: Mapping[str, Any]) -> list[str]:
    good = "A good one: python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'."
    weak = [key for key in settings["ENCRYPTION_KEYS"] if not _is_sealing_key(key)]
    return [f"DAYPASS_ENCRYPTION_KEYS has one that is no Fernet key, or a known one. {good}"] if weak else []


def _is_sealing_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32 and not key.startswith(KNOWN_SECRETS)
    except ValueError:
        return False


def _debug(settings: Mapping[str, Any]) -> list[str]:
    return ["DEBUG is on: its error pages show settings and code to everybody."] if settings["DEBUG"] else []


def _hosts(settings: Mapping[str, Any]) -> list[str]:
    hosts: Sequence[str] = settings["ALLOWED_HOSTS"]
    if not hosts:
        return ["ALLOWED_HOSTS is not set: name the hosts by which people reach the portal."]
    return [f"ALLOWED_HOSTS has {host!r}: name every host." for host in hosts if "*" in host]


def _origins(settings: Mapping[str, Any]) -> list[str]:
    return [
        f"CSRF_TRUSTED_ORIGINS has {origin!r}: name whole origins, each with https://."
        for origin in settings["CSRF_TRUSTED_ORIGINS"]
        if "*" in origin or not origin.startswith("https://")
    ]


def _database(settings: Mapping[str, Any]) -> list[str]:
    engine = settings["DATABASES"]["default"]["ENGINE"]
    return [] if engine.endswith("postgresql") else ["DATABASE_URL is not set to a PostgreSQL: postgres://…"]


def _redis(settings: Mapping[str, Any]) -> list[str]:
    url = urlsplit(settings["REDIS_URL"])
    if (url.scheme in {"redis", "rediss"} and url.password) or url.scheme == "unix":
        return []
    return ["REDIS_URL has no password: redis://:password@host:6379/0. Whoever reaches an open Redis forges messages."]


def _tls(settings: Mapping[str, Any]) -> list[str]:
    plain: Sequence[str] = settings["PLAINTEXT_HOSTS"]
    database = settings["DATABASES"]["default"]
    faults = connections.database_faults(database, plain=plain) if _database(settings) == [] else []
    return faults + connections.redis_faults(settings["REDIS_URL"], plain=plain)


def _stolen(settings: Mapping[str, Any]) -> list[str]:
    file = settings["BREACHED_PASSWORDS"]
    readable = not file or (Path(file).is_file() and os.access(file, os.R_OK))
    return [] if readable else [f"DAYPASS_BREACHED_PASSWORDS_FILE names {file}, which cannot be read."]


def _checkpoints(settings: Mapping[str, Any]) -> list[str]:
    private = settings.get("CHECKPOINT_KEY", "")
    given = {"DAYPASS_CHECKPOINT_KEY": [private] if private else []}
    given["DAYPASS_CHECKPOINT_PUBLIC_KEYS"] = settings.get("CHECKPOINT_PUBLIC_KEYS", [])
    return [
        f"{name} is not a key of Ed25519, 32 bytes in URL-safe Base64. Make one: manage.py audit_key new FILE."
        for name, keys in given.items()
        if not all(_is_sealing_key(key) for key in keys)
    ]


CHECKS = (_keys, _sealing, _debug, _hosts, _origins, _database, _redis, _tls, _stolen, _checkpoints)


def _is_of_a_demo(file: Path) -> bool:
    return file.is_file() and "DAYPASS_DEMO=true" in file.read_text().splitlines()
