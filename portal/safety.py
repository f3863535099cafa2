"""The settings with which an installation does not start. Each rule is about format, randomness or agreement."""

import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from itertools import combinations, starmap
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from access.texts.text import Text
from portal import connections, endpoints, strength
from portal.addresses import endpoint_fault, host_of, is_loopback, is_mail_domain, is_name, origin

Settings = Mapping[str, Any]
Check = Callable[[Settings], list[Text]]

# Keys that are marked as unsafe for an installation: those that Django generates, and those of the tests.
MARKS = ("django-insecure-", "only-for-tests-")
MINUTES = 60
LONGEST_SESSION = 12 * 60 * MINUTES  # seconds: all sessions end then
# What is a number: its variable, its unit in the settings' own, the least and the most that keep the promises.
RANGES: tuple[tuple[str, str, float, float, float], ...] = (
    ("SESSION_IDLE_AGE", "DAYPASS_SESSION_IDLE_MINUTES", MINUTES, 1, LONGEST_SESSION / MINUTES),
    ("APPROVER_IDLE_AGE", "DAYPASS_DECIDER_IDLE_MINUTES", MINUTES, 1, 120),
    ("FACTOR_MAX_AGE", "DAYPASS_FACTOR_MAX_AGE_MINUTES", MINUTES, 1, LONGEST_SESSION / MINUTES),
    ("ALLAUTH_TRUSTED_PROXY_COUNT", "ALLAUTH_TRUSTED_PROXY_COUNT", 1, 0, 10),
    # If a message is lost, a revocation waits for the next sweep.
    ("SWEEP_SECONDS", "DAYPASS_SWEEP_SECONDS", 1, 1, 300),
    ("DRIFT_SECONDS", "DAYPASS_DRIFT_SECONDS", 1, 1, 3600),
    # The time-outs of AWS calls depend on this, and a role waits this long after its worker died.
    ("LEASE_SECONDS", "DAYPASS_LEASE_SECONDS", 1, 10, 120),
)
POSTGRES = "django.db.backends.postgresql"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")  # above them nothing says that something went wrong


def _keys(settings: Settings) -> list[Text]:
    keys = {"SECRET_KEY": settings["SECRET_KEY"]}
    for number, former in enumerate(settings["SECRET_KEY_FALLBACKS"], 1):
        keys[f"SECRET_KEY_FALLBACKS, number {number},"] = former
    remedy = Text("key_remedy")
    short = [name for name, key in keys.items() if len(key) < strength.KEY_LENGTH]
    return [Text("key_short", {"key": name, "length": strength.KEY_LENGTH, "remedy": remedy}) for name in short] + [
        Text("key_simple", {"key": name, "remedy": remedy})
        for name, key in keys.items()
        if name not in short and (key.lower().startswith(MARKS) or not strength.is_random_text(key))
    ]


def _key_length(settings: Settings) -> list[Text]:
    """Return what is wrong with a demo's key, which its supervisor makes."""
    is_short = len(settings["SECRET_KEY"]) < strength.KEY_LENGTH
    return [Text("demo_key_short", {"length": strength.KEY_LENGTH})] if is_short else []


def _encryption_keys(settings: Settings) -> list[Text]:
    remedy = Text("encryption_key_remedy")
    keys: Sequence[str] = settings["ENCRYPTION_KEYS"]
    if not keys:
        return [Text("encryption_keys_missing", {"remedy": remedy})]
    if not all(map(_is_encryption_key, keys)):
        return [Text("encryption_key_invalid", {"remedy": remedy})]
    is_reused = any(starmap(strength.same_key, combinations(keys, 2))) or _is_in_a_secret_key(settings, *keys)
    return [Text("encryption_key_reused", {"remedy": remedy})] if is_reused else []


def _is_in_a_secret_key(settings: Settings, *keys: str) -> bool:
    others = [settings["SECRET_KEY"], *settings["SECRET_KEY_FALLBACKS"]]
    return any(strength.holds_key(other, key) for key in keys for other in others)


def _is_encryption_key(key: str) -> bool:
    data = strength.fernet_key(key)
    if data is None or key.startswith(MARKS):
        return False
    return strength.is_random_bytes(data) and strength.is_random_text(key.rstrip("="))


