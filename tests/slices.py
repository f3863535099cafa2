"""Matrices that take minutes: `make test` runs a slice of each, `make test-all` the whole."""

import os
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

ALL = os.environ.get("TESTS") == "all"


def times(few: int, full: int) -> int:
    """Return how often something is repeated in this run."""
    return full if ALL else few


def slice_of(items: Sequence[Item], *, one_in: int, first: int = 0) -> Sequence[Item]:
    """Return each `one_in`-th item, beginning with number `first`, or all of them in `make test-all`.

    Where two lists are combined, let `first` be the place in the other list: each item is then tried with some of the
    others, and each of the others is tried.
    """
    return items if ALL else items[first % one_in :: one_in]
