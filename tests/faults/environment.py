"""A whole Daypass as processes, with a local AWS of its own, for tests that break some of it."""

import functools
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis

from access import tasks
from dev.commands import DAYPASS
from dev.options import Options
from dev.ports import free_port
from dev.processes import Process
from dev.stack import Stack
from tests.faults.counts import CLOCK_FILE
from tests.faults.proxy import Mode, Proxy, proxy_to
from tests.localaws.server import LocalAws, local_aws

SWEEP_SECONDS = 1
LEASE_SECONDS = 3
# What a loaded machine of two cores may need on top of every promise; nothing here measures speed. After some failures
# the worker's own pause between two tries is up to a minute, so this is longer.
PATIENCE = 120
WORKERS = ("worker", "urgent")
# With the one that ends access without the queue.
ALL_WORKERS = (*WORKERS, "revocations")
# For what starts again and again: the settings were checked when the tables were made, and the web's processes share
# the code that is read once.
QUICK = {"CELERY_SKIP_CHECKS": "true", "GUNICORN_CMD_ARGS": "--preload"}


# What a process whose clock a test sets runs instead.
_SETTABLE = {
    "manage.py": "tests/faults/manage.py",
    "portal.celery:app": "tests.faults.clocks:app",
    "portal.wsgi:application": "tests.faults.clocks:application",
}


class NotConverged(AssertionError):
    """What should have become true did not, in all the time that was given."""


@dataclass
class Environment:
    """Web, workers and beat of one stack, the Redis behind a line that can be cut, and the AWS they live in, behind a
    line that can lead elsewhere.
    """

    stack: Stack
    queue: Stack
    proxy: Proxy
    aws: LocalAws
    aws_proxy: Proxy
    _swept: list[datetime] = field(default_factory=list)
    _known: int = 0  # the number of the last call that was read from AWS's log
    _settable: dict[str, Process] = field(default_factory=dict)  # as they were before their clocks could be set

    @property
    def database_url(self) -> str:
        options = self.stack.options
        return options.database_url or f"sqlite:///{options.sqlite_file}"

    def redis(self) -> "redis.Redis":
        """Return a client that does not go through the line."""
        return redis.Redis.from_url(self.queue.wiring.redis_url, socket_timeout=5)

    def sweeps(self, since: datetime | None = None, until: datetime | None = None) -> int:
        """Return how many sweeps have read AWS in this time; each of them reads all roles in one call.

        A worker that was away runs all waiting ones immediately: those within half an interval count once.
        """
        counted: list[datetime] = []
        for at in self._all_sweeps():
            if (since is None or at >= since) and (until is None or at <= until):
                counted += [at] if not counted or at - counted[-1] > timedelta(seconds=SWEEP_SECONDS / 2) else []
        return len(counted)

    def await_sweeps(self, count: int) -> None:
        """Return when so many more sweeps have begun."""
        wanted = self.sweeps() + count
        wait_until(lambda: self.sweeps() >= wanted, f"{count} more sweeps")

    def sweep(self, count: int) -> None:
        """Have the worker sweep so many times more, one after the other, without waiting for beat."""
        for _ in range(count):
            before = len(self._all_sweeps())
            wait_until(functools.partial(self._sweep, before), "one more sweep", pause=0.1)

    def _sweep(self, before: int) -> bool:
        """Ask for a sweep, which is left out right after another one, and say whether there was one more."""
        tasks.sweep.apply_async(queue="default")
        return len(self._all_sweeps()) > before

    def _all_sweeps(self) -> list[datetime]:
        """Return when sweeps have read AWS so far."""
        for call in self.aws.calls(self._known):
            self._known = call["n"]
            if call["action"] == "GetAccountAuthorizationDetails":
                self._swept.append(datetime.fromisoformat(call["at"]))
        return self._swept

    def await_met(self, fault: dict[str, Any]) -> None:
        """Return when the fault has met as many calls as it was made for."""
        wait_until(lambda: self._left(fault) == 0, f"calls that meet {fault}", pause=0.02)

    def await_first(self, fault: dict[str, Any]) -> None:
        """Return when the fault has met one of the calls that it was made for."""
        wait_until(lambda: self._left(fault) < fault["times"], f"a call that meets {fault}", pause=0.02)

    def _left(self, fault: dict[str, Any]) -> int:
        """Return how many calls the fault still waits for."""
        (known,) = (known for known in self.aws.faults() if known["id"] == fault["id"])
        return int(known["times"])

    def kill(self, *names: str) -> None:
        """End processes as a crash would."""
        for name in names:
            (self.queue if name == "redis" else self.stack)[name].kill()

    def start(self, *names: str) -> None:
        """Start those of the processes that do not run."""
        for name in names:
            if name == "redis" and not self.queue[name].is_running:
                self.queue.start_service(name)
            elif name != "redis" and not self.stack[name].is_running:
                self.stack.start_daypass([name])

    def set_clock(self, name: str, *, ahead: float) -> None:
        """Set the clock of one process so many seconds ahead; it is started again when its clock cannot be set yet."""
        file = self._clock_file(name)
        file.write_text(str(ahead))
        if name not in self._settable:
            process = self.stack[name]
            process.kill()
            words = tuple(_SETTABLE.get(word, word) for word in process.command.words)
            environment = {**process.command.environment, CLOCK_FILE: str(file)}
            self._settable[name] = process
            self.stack.processes[name] = Process(replace(process.command, words=words, environment=environment))
            self.start(name)

    def _clock_file(self, name: str) -> Path:
        return self.stack.options.var / f"clock.{name}"

    def _fix_clocks(self) -> None:
        """Start the processes whose clocks were set again as they usually are."""
        for name, process in self._settable.items():
            self.stack[name].kill()
            self.stack.processes[name] = process
        self._settable.clear()

    def heal(self) -> None:
        """Remove every fault, resume paused processes, and start stopped ones."""
        self.aws.clear_faults()
        self.aws.settings(date_skew_seconds=0)
        self._fix_clocks()
        self.proxy.cut(Mode.PASS)
        self.aws_proxy.lead_to(self.aws.port)
        for process in (*self.stack.processes.values(), self.queue["redis"]):
            if process.is_running:
                process.resume()
        self.start("redis", "web", *ALL_WORKERS, "beat")

    @contextmanager
    def neighbour(self, var: Path, *, app: str = "portal.celery:app") -> Iterator[Stack]:
        """Yield a second installation on the same database, queue and AWS; the caller starts what it needs of it.

        Its workers run the Celery application `app`.
        """
        options = replace(self.stack.options, var=var, port=free_port(), redis_url=self.stack.wiring.redis_url)
        with Stack(options) as stack:
            stack.write_settings()
            for name in WORKERS:
                command = stack[name].command
                words = tuple(app if word == "portal.celery:app" else word for word in command.words)
                stack.processes[name] = Process(replace(command, words=words))
            for name in ("web.credentials", "worker.credentials"):
                shutil.copy(self.stack.options.var / "aws" / name, var / "aws" / name)
            try:
                yield stack
            finally:
                _leave(stack)


