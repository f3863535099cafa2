"""The IP addresses for which the verifier evaluates a document: at the edges of each network, and just outside."""

import ipaddress
from collections.abc import Iterator, Sequence


def inside(networks: Sequence[str]) -> Iterator[str]:
    """Yield the first and the last address of each network."""
    for network in map(ipaddress.ip_network, networks):
        yield str(network[0])
        yield str(network[-1])


def outside(networks: Sequence[str]) -> Iterator[str]:
    """Yield the addresses next to each network that are in none of them, and one of each kind from far away."""
    known = [ipaddress.ip_network(network) for network in networks]
    far = [ipaddress.ip_address("198.51.100.255"), ipaddress.ip_address("2001:db8:ffff::1")]
    beside = [
        address + step
        for network in known
        for address, step in ((network[0], -1), (network[-1], 1))
        if 0 <= int(address) + step < 2**network.max_prefixlen
    ]
    yield from (str(address) for address in [*far, *beside] if not any(address in network for network in known))
