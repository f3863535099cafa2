"""Servers that tests share. Each one is started when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from dev import chromium
from dev.options import Options
from dev.ports import free_port
from dev.postgres import Postgres, postgres
from dev.stack import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that one process does not wait for the other in the end."""
    items.sort(key=lambda item: "test_stateful" not in item.nodeid)


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
    """A Redis of this run's own, with a password."""
    with Stack(Options(var=tmp_path_factory.mktemp("redis"), port=free_port())) as stack:
        stack.write_settings()
        stack.start_service("redis")
        yield stack.wiring.redis_url


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """An empty directory for the state of one stack."""
    return tmp_path / "var"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium instead of Playwright's own download."""
    return {**browser_type_launch_args, "executable_path": chromium.find(), "args": chromium.flags()}
