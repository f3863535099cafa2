"""`make soak SOAK_MINUTES=n SEED=m`: real processes under random faults, judged chapter by chapter.

The last line says how much was lived through; the exit code is 1 when a promise was broken. The seed decides what
people do and what breaks; how the processes interleave is up to the machine.
"""

import os
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from dev.postgres import postgres  # noqa: E402 - after Django is set up
from tests.faults.environment import running_environment  # noqa: E402
from tests.faults.portal import at_home  # noqa: E402
from tests.soak.chapter import Tally, live  # noqa: E402

CHAPTER_SECONDS = 45


def main() -> int:
    """Run for so many minutes, and return 1 when a promise was broken."""
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    seconds = 60 * float(os.environ.get("SOAK_MINUTES") or 5)
    print(f"seed={seed}", flush=True)
    tally = soak(random.Random(seed), seconds=seconds)
    print(
        f"lifecycles={tally.lifecycles} faults={tally.faults} violations={len(tally.violations)} seed={seed}",
        flush=True,
    )
    return 1 if tally.violations else 0


def soak(chance: random.Random, *, seconds: float) -> Tally:
    """Run one chapter after the other in one environment, each judged at its end, and return what was counted."""
    tally = Tally()
    with (
        tempfile.TemporaryDirectory() as directory,
        postgres() as server,
        running_environment(Path(directory) / "var", database_url=server.create("soak")) as here,
        at_home(here),
    ):
        ends = time.monotonic() + seconds  # from when everything is up
        while time.monotonic() < ends:
            live(here, chance, tally, seconds=min(CHAPTER_SECONDS, ends - time.monotonic()))
    return tally


if __name__ == "__main__":
    sys.exit(main())
