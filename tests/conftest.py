"""Servers that tests share. Each one is started when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import chromium
from dev.options import Options
from dev.ports import free_port
from dev.postgres import Postgres, postgres
from dev.stack import Stack


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
