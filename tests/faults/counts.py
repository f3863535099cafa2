"""How often each fault is played: a few times in `make test`, the full number in `make faults`."""

import os

from tests.slices import ALL

FULL = os.environ.get("FAULTS") == "full"
EVERY_KIND = FULL or ALL  # also in `make test-all`, once each


def times(few: int, full: int) -> int:
    """Return the number of rounds, or of seconds, for this run."""
    return full if FULL else few


# The environment variable that names the file by which a test sets a process's clock (`clocks.py`).
CLOCK_FILE = "FAULTS_CLOCK_FILE"
