"""Django's command line with a clock that a test sets."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from django.core.management import execute_from_command_line

from tests.faults import clocks  # noqa: F401 - it sets the clock

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
