"""Restart workers that have exited, so that one fault does not end all of Daypass.

A process that ends again and again cannot run at all, and ends the run. Standard library only.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dev.processes import ChildEnded, Process
from dev.steps import note

RESTARTED = frozenset({"worker", "urgent", "revocations", "issuer", "beat"})
PAUSES = (1, 2, 4, 8, 16)  # seconds to wait before each restart of a process that keeps exiting
STEADY = 60  # seconds; a process that ran this long starts with the shortest pause again


@dataclass
class _Restart:
    """What is known of one process that ended."""

    number: int = 0  # starts since it last ran steadily
    due: float | None = None  # when it is started again, while it is down
    started: float = 0.0


@dataclass
class Restarts:
    """When each process that ended is started again; `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _known: dict[str, _Restart] = field(default_factory=dict)

    def look(self, dead: Iterable[Process]) -> None:
        """Start those of the dead processes that are due; ChildEnded for one that is not started again."""
        for process in dead:
            known = self._known.setdefault(process.name, _Restart())
            if known.due is None:
                self._plan(process, known)
            elif self.clock() >= known.due:
                known.due, known.started = None, self.clock()
                process.start()

    def _plan(self, process: Process, known: _Restart) -> None:
        if self.clock() - known.started >= STEADY:
            known.number = 0
        if process.name not in RESTARTED or known.number == len(PAUSES):
            raise ChildEnded(process)
        pause = PAUSES[known.number]
        known.number += 1
        known.due = self.clock() + pause
        place = f"restart {known.number} of {len(PAUSES)}, see {process.command.log}"
        note(f"{process.name} ended with {process.outcome}. It starts again in {pause} s ({place}).")
