"""Database and queue are spoken to over TLS, their certificates looked at, or not beyond this machine."""

import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OR_SAY_SO = "name the host in DAYPASS_PLAINTEXT_HOSTS."
VERIFIED = "verify-full"
NOT_LOOKED_AT = {"none", "optional", "CERT_NONE", "CERT_OPTIONAL"}


def database_faults(database: Mapping[str, Any], *, plain: Collection[str]) -> list[str]:
    """Give what is wrong with how PostgreSQL is reached; hosts in `plain` may be spoken to without TLS."""
    host = database.get("HOST") or ""
    if _is_here(host) or host in plain or database.get("OPTIONS", {}).get("sslmode") == VERIFIED:
        return []
    add = f"?sslmode={VERIFIED}&sslrootcert=/path/ca.pem"
    return [f"DATABASE_URL leads to {host} without a certificate that is looked at: add {add}, or {OR_SAY_SO}"]


def redis_faults(url: str, *, plain: Collection[str]) -> list[str]:
    """Give what is wrong with how Redis is reached; hosts in `plain` may be spoken to without TLS."""
    parts, given = urlsplit(url), _given(url)
    host = parts.hostname or ""
    if parts.scheme == "unix" or _is_here(host) or host in plain:
        return []
    if parts.scheme != "rediss":
        return [f"REDIS_URL leads to {host} without TLS: begin it with rediss://, or {OR_SAY_SO}"]
    is_lax = given.get("ssl_cert_reqs") in NOT_LOOKED_AT or given.get("ssl_check_hostname", "").lower() == "false"
    return ["REDIS_URL asks for certificates that nobody looks at: leave ssl_cert_reqs out."] if is_lax else []


def queue_tls(url: str) -> dict[str, Any] | None:
    """Give what Celery is told about TLS to Redis, None without it. kombu by itself would look at no certificate."""
    if urlsplit(url).scheme != "rediss":
        return None
    files = {
        name: value for name, value in _given(url).items() if name in {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
    }
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **files}


def _given(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _is_here(host: str) -> bool:
    return not host or host.startswith("/") or host in LOOPBACK
