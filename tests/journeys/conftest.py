"""The whole of Daypass as processes with nothing replaced: on PostgreSQL, in `make test-all` also on SQLite."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.options import Options
from dev.ports import free_port
from dev.stack import Stack
from tests.journeys.richard import Richard
from tests.slices import slice_of

SWEEP = {"sweep_seconds": "1", "environment": {"DAYPASS_LEASE_SECONDS": "3", "LOG_LEVEL": "DEBUG"}}


@pytest.fixture(scope="session", params=slice_of(["postgresql", "sqlite"], one_in=2))
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield web, workers, beat, Redis and the local AWS, seeded and ready."""
    database_url = ""
    if request.param == "postgresql":
        database_url = request.getfixturevalue("postgres_server").create(f"journeys_{secrets.token_hex(4)}")
    var = tmp_path_factory.mktemp("journey") / "var"
    with Stack(Options(var=var, port=free_port(), database_url=database_url, **SWEEP)) as running:  # type: ignore[arg-type]
        running.start()
        yield running


@pytest.fixture
def richard(stack: Stack, tmp_path: Path) -> Richard:
    """Return Richard at a terminal, with nothing but long-term keys."""
    return Richard(stack, tmp_path)
