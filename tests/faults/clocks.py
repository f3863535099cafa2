"""The portal's processes with a clock that a test sets while they run: a file holds the seconds that it is ahead.

Only Python's own clock is set; the steady clock continues, as it does where NTP or a person sets a machine's time.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from time_machine import travel

from portal.celery import app
from portal.wsgi import application
from tests.faults.counts import CLOCK_FILE

__all__ = ["app", "application"]

PAUSE = 0.05  # seconds between two looks


class _Clock:
    """The clock of this process."""

    def __init__(self, file: Path) -> None:
        self._file, self._ahead = file, 0.0
        self._set: travel | None = None

    def follow(self) -> None:
        """Set the clock whenever the file says something else."""
        while True:
            self.look()
            time.sleep(PAUSE)

    def look(self) -> None:
        """Set the clock as the file says."""
        ahead = float(self._file.read_text() or 0)
        if ahead == self._ahead:
            return
        if self._set is not None:
            self._set.stop()
            self._set = None
        if ahead:
            now = datetime.fromtimestamp(time.time(), tz=UTC)
            self._set = travel(now + timedelta(seconds=ahead), tick=True)
            self._set.start()
        self._ahead = ahead


def _start(clock: _Clock) -> None:
    threading.Thread(target=clock.follow, daemon=True).start()


if os.environ.get(CLOCK_FILE):
    _clock = _Clock(Path(os.environ[CLOCK_FILE]))
    _clock.look()
    _start(_clock)
    os.register_at_fork(after_in_child=lambda: _start(_clock))
