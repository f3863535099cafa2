"""The whole of Daypass on one machine: for `make run`, and for tests that kill some of its processes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from dev import wiring
from dev.commands import DAYPASS, SERVICES, command, management_environment
from dev.options import ROOT, Options
from dev.ports import accepts, get
from dev.processes import ChildEnded, NotReady, Process, stop_all


class CommandFailed(Exception):
    """A `manage.py` command ended with an error; the text is the end of what it said."""


class Stack:
    """Web, workers and beat, and the local AWS and the Redis server where none was given.

    In a test: `with Stack(Options(var=tmp_path, port=free_port())) as stack:`, `stack.start()`, `stack["web"].kill()`.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.wiring = wiring.make(options)
        given = {"aws": options.aws_endpoint_url, "redis": options.redis_url}
        self.services = tuple(name for name in SERVICES if not given[name])
        names = (*self.services, *DAYPASS)
        self.processes = {name: Process(command(name, options, self.wiring)) for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __getitem__(self, name: str) -> Process:
        return self.processes[name]

    def start(self) -> None:
        """Start everything in order, with migrated tables and the demo's data, and return when `/readyz` is ready."""
        self.write_settings()
        for name in self.services:
            self.start_service(name)
        self.manage("migrate")
        self.manage("seed_demo")
        self.start_daypass()
        self.wait_until_ready()

    def write_settings(self) -> None:
        """Write the run's settings into `var/`."""
        wiring.write(self.options, self.wiring)

    def start_service(self, name: str) -> None:
        """Start one of `services` and return when it accepts calls."""
        port = {"aws": self.wiring.aws_port, "redis": self.wiring.redis_port}[name]
        self[name].start()
        self[name].wait_ready(lambda: accepts(port))

    def start_daypass(self, names: Iterable[str] = DAYPASS) -> None:
        """Start Daypass's own processes; a web that was started answers when this returns."""
        started = tuple(names)
        for name in started:
            self[name].start()
        if "web" in started:
            self["web"].wait_ready(lambda: get(f"{self.options.url}/healthz")[0] == 200)

    def stop_daypass(self, *, grace: float = 5) -> None:
        """End every process of Daypass, and leave AWS and Redis as they are."""
        stop_all([self[name] for name in DAYPASS], grace=grace)

    def stop(self, *, grace: float = 5) -> None:
        """End everything: Daypass first, so that it does not complain that its services are gone."""
        self.stop_daypass(grace=grace)
        stop_all([self[name] for name in self.services], grace=grace)

    def died(self) -> Process | None:
        """Return a process that has ended without being asked to, if there is one."""
        return next(iter(self.dead()), None)

    def dead(self) -> list[Process]:
        """Return the processes that have ended without being asked to."""
        return [process for process in self.processes.values() if process.has_died]

    def is_aws_fresh(self) -> bool:
        """Return whether the local AWS came up empty, without the state of an earlier run."""
        status, body = get(f"{self.wiring.aws_endpoint_url}/_local/state", seconds=30)
        if status != 200:
            raise NotReady(f"The local AWS did not return its state (status {status}).")
        return bool(json.loads(body)["fresh"])

    def manage(self, *words: str, seconds: float = 180) -> str:
        """Run `manage.py` in this installation and return what it printed; CommandFailed when it did not succeed."""
        return self._run("manage.py", *words, seconds=seconds)

    def wait_until_ready(self, *, seconds: float = 60) -> None:
        """Return when `/readyz` is 200; ChildEnded when a process died, NotReady with the reason after this time."""
        deadline = time.monotonic() + seconds
        while (answer := get(f"{self.options.url}/readyz"))[0] != 200:
            died = self.died()
            if died:
                raise ChildEnded(died)
            if time.monotonic() > deadline:
                raise NotReady(f"Daypass is not ready: {answer[1].decode(errors='replace')}")
            time.sleep(0.1)

    def _run(self, *words: str, seconds: float = 60) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=management_environment(self.options, self.wiring),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
            raise CommandFailed(f"{said}\n{' '.join(words)} ended with exit code {done.returncode}.")
        return done.stdout
