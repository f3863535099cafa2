"""The client address of an HTTP request, and the record of what was refused to that client."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from access import clock
from access.ledger.refusals import DENIED, SIGN_IN_FAILED, note_refusal
from access.models import User

UNKNOWN = "unknown"


def address_of(request: HttpRequest) -> str:
    """Return the address that a visitor comes from, behind as many proxies as ALLAUTH_TRUSTED_PROXY_COUNT says; empty
    when that is unknown. An IPv4 address that a server writes as IPv6 (`::ffff:192.0.2.1`) is written as IPv4, and the
    network card behind a percent sign is left out.
    """
    try:
        text = get_adapter().get_client_ip(request).partition("%")[0]
        address = ipaddress.ip_address(text)
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network_of(request: HttpRequest) -> str:
    """Return the address under which tries are counted together: of IPv6 the network, for one visitor has all of it.
    Clients whose address is unknown are counted as one.
    """
    address = address_of(request)
    if not address:
        return UNKNOWN
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address


def note_failed_sign_in(request: HttpRequest, person: User | None, *, why: str) -> None:
    """Count a failed sign-in or confirmation; what was typed is not recorded."""
    page = f"{_page(request)} {why}"
    note_refusal(SIGN_IN_FAILED, person=person, address=network_of(request), page=page, now=clock.now())


def note_refused_page(request: HttpRequest, status: int) -> None:
    """Count a page that was refused; of its address only a public id is kept, because links can be secrets."""
    match = request.resolver_match
    about = match.kwargs.get("public_id", "") if match else ""
    note_refusal(
        DENIED,
        person=request.user if isinstance(request.user, User) else None,
        address=network_of(request),
        page=f"{_page(request)} {status}",
        about=str(about),
        now=clock.now(),
    )


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
