"""Allow only one run at a time in one `var/`. Standard library only."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Another process holds this directory."""


@contextmanager
def hold(var: Path) -> Iterator[None]:
    """Hold the directory until the block ends, or this process does; Taken when another one holds it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(f"Daypass is already running from {var}. First press Ctrl-C in its terminal.") from None
        yield
