"""Source addresses: from which networks an access may be used. AWS compares them with `aws:SourceIp`."""

import ipaddress
from collections.abc import Sequence

from access.lifecycle import GrantFacts
from access.networks import Network, is_inside, is_within
from access.rules.facts import Refused, RoleSettings

MAX_SOURCES = 5  # each takes up to 45 characters of the trust policy
WIDEST = {4: 16, 6: 32}  # prefix lengths; what is wider pins nobody

# What AWS never sees as the address of a caller. [IANA special-purpose address registries]
_NEVER_SEEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/3", "::/16", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip


def read_sources(text: str) -> tuple[str, ...]:
    """Return the networks that somebody typed, between commas, blanks or line breaks, as AWS is told them: sorted, none
    inside another. Raises Refused with what is wrong.
    """
    named = [read_network(word) for word in text.replace(",", " ").split()]
    kept = {one for one in named if not any(one != other and is_within(one, other) for other in named)}
    if len(kept) > MAX_SOURCES:
        raise Refused(f"At most {MAX_SOURCES} source addresses can be named. Name the networks that they are in.")
    return tuple(sorted(map(str, kept)))


def read_network(text: str) -> Network:
    """Return one address or network, IPv4 or IPv6; raises Refused with what is wrong and how to write it."""
    try:
        found = ipaddress.ip_network(text)
    except ValueError:
        raise Refused(_why_no_network(text)) from None
    if "%" in text:
        raise Refused(f"{text[:50]} names a port of your own machine. Give the public address.")
    if any(is_within(found, one) for one in _NEVER_SEEN):
        raise Refused(f"AWS never sees {found} as an address that somebody calls from. Give the public one.")
    if found.prefixlen < WIDEST[found.version]:
        raise Refused(f"{found} is too wide: a network has at least /{WIDEST[found.version]}. Name smaller ones.")
    return found


def _why_no_network(text: str) -> str:
    shown = text[:50]
    try:
        inside = ipaddress.ip_interface(text).network
    except ValueError:
        return f"{shown} is no IP address and no network. Write it like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48."
    return f"{shown} is an address inside a network. Write {inside} for all of it, or the address alone."


def check_sources(role: RoleSettings, chosen: Sequence[str]) -> None:
    """Raise Refused unless the role lets these networks be chosen, and asks for no other."""
    if role.source_rule == "never" and chosen:
        raise Refused("Source addresses cannot be asked for with this role. Leave them out.")
    if role.source_rule == "always" and not chosen:
        raise Refused(f"Source addresses have to be named for this role. {_which(role)}")
    for one in chosen:
        if role.source_networks and not is_inside(one, role.source_networks):
            raise Refused(f"Source addresses such as {one} are not among those of this role. {_which(role)}")


def _which(role: RoleSettings) -> str:
    if role.source_networks:
        return f"They must lie in {', '.join(role.source_networks)}."
    return "Give the public addresses that you work from."


def check_address(grant: GrantFacts, address: str) -> None:
    """Raise Refused unless a session of the grant may be opened from this address: the portal's own check, because AWS
    sees the portal's.
    """
    if not grant.source_cidrs or (address and is_inside(address, grant.source_cidrs)):
        return
    raise Refused(
        f"This access is for {', '.join(grant.source_cidrs)} alone, and you come from {address or 'who knows where'}. "
        "Come from there."
    )
