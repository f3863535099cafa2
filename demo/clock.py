"""AWS's clock: the local AWS lets it be moved, a real one does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

TIMEOUT = 10


def can_be_moved(endpoint: str) -> bool:
    """Return whether the AWS at this address is a local one whose clock can be moved."""
    if not endpoint:
        return False
    try:
        return bool(requests.get(f"{endpoint}/_local/clock", timeout=TIMEOUT).ok)
    except requests.RequestException:
        return False


@contextmanager
def moved(endpoint: str, *, seconds: int) -> Iterator[None]:
    """Move AWS's clock for the block, and put it back whatever happens in it."""
    _set(endpoint, seconds)
    try:
        yield
    finally:
        _set(endpoint, 0)


def _set(endpoint: str, seconds: int) -> None:
    requests.post(f"{endpoint}/_local/clock", params={"offset": seconds}, timeout=TIMEOUT).raise_for_status()