def _checkpoints(settings: Settings) -> list[Text]:
    private: str = settings["CHECKPOINT_KEY"]
    is_used = any(strength.same_key(private, key) for key in settings["ENCRYPTION_KEYS"])
    is_good = not private or (
        _is_encryption_key(private) and not is_used and not _is_in_a_secret_key(settings, private)
    )
    is_public = all(strength.fernet_key(key) is not None for key in settings["CHECKPOINT_PUBLIC_KEYS"])
    given = {"DAYPASS_CHECKPOINT_KEY": is_good, "DAYPASS_CHECKPOINT_PUBLIC_KEYS": is_public}
    return [Text("checkpoint_key_invalid", {"setting": name}) for name, is_right in given.items() if not is_right]


def _debug(settings: Settings) -> list[Text]:
    return [Text("debug_enabled")] if settings["DEBUG"] else []


def _base_url(settings: Settings) -> list[Text]:
    url, own = settings["BASE_URL"], origin(settings["BASE_URL"])
    if own is None:
        return [Text("url_invalid", {"url": repr(url)})]
    return [] if _is_https(own) else [Text("url_without_tls", {"url": repr(url)})]


def _is_https(url: str | None) -> bool:
    return url is not None and url.startswith("https://")


def _demo_is_here(settings: Settings) -> list[Text]:
    if (Path(settings["BASE_DIR"]) / "demo").is_dir():
        return []
    return [Text("demo_not_installed")]


def _base_url_of_a_demo(settings: Settings) -> list[Text]:
    url, own = settings["BASE_URL"], origin(settings["BASE_URL"])
    if own is not None and is_loopback(host_of(own)):
        return []
    return [Text("demo_url_not_local", {"url": repr(url)})]


def _hosts_of_a_demo(settings: Settings) -> list[Text]:
    return [
        Text("demo_host_not_local", {"host": repr(host)}) for host in settings["ALLOWED_HOSTS"] if not is_loopback(host)
    ]


def _hosts(settings: Settings) -> list[Text]:
    hosts: Sequence[str] = settings["ALLOWED_HOSTS"]
    own = origin(settings["BASE_URL"])
    if not hosts:
        return [Text("hosts_missing")]
    wild = [each for each in hosts if not _is_host(each)]
    if wild or own is None:
        return [Text("host_pattern", {"host": repr(each)}) for each in wild]
    return [Text("host_differs", {"host": repr(each)}) for each in hosts if each.lower() != host_of(own)]


def _is_host(host: str) -> bool:
    return is_name(host.lower()) or origin(f"https://{host}") == f"https://{host.lower()}"


def _origins(settings: Settings) -> list[Text]:
    own = origin(settings["BASE_URL"])
    return [
        Text("origin_invalid", {"origin": repr(each)})
        for each in settings["CSRF_TRUSTED_ORIGINS"]
        if not each.startswith("https://") or origin(each) is None or (_is_https(own) and origin(each) != own)
    ]


def _database(settings: Settings) -> list[Text]:
    engine = settings["DATABASES"]["default"]["ENGINE"]
    return [] if engine == POSTGRES else [Text("database_not_postgresql")]


def _redis(settings: Settings) -> list[Text]:
    url = urlsplit(settings["REDIS_URL"])
    if (url.scheme in {"redis", "rediss"} and url.password) or url.scheme == "unix":
        return []
    return [Text("redis_without_password")]


def _tls(settings: Settings) -> list[Text]:
    plain: Sequence[str] = settings["PLAINTEXT_HOSTS"]
    database = settings["DATABASES"]["default"]
    faults = connections.database_faults(database, plain=plain) if _database(settings) == [] else []
    faults += connections.redis_faults(settings["REDIS_URL"], plain=plain) + connections.celery_faults()
    return faults + connections.plaintext_faults(plain) + connections.mail_faults(settings)


