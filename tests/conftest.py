"""Servers that tests share. Each one is started when the first test asks for it."""

import functools
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from django.db import connection
from django.utils import timezone

from access import clock
from dev import chromium
from dev.environments import compile_catalogues
from dev.options import ROOT, Options
from dev.ports import free_port
from dev.postgres import Postgres, postgres
from dev.stack import Stack

# What one process runs from beginning to end: it shares a stack that takes long to start, and waits most of the time.
# They come first, so that no process waits for another one in the end.
# The faults are two groups, each with a stack of its own: as one they take longer than everything else.
OTHER_FAULTS = tuple(f"tests/faults/test_{name}" for name in ("clocks", "oracle", "queue", "silent"))
GROUPS = ("tests/faults", "tests/journeys", "tests/dev/test_run.py", "tests/soak")
FIRST = (*GROUPS[:3], "tests/integration/test_stateful.py", "tests/soak", "tests/browser")
# Where any test may be run by any process: what they share is made in no time, or is worth making twice.
APART = ("tests/browser", "tests/integration", "tests/unit")

# A client's service model is a large file, which a new session need not read again.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Keep together what shares much, and begin with what takes longest.

    The groups are said before xdist looks for them, the order after all plugins that shuffle.
    """
    for item in items:
        place = item.nodeid.split("::")[0]
        if not place.startswith(APART):
            item.add_marker(pytest.mark.xdist_group(_group_of(place)))
    yield
    items.sort(key=lambda item: next((n for n, place in enumerate(FIRST) if item.nodeid.startswith(place)), len(FIRST)))


def pytest_collection_finish() -> None:
    """Leave out of every later garbage collection what stays until the end: modules, tests and their parameters."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # instead of after each 700: a test makes many and keeps few


def _group_of(place: str) -> str:
    return "other faults" if place.startswith(OTHER_FAULTS) else next(filter(place.startswith, GROUPS), place)


@pytest.fixture(scope="session")
def catalogues() -> None:
    """Compile the translations where they changed since the set-up."""
    compile_catalogues(ROOT / "locale", Path(sys.executable))


@pytest.fixture(autouse=True)
def known_clocks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forget what another test measured. Where a test stops the process's clock, that is the database's."""
    clock.forget()
    with pytest.MonkeyPatch.context() as patch:  # of its own: a test may undo what its fixture has patched
        if "time_machine" in request.fixturenames:
            patch.setattr(clock, "now", timezone.now)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as it runs, whatever test is the first: threads on one in memory do not wait, they fail."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("sqlite") / "test.sqlite3")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL of this run's own; `postgres_server.create(name)` makes a database and returns its DATABASE_URL."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield a Redis of this run's own, with a password."""
    with Stack(Options(var=tmp_path_factory.mktemp("redis"), port=free_port())) as stack:
        stack.write_settings()
        stack.start_service("redis")
        yield stack.wiring.redis_url


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """Return an empty directory for the state of one stack."""
    return tmp_path / "var"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return the system's Chromium instead of Playwright's own download."""
    return {**browser_type_launch_args, "executable_path": chromium.find(), "args": chromium.flags()}
