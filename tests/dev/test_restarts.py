"""A worker that ends is started again; one that cannot run, and everything else that ends, ends the run."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dev.processes import ChildEnded, Command, Process
from dev.restarts import PAUSES, STEADY, Restarts

SLEEPER = "import time; time.sleep(600)"


@dataclass
class Supervised:
    """One process under a supervisor whose clock only the test moves."""

    process: Process
    seconds: float = 1000.0
    restarts: Restarts = field(init=False)

    def __post_init__(self) -> None:
        self.restarts = Restarts(clock=lambda: self.seconds)

    def end(self) -> None:
        """End the process as a crash would, and let the supervisor look."""
        os.kill(self.process.pid, signal.SIGKILL)
        while self.process.is_running:
            time.sleep(0.02)
        self.later(0)

    def later(self, seconds: float) -> None:
        """Let the supervisor look so many seconds later."""
        self.seconds += seconds
        self.restarts.look([self.process] if self.process.has_died else [])


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    """Start a process of this name under a supervisor; it is gone after the test."""
    started: list[Process] = []

    def start(name: str) -> Supervised:
        process = Process(Command(name, (sys.executable, "-c", SLEEPER), {}, tmp_path / f"{name}.log", tmp_path))
        started.append(process)
        process.start()
        return Supervised(process)

    yield start
    for process in started:
        process.kill()


@pytest.mark.parametrize("name", ["worker", "urgent", "revocations", "issuer", "beat"])
def test_an_ended_worker_is_started_again_after_a_pause_with_a_message(
    name: str, supervise: Callable[[str], Supervised], capsys: pytest.CaptureFixture[str]
) -> None:
    run = supervise(name)
    run.end()
    assert f"{name} ended with signal SIGKILL. It starts again in 1 s (restart 1 of 5" in capsys.readouterr().out
    run.later(PAUSES[0] - 0.1)
    assert not run.process.is_running
    run.later(0.1)
    assert run.process.is_running


def test_a_worker_that_ends_repeatedly_ends_the_run(supervise: Callable[[str], Supervised]) -> None:
    run = supervise("worker")
    for pause in PAUSES:
        run.end()
        run.later(pause)
        assert run.process.is_running
    with pytest.raises(ChildEnded, match="worker ended"):
        run.end()


def test_a_worker_that_ran_for_a_minute_is_started_again_however_often_it_ended(
    supervise: Callable[[str], Supervised],
) -> None:
    run = supervise("worker")
    for _ in range(len(PAUSES) + 2):
        run.end()
        run.later(PAUSES[0])
        assert run.process.is_running
        run.later(STEADY)


@pytest.mark.parametrize("name", ["web", "aws", "redis"])
def test_the_end_of_an_essential_process_ends_the_run(name: str, supervise: Callable[[str], Supervised]) -> None:
    with pytest.raises(ChildEnded, match=f"{name} ended with signal SIGKILL"):
        supervise(name).end()
