"""The processes that a group of rows is measured on: PostgreSQL, Redis, the local AWS, a worker, the web."""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.rows import Group
from dev.commands import environment
from dev.options import ROOT, Options
from dev.ports import free_port
from dev.postgres import postgres
from dev.processes import Process, stop_all
from dev.stack import Stack

# Room for ten grants and more on each role, as an account has it that asked AWS for the larger quota.
AWS_OPTIONS = ("--trust-quota", "4096")


class MeasureFailed(Exception):
    """The measurement itself broke off; the text is the end of what it said."""


def measured(group: Group) -> list[dict[str, object]]:
    """Run the group's module in a process of its own and return the fields of its rows."""
    if not group.needs_stack:
        return _run(group, dict(os.environ))
    with _running_stack(group) as prepared:
        return _run(group, prepared)


@contextmanager
def _running_stack(group: Group) -> Iterator[dict[str, str]]:
    """Run everything that the group needs, and return the environment in which to measure."""
    with tempfile.TemporaryDirectory(prefix="daypass-bench-") as directory, postgres() as server:
        options = Options(
            var=Path(directory),
            port=free_port(),
            database_url=server.create("bench"),
            local_aws_options=AWS_OPTIONS,
            # Everything is asked for by name here; no sweep of its own is to mix in.
            sweep_seconds="3600",
        )
        with Stack(options) as stack:
            stack.write_settings()
            for name in stack.services:
                stack.start_service(name)
            stack.manage("migrate")
            if group.has_web:
                stack.start_daypass(("web",))
            workers = [_worker(stack, group.workers)] if group.workers else []
            try:
                yield {**environment("worker", options, stack.wiring), "DJANGO_SETTINGS_MODULE": "portal.settings"}
            finally:
                stop_all(workers, grace=5)


def _worker(stack: Stack, words: tuple[str, ...]) -> Process:
    """Start the worker as `make run` has it, except for its slots and one more task that does nothing."""
    usual = stack["worker"].command
    process = Process(dataclasses.replace(usual, words=(*usual.words, "--include", "bench.noop", *words)))
    process.start()
    return process


def _run(group: Group, variables: Mapping[str, str]) -> list[dict[str, object]]:
    log = ROOT / "var" / "bench.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as said:
        done = subprocess.run(
            [sys.executable, "-m", "bench.child", group.module],
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=said,
            check=False,
        )
    if done.returncode:
        raise MeasureFailed("\n".join(log.read_text(errors="replace").splitlines()[-25:]))
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found
