"""Web addresses in the settings: their correct format, and whether they are on this machine."""

import ipaddress
import re
from urllib.parse import urlsplit

from access.texts.text import Text

DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*\Z", re.ASCII)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z", re.ASCII)  # at the end of a host it makes an address of the whole
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?\Z", re.ASCII | re.IGNORECASE
)


def origin(url: str) -> str | None:
    """Return scheme, host and port of a web address as a browser sends them, None when it has no such form.

    The default port is left out, emails are small, IPv6 is short. A user, a path other than `/`, a query, a trailing
    dot, spaces and emails that a browser would rewrite have no such form.
    """
    found = _ORIGIN.match(url.removesuffix("/"))
    host = _host(found["host"].lower()) if found else None
    if found is None or host is None:
        return None
    scheme, port = found["scheme"].lower(), int(found["port"] or DEFAULT_PORTS[found["scheme"].lower()])
    if not 0 < port < 65536:
        return None
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def host_of(url: str) -> str:
    """Return the host of an address that `origin` gave, IPv6 in brackets, without the port."""
    return re.sub(r"\Ahttps?://|:[0-9]+\Z", "", url, flags=re.ASCII)


def is_name(host: str) -> bool:
    """Return whether this is a host name or an IPv4 address as a browser writes it."""
    if not _NAME.match(host) or len(host) > 253:
        return False
    if not _NUMBER.match(host.rpartition(".")[2]):
        return True
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return str(address) == host and not address.is_unspecified


def is_loopback(host: str) -> bool:
    """Return whether a host, with or without brackets, is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def consoles(signin_url: str) -> list[str]:
    """Return the origins of the AWS console, or that of the sign-in service that is used instead of AWS's."""
    if signin_url:
        return ["{0.scheme}://{0.netloc}".format(urlsplit(signin_url))]
    return [
        f"https://{prefix}{part}.{domain}"
        for domain in ("aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn")
        for part in ("signin", "console")
        for prefix in ("", "*.")
    ]


def mail_domain(url: str) -> str:
    """Return the host of a web address as an email address has it behind its @."""
    host = host_of(url)
    return f"[IPv6:{host[1:-1]}]" if host.startswith("[") else host


def is_mail_domain(domain: str) -> bool:
    """Return whether this can follow the @ of an email address."""
    literal = domain.removeprefix("[IPv6:")
    return is_name(domain.lower()) if literal == domain else _host(f"[{literal.lower()}") is not None


def endpoint_fault(name: str, url: str) -> list[Text]:
    """Return what is wrong with the address of a service that is asked over https, or over http on this machine."""
    parts = urlsplit(url) if url.isascii() and url.isprintable() and not set(" \\") & set(url) else None
    base = origin(f"{parts.scheme}://{parts.netloc}") if parts else None
    if parts is None or base is None:
        return [Text("endpoint_invalid", {"setting": name})]
    if parts.scheme != "https" and not is_loopback(urlsplit(base).hostname or ""):
        return [Text("endpoint_without_tls", {"setting": name, "host": parts.hostname})]
    return []


def _host(host: str) -> str | None:
    if not host.startswith("["):
        return host if is_name(host) else None
    try:
        address = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return None
    return None if address.is_unspecified else f"[{address.compressed}]"