@contextmanager
def running_environment(var: Path, *, database_url: str = "", **environment: str) -> Iterator[Environment]:
    """Run one for the length of the block."""
    with local_aws() as aws, Stack(Options(var=var / "queue", port=free_port())) as queue:
        queue.write_settings()
        queue.start_service("redis")
        with proxy_to(queue.wiring.redis_port) as proxy, proxy_to(aws.port) as aws_proxy:
            options = Options(
                var=var,
                port=free_port(),
                database_url=database_url,
                redis_url=queue.wiring.redis_url.replace(f":{queue.wiring.redis_port}/", f":{proxy.port}/"),
                aws_endpoint_url=f"http://127.0.0.1:{aws_proxy.port}",
                signin_url=f"{aws.url}/federation",
                sweep_seconds=str(SWEEP_SECONDS),
                environment={**QUICK, "DAYPASS_LEASE_SECONDS": str(LEASE_SECONDS), **environment},
            )
            with Stack(options) as stack:
                _start(stack)
                try:
                    yield Environment(stack, queue, proxy, aws, aws_proxy)
                finally:
                    _leave(stack)


def _start(stack: Stack) -> None:
    """Start everything while the tables and the demo are made; only the worker reads tables before it is asked to."""
    stack.write_settings()
    with ThreadPoolExecutor() as aside:
        made = aside.submit(stack.manage, "migrate")
        stack.start_daypass(name for name in DAYPASS if name != "worker")
        made.result()
        stack.start_daypass(["worker"])
        stack.manage("seed_demo")
    stack.wait_until_ready()


def _leave(stack: Stack) -> None:
    """End all processes at once: nobody here waits for what they would still do."""
    for process in stack.processes.values():
        process.kill()


def is_ready(stack: Stack) -> bool:
    """Return whether the stack's worker takes messages."""
    return " ready." in stack["worker"].last_lines(100)


def wait_until(
    is_so: Callable[[], Any], what: str | Callable[[], str], *, seconds: float = PATIENCE, pause: float = 0.1
) -> None:
    """Return when it is so; NotConverged with what is missing after that time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise NotConverged(f"Not within {seconds} s: {what if isinstance(what, str) else what()}")
        time.sleep(pause)