def _sender(settings: Settings) -> list[Text]:
    text: str = settings["DEFAULT_FROM_EMAIL"]
    address = parseaddr(text)[1] if text.isprintable() else ""
    user, _, host = address.rpartition("@")
    if user and user.isascii() and is_mail_domain(host) and " " not in address and "," not in text:
        return []
    return [Text("mail_sender_invalid", {"sender": repr(text)})]


def _endpoints(settings: Settings) -> list[Text]:
    own = [("AWS_ENDPOINT_URL", settings["AWS_ENDPOINT_URL"]), ("DAYPASS_SIGNIN_URL", settings["SIGNIN_URL"])]
    given = [*own, *endpoints.found_by_botocore()]
    return [text for name, value in given if value for text in endpoint_fault(name, value)]


def _profiles(settings: Settings) -> list[Text]:
    names = [settings[f"{identity}_PROFILE"] for identity in ("ISSUER", "WORKER", "BUILDER")]
    if all(names) and len(set(names)) == len(names):
        return []
    return [Text("profiles_not_distinct")]


def _numbers(settings: Settings) -> list[Text]:
    return [
        Text(
            "setting_out_of_range",
            {
                "setting": variable,
                "value": f"{settings[name] / unit:g}",
                "least": f"{least:g}",
                "most": f"{most:g}",
            },
        )
        for name, variable, unit, least, most in RANGES
        if not (math.isfinite(settings[name]) and least * unit <= settings[name] <= most * unit)
    ]


def _proxies(settings: Settings) -> list[Text]:
    """Return what is wrong between the two settings of proxies: limits by address and allowed networks rest on them."""
    is_behind, count = settings["BEHIND_TLS_PROXY"], settings["ALLAUTH_TRUSTED_PROXY_COUNT"]
    if is_behind and count == 0:
        return [Text("proxy_not_counted")]
    if not is_behind and count > 0:
        return [Text("proxy_not_there", {"count": count})]
    return []


def _single_sign_on(settings: Settings) -> list[Text]:
    sso = settings["SSO"]
    if not sso.apps:
        return []
    wrong = [
        Text("sso_domain_invalid", {"domain": repr(domain)})
        for domain in sorted(sso.email_domains)
        if not is_name(domain) or "." not in domain
    ]
    wrong += [Text("sso_origin_invalid", {"origin": repr(each)}) for each in sso.origins if not _is_https(origin(each))]
    groups = [*sso.admin_groups, *sso.approver_groups, *sso.approver_groups.values()]
    if any(not group.strip() or "*" in group for group in groups):
        wrong.append(Text("sso_group_invalid"))
    return wrong


def _files(settings: Settings) -> list[Text]:
    file = settings["BREACHED_PASSWORDS"]
    is_readable = not file or (Path(file).is_file() and os.access(file, os.R_OK))
    wrong = [] if is_readable else [Text("breached_passwords_unreadable", {"file": file})]
    served = Path(settings["STATIC_ROOT"]).resolve()
    own = [Path(settings[name]).resolve() for name in ("BASE_DIR", "VAR_DIR", "SPOOL_DIR", "CHECKPOINT_FILE")]
    # Secrets and credentials can come from files, and the variables of all of them end in this way.
    own += [Path(value).resolve() for name, value in os.environ.items() if name.endswith("_FILE") and value]
    if any(place == served or served in place.parents for place in own):
        wrong.append(Text("static_root_unsafe", {"directory": str(served)}))
    return wrong


def _log_level(settings: Settings) -> list[Text]:
    level = settings["LOGGING"]["root"]["level"]
    is_one = level in LEVELS and isinstance(logging.getLevelName(level), int)
    return [] if is_one else [Text("log_level_unknown", {"level": repr(level), "levels": LEVELS})]


OF_AN_INSTALLATION: tuple[Check, ...] = (
    *(
        _keys,
        _encryption_keys,
        _checkpoints,
        _debug,
        _base_url,
        _hosts,
        _origins,
        _database,
        _redis,
        _tls,
        _sender,
        _endpoints,
    ),
    *(_profiles, _numbers, _proxies, _single_sign_on, _files, _log_level),
)
OF_A_DEMO: tuple[Check, ...] = (_key_length, _demo_is_here, _base_url_of_a_demo, _hosts_of_a_demo)
