"""Print one line per step: what happens, and how long it took. Standard library only."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title …` at the start and the seconds at the end, on one line; a failure ends the line and passes on."""
    sys.stdout.write(f"  {title} … ")
    sys.stdout.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("not finished", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def note(sentence: str) -> None:
    """Print one line beside the stages."""
    print(f"  {sentence}", flush=True)
