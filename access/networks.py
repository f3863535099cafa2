"""Check whether a network contains an IP address or another network."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_inside(one: str, networks: Sequence[str]) -> bool:
    """Return whether a network (or an address) lies in one of the others; IPv4 and IPv6 are worlds apart."""
    return any(is_within(ipaddress.ip_network(one), ipaddress.ip_network(other)) for other in networks)


def is_within(one: Network, other: Network) -> bool:
    """Return whether one network is a part of the other, or the same."""
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)
