"""Source addresses: the networks from which a grant can be used. AWS compares them with `aws:SourceIp`."""

import ipaddress
from collections.abc import Sequence

from access.lifecycle import GrantFacts
from access.networks import Network, is_inside, is_within
from access.rules.facts import Refused, RoleSettings
from access.texts.text import Text

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
    """Return the networks that somebody typed, between commas, blanks or line breaks, as AWS reads them: sorted, none
    inside another. Raises Refused with what is wrong.
    """
    named = [read_network(word) for word in text.replace(",", " ").split()]
    kept = {one for one in named if not any(one != other and is_within(one, other) for other in named)}
    if len(kept) > MAX_SOURCES:
        raise Refused("sources_too_many", field="sources", most=MAX_SOURCES)
    return tuple(sorted(map(str, kept)))


def read_network(text: str) -> Network:
    """Return one address or network, IPv4 or IPv6; raises Refused with what is wrong and how to write it."""
    try:
        found = ipaddress.ip_network(text)
    except ValueError:
        raise _not_a_network(text) from None
    if "%" in text:
        raise Refused("source_is_loopback_port", field="sources", source=text[:50])
    if any(is_within(found, one) for one in _NEVER_SEEN):
        raise Refused("source_not_public", field="sources", source=str(found))
    if found.prefixlen < WIDEST[found.version]:
        raise Refused("source_too_wide", field="sources", source=str(found), prefix=WIDEST[found.version])
    return found


def _not_a_network(text: str) -> Refused:
    shown = text[:50]
    try:
        network = ipaddress.ip_interface(text).network
    except ValueError:
        return Refused("source_invalid", field="sources", source=shown)
    return Refused("source_inside_network", field="sources", source=shown, network=str(network))


def check_sources(role: RoleSettings, chosen: Sequence[str]) -> None:
    """Raise Refused unless the role lets these networks be chosen, and asks for no other."""
    if role.source_rule == "never" and chosen:
        raise Refused("sources_not_allowed", field="sources")
    if role.source_rule == "always" and not chosen:
        raise Refused("sources_required", field="sources", which=_which(role))
    for one in chosen:
        if role.source_networks and not is_inside(one, role.source_networks):
            raise Refused("source_not_in_role", field="sources", source=one, which=_which(role))


def _which(role: RoleSettings) -> Text:
    if role.source_networks:
        return Text("sources_of_role", {"networks": role.source_networks})
    return Text("sources_of_yours")


def check_address(grant: GrantFacts, address: str) -> None:
    """Raise Refused unless a session of the grant can be opened from this address: the portal's own check, because AWS
    sees the portal's.
    """
    if not grant.source_cidrs or (address and is_inside(address, grant.source_cidrs)):
        return
    if not address:
        raise Refused("address_unknown", networks=grant.source_cidrs)
    raise Refused("address_not_allowed", networks=grant.source_cidrs, address=address)
