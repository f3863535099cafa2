"""Check connections to database, queue and mail server: with TLS and verified certificates, or on this machine."""

import ipaddress
import os
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from access.texts.text import Text
from portal.addresses import is_loopback, is_name
from portal.databases import SERVER_OPTIONS

VERIFIED = "verify-full"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# The parameters that a REDIS_URL can contain: where the certificates are, and that Daypass verifies them.
REDIS_WORDS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
VERIFYING = {"ssl_cert_reqs": {"required"}, "ssl_check_hostname": {"true"}}
# The parameters that a DATABASE_URL can contain: about TLS and keepalives. Others are refused, because some lead to
# another host (service, conninfo), and some change what the server does (options).
DATABASE_WORDS = {
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding", "require_auth", "gssencmode"),
    *("host", "hostaddr", "application_name", "connect_timeout", "target_session_attrs", "tcp_user_timeout"),
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    *("server_side_binding", "prepare_threshold"),  # the settings' own
}
# Variables that Celery prefers to its settings: they could name another queue, a place for results, or other code.
CELERYS = {
    *(f"CELERY_{name}" for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND")),
    *("CELERY_CONFIG_MODULE", "CELERY_LOADER", "BROKER_URL", "RESULT_BACKEND", "CONFIG_MODULE", "LOADER"),
}
# Django's settings of a connection that must keep these values so that Daypass keeps its promises.
DJANGOS = {"AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}
WORD_LENGTH, WORD_DISTINCT = 8, 5  # of Redis's password, where others can reach it


def database_faults(database: Mapping[str, Any], *, plain: Collection[str]) -> list[Text]:
    """Return what is wrong with how PostgreSQL is reached; hosts in `plain` can be reached without TLS."""
    options = database.get("OPTIONS", {})
    if os.environ.get("PGOPTIONS"):
        return [Text("database_options_in_environment")]
    if "service" in options or os.environ.get("PGSERVICE"):
        return [Text("database_service")]
    known = DATABASE_WORDS | ({"options"} if options.get("options") == SERVER_OPTIONS else set())
    unknown = sorted(options.keys() - known)
    unknown += [name for name, fine in DJANGOS.items() if database.get(name, fine) is not fine]
    if unknown:
        return [Text("database_words_unknown", {"words": unknown})]
    # If DATABASE_URL names no host, libpq uses the options and the environment. It prefers hostaddr to any host.
    host = database.get("HOST") or options.get("host") or os.environ.get("PGHOST")
    address = options.get("hostaddr") or os.environ.get("PGHOSTADDR")
    if options.get("sslmode") == VERIFIED:
        return []
    return [
        Text("database_without_tls", {"host": host})
        for host in dict.fromkeys([host or "", address or ""])
        # libpq accepts a list of hosts, and tries the next host if one does not answer.
        if not all(_is_here(one) or one in plain for one in host.split(","))
    ]


def redis_faults(url: str, *, plain: Collection[str]) -> list[Text]:
    """Return what is wrong with how Redis is reached; hosts in `plain` can be reached without TLS."""
    if not url.isascii() or not url.isprintable() or set("; \\") & set(url):
        return [Text("redis_characters")]
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    host = parts.hostname or ""
    if parts.scheme not in {"redis", "rediss"}:
        return []
    if parts.fragment or any(name not in REDIS_WORDS for name, _ in given):
        return [Text("redis_words_unknown", {"words": sorted(REDIS_WORDS)})]
    if any(value.lower() not in VERIFYING.get(name, {value.lower()}) for name, value in given):
        return [Text("redis_unverified")]
    if _is_here(host):
        return []
    faults = [Text("redis_without_tls", {"host": host})]
    word = parts.password or ""
    weak = [Text("redis_password_weak", {"length": WORD_LENGTH})]
    is_weak = bool(word) and (len(word) < WORD_LENGTH or len(set(word)) < WORD_DISTINCT)
    return (faults if parts.scheme != "rediss" and host not in plain else []) + (weak if is_weak else [])


def celery_faults() -> list[Text]:
    """Return which variables Celery would use in place of the settings."""
    return [Text("celery_variable", {"variable": name}) for name in sorted(CELERYS) if os.environ.get(name)]


def plaintext_faults(hosts: Collection[str]) -> list[Text]:
    """Return which hosts cannot be on a network that leads nowhere else."""
    return [Text("plaintext_host_public", {"host": repr(host)}) for host in hosts if not _can_be_private(host)]


def mail_faults(settings: Mapping[str, Any]) -> list[Text]:
    """Return what is wrong with how emails are sent: they hold links that open accounts."""
    if settings["EMAIL_BACKEND"] != SMTP:
        return [Text("mail_no_server")]
    host = settings["EMAIL_HOST"] or ""
    if not host:
        return [Text("mail_no_host")]
    if settings.get("EMAIL_USE_TLS") and settings.get("EMAIL_USE_SSL"):
        return [Text("mail_two_kinds_of_tls")]
    is_plain = not (settings.get("EMAIL_USE_TLS") is True or settings.get("EMAIL_USE_SSL") is True)
    if is_plain and not is_loopback(host):
        return [Text("mail_without_tls", {"host": host})]
    return []


def queue_tls(url: str) -> dict[str, Any] | None:
    """Return Celery's settings of TLS to Redis, None without it. kombu by itself would verify no certificate."""
    if urlsplit(url).scheme != "rediss":
        return None
    files = {
        name: value for name, value in _given(url).items() if name in {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
    }
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **files}


def _given(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _is_here(host: str) -> bool:
    return not host or host.startswith(("/", "@")) or is_loopback(host)


def _can_be_private(host: str) -> bool:
    """Return whether this is a name, or an address that is not reached from everywhere."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return is_name(host.lower().replace("_", "-"))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not ((mapped or address).is_global or address.is_unspecified)
