"""`make run`: one sentence when it cannot start, everything there when it runs, nothing left when it ends."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from dev.lease import hold
from dev.options import ROOT
from dev.ports import free_port, get, is_free

PATIENCE = 180  # seconds; what a loaded machine of two cores may need, nothing here measures speed
PEOPLE = ("richard@contractor.example", "alice@example.com", "bob@example.com", "ada@example.com")


@dataclass(frozen=True)
class Run:
    """A `make run` of a test: its process, what it printed until it was ready, and where it is."""

    process: subprocess.Popen[str]
    printed: str
    var: Path
    port: int

    def child(self, *words: str) -> psutil.Process:
        """Return the child with these words in its command line."""
        return next(child for child in self.children() if set(words) <= set(child.cmdline()))

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send the signal; return the exit code and what was said on the error channel."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def running(var: Path) -> Iterator[Run]:
    """Start `make run` in this directory, wait until it is ready, and end it."""
    port = free_port()
    process = launch(var, port)
    try:
        yield Run(process, _read_until_ready(process), var, port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


def launch(var: Path, port: object) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "dev.run"],
        cwd=ROOT,
        env={**kept, "DAYPASS_VAR_DIR": str(var), "PORT": str(port), "DAYPASS_SWEEP_SECONDS": "10"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    assert process.stderr
    printed = ""
    for line in process.stdout:
        printed += line
        if "Press Ctrl-C to stop Daypass." in line:
            return printed
    raise AssertionError(f"It did not start.\n{printed}{process.stderr.read()}")


def refusal(var: Path, port: object) -> list[str]:
    """Return the lines that a start says which is refused."""
    process = launch(var, port)
    printed, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert printed == ""
    return said.splitlines()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with running(tmp_path_factory.mktemp("run") / "var") as started:
        yield started


def test_a_port_in_use_is_reported_in_one_sentence(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert refusal(var, port) == [f"Port {port} is already in use. Choose another port: make run PORT={port + 1}"]


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8000\n", "٨٠٠٠"])
def test_an_invalid_port_is_reported_in_one_sentence(var: Path, port: str) -> None:
    assert refusal(var, port) == [f"PORT must be a number from 1 to 65535, not {port!r}."]


def test_a_second_run_in_one_directory_is_refused(var: Path) -> None:
    with hold(var):
        (sentence,) = refusal(var, free_port())
    assert sentence.startswith("Daypass is already running")


def test_it_prints_the_address_and_the_people_with_their_passwords(run: Run) -> None:
    assert f"Daypass runs at http://localhost:{run.port}" in run.printed
    for person in PEOPLE:
        (line,) = [line for line in run.printed.splitlines() if person in line]
        assert len(line.split()[1]) >= 12


def test_each_step_is_one_line_with_its_duration(run: Run) -> None:
    stages = [line for line in run.printed.splitlines() if " … " in line]
    assert [line.split(" … ")[0].strip() for line in stages] == [
        "local AWS",
        "Redis",
        "database: migrations",
        "demo: accounts, roles and people",
        "web, worker and beat",
    ]
    assert all(line.endswith(" s") for line in stages)


def test_it_is_ready_when_it_reports_ready(run: Run) -> None:
    assert get(f"http://localhost:{run.port}/readyz")[0] == 200


def test_secrets_are_readable_only_by_the_owner(run: Run) -> None:
    for name in (
        "env",
        "redis.conf",
        "run.json",
        "demo.json",
        "aws/web.credentials",
        "aws/worker.credentials",
        "checkpoint.key",
    ):
        assert stat.S_IMODE((run.var / name).stat().st_mode) == 0o600, name


def test_each_process_finds_only_its_own_aws_credentials(run: Run) -> None:
    assert profiles(run.child("gunicorn")) == {"[daypass-issuer]"}
    assert profiles(run.child("celery", "worker")) == {"[daypass-worker]", "[daypass-builder]"}
    assert profiles(run.child("celery", "beat")) == set()


def test_no_secret_is_on_a_command_line(run: Run) -> None:
    settings = dict(line.split("=", 1) for line in (run.var / "env").read_text().splitlines())
    password = settings["REDIS_URL"].split("@")[0].split(":")[-1]
    for child in run.children():
        assert not {settings["SECRET_KEY"], password} & set(child.cmdline())


def test_every_server_listens_only_on_the_loopback(run: Run) -> None:
    listening = {
        connection.laddr.ip
        for child in psutil.Process(run.process.pid).children(recursive=True)
        for connection in child.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_runs_end_in_order_and_the_next_one_restores_everything_unless_aws_is_lost(var: Path) -> None:
    with running(var) as first:
        children, world, people = first.children(), aws_id(first), (var / "demo.json").read_text()
        assert first.end() == (0, ""), "Ctrl-C"
        assert not [child for child in children if child.is_running()]
    with running(var) as second:
        assert aws_id(second) == world
        assert (var / "demo.json").read_text() == people
        assert "anew" not in second.printed
    for file in (var / "aws" / "state").rglob("*"):
        if file.is_file():
            file.unlink()
    with running(var) as third:
        assert "The local AWS has lost its state, so the portal's database is also created again." in third.printed
        assert get(f"http://localhost:{third.port}/readyz")[0] == 200
        _await_restart(third, "--queues", "urgent,default")
        children = third.children()
        third.child("gunicorn").kill()
        _, said = third.process.communicate(timeout=PATIENCE)
        assert third.process.returncode == 1
        assert "web ended with signal SIGKILL. Stopping all processes." in said
        assert not [child for child in children if child.is_running()]
        assert is_free(third.port)


def _await_restart(run: Run, *words: str) -> None:
    """Kill the worker with these words and return when another one runs in its place and all is ready."""
    worker = run.child(*words)
    worker.kill()
    deadline = time.monotonic() + PATIENCE
    while worker.pid in {child.pid for child in run.children()} or not any(
        set(words) <= set(child.cmdline()) for child in run.children()
    ):
        assert time.monotonic() < deadline, "no other worker was started"
        time.sleep(0.1)


def profiles(process: psutil.Process) -> set[str]:
    """Return the profiles in the credentials file of the process; it has no other profiles."""
    environment = process.environ()
    names = {name for name in environment if name.startswith("AWS_")}
    assert names == {
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_SHARED_CREDENTIALS_FILE",
    }
    assert Path(environment["AWS_CONFIG_FILE"]).read_text() == ""
    lines = Path(environment["AWS_SHARED_CREDENTIALS_FILE"]).read_text().splitlines()
    return {line for line in lines if line.startswith("[")}


def aws_id(run: Run) -> bytes:
    settings = dict(line.split("=", 1) for line in (run.var / "env").read_text().splitlines())
    status, body = get(f"{settings['AWS_ENDPOINT_URL']}/_local/state", seconds=PATIENCE)
    assert status == 200
    return body.partition(b'"id"')[2]
