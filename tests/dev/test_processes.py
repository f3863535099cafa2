"""Child processes do what the supervisor says, also those that would rather not."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from dev.options import ROOT
from dev.processes import ChildEnded, Command, NotReady, Process, stop_all

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
ORDERLY = STUBBORN.replace("signal.SIG_IGN", "lambda *_: exit(7)")
PARENT = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); child.wait()"
FAILS = "print('the disk is full'); raise SystemExit(3)"


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    """Start a Python program as a child; all of them are gone after the test."""
    started: list[Process] = []

    def start(program: str) -> Process:
        name = f"child{len(started)}"
        words = (sys.executable, "-c", program)
        process = Process(Command(name, words, {}, tmp_path / f"{name}.log", tmp_path))
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.kill()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_up(process: Process) -> bool:
    return "up" in process.last_lines()


def test_a_process_that_ends_by_itself_has_died_and_its_exit_is_reported(spawn: Callable[[str], Process]) -> None:
    process = spawn(FAILS)
    with pytest.raises(ChildEnded, match=r"child0 ended with exit code 3\."):
        process.wait_ready(lambda: False)
    assert process.has_died
    assert process.last_lines() == "the disk is full"


def test_a_process_that_never_answers_is_not_ready(spawn: Callable[[str], Process]) -> None:
    with pytest.raises(NotReady, match="child0 was not ready"):
        spawn(SLEEPER).wait_ready(lambda: False, seconds=0.1)


def test_a_process_that_we_end_has_not_died(spawn: Callable[[str], Process]) -> None:
    process = spawn(SLEEPER)
    process.stop()
    assert not process.is_running
    assert not process.has_died


def test_a_stubborn_process_is_killed_after_the_grace_period(spawn: Callable[[str], Process]) -> None:
    process = spawn(STUBBORN)
    until(lambda: is_up(process))
    stop_all([process], grace=0.2)
    assert process.outcome == "signal SIGKILL"


def test_a_kill_takes_the_children_too(spawn: Callable[[str], Process]) -> None:
    process = spawn(PARENT)
    until(lambda: is_up(process))
    (child,) = psutil.Process(process.pid).children()
    process.kill()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_paused_process_does_nothing_until_it_is_resumed(spawn: Callable[[str], Process]) -> None:
    process = spawn(SLEEPER)
    process.pause()
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
    process.resume()
    until(lambda: psutil.Process(process.pid).status() != psutil.STATUS_STOPPED)


def test_a_paused_process_can_be_ended_in_order(spawn: Callable[[str], Process]) -> None:
    process = spawn(ORDERLY)
    until(lambda: is_up(process))
    process.pause()
    process.stop()
    assert process.outcome == "exit code 7"


def test_a_process_can_be_started_again(spawn: Callable[[str], Process]) -> None:
    process = spawn(SLEEPER)
    process.kill()
    process.start()
    assert process.is_running
    assert not process.has_died


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_ctrl_c_in_the_middle_of_a_poll_does_not_hang_the_end(tmp_path: Path) -> None:
    script = tmp_path / "supervisor.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom dev.processes import Command, Process\n"
        f"place = Path({str(tmp_path)!r})\n"
        f"child = Process(Command('child', (sys.executable, '-c', {SLEEPER!r}), {{}}, place / 'log', place))\n"
        "child.start()\nchild._child._waitpid_lock.acquire()\nchild.stop(grace=0.1)\n"
    )
    environment = {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, script], env=environment, timeout=30, check=False)
    assert ended.returncode == 0


def test_a_child_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    supervisor = (
        "import pathlib, sys, time\n"
        "from dev.processes import Command, Process\n"
        f"place = pathlib.Path({str(tmp_path)!r})\n"
        f"child = Process(Command('child', (sys.executable, '-c', {SLEEPER!r}), {{}}, place / 'log', place))\n"
        "child.start()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", supervisor], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    with suppress(psutil.NoSuchProcess):
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
