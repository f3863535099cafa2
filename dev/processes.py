"""Child processes: each in its own process group, with its output in a log file, and reliably ended."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KILL_SECONDS = 5
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class ChildEnded(Exception):
    """A process that should run has ended."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        super().__init__(f"{process.name} ended with {process.outcome}.")


class NotReady(Exception):
    """A process runs, but did not become ready in time."""


@dataclass(frozen=True)
class Command:
    """What to run: the words, the whole environment, and the file that gets its output."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    directory: Path


class Process:
    """One child process, which can be started again after it ended."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.name = command.name
        self._child: subprocess.Popen[bytes] | None = None
        self._ended_by_us = False

    @property
    def pid(self) -> int:
        """The id of the process; it leads a group of the same id. RuntimeError before the first start."""
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal, or None while the process runs."""
        return self._started().poll()

    @property
    def was_started(self) -> bool:
        return self._child is not None

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def has_died(self) -> bool:
        """Return whether it was started and has ended without being asked to."""
        return self._child is not None and self._child.poll() is not None and not self._ended_by_us

    @property
    def outcome(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"

    def start(self) -> None:
        """Start the process; its output is appended to the log."""
        if self.is_running:
            raise RuntimeError(f"{self.name} is already running.")
        self._ended_by_us = False
        command = self.command
        command.log.parent.mkdir(parents=True, exist_ok=True)
        with command.log.open("ab") as log:
            self._child = subprocess.Popen(
                command.words,
                cwd=command.directory,
                env=command.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is only for the supervisor: it ends its children in order.
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads here
            )

    def wait_ready(self, is_ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Return when `is_ready` says so; ChildEnded when the process ended before, NotReady when the time was over."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise ChildEnded(self)
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} was not ready after {seconds:.0f} s; see {self.command.log}.")
            time.sleep(0.05)

    def stop(self, *, grace: float = 5) -> None:
        """End the process in order, and for certain `grace` seconds later; its children end with it."""
        stop_all([self], grace=grace)

    def terminate(self) -> None:
        """Ask the process to end in order."""
        if self.is_running:
            self._ended_by_us = True
            self._signal(signal.SIGCONT)
            self._started().terminate()

    def kill(self) -> None:
        """Kill the process and its children, as a crash would, and wait until it is gone."""
        if self._child is not None:
            self._ended_by_us = True
            self._signal(signal.SIGKILL)
            # Ctrl-C can interrupt `poll` while it holds its lock, so a wait without a time-out could hang.
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=KILL_SECONDS)

    def pause(self) -> None:
        """Pause the process and its children (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume a paused process."""
        self._signal(signal.SIGCONT)

    def last_lines(self, count: int = 15) -> str:
        """Return the end of the log."""
        lines = self.command.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError(f"{self.name} was never started.")
        return self._child

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return


def stop_all(processes: Iterable[Process], *, grace: float = 5) -> None:
    """End all `processes` together, in order if they can within `grace` seconds, and for certain."""
    started = [process for process in processes if process.was_started]
    for process in started:
        process.terminate()
    deadline = time.monotonic() + grace
    while any(process.is_running for process in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in started:
        # Do this even if the process has exited, because one of its children could still be running.
        process.kill()


def end_with_parent() -> None:
    """Ask Linux, in a new child, to end it when its parent dies without a chance to do so itself."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
