"""The PostgreSQL of the tests is a real one, only for one run, and gone afterwards."""

import os
from pathlib import Path

import psutil
import psycopg
import pytest

from dev import postgres as pg
from dev.postgres import NoPostgres, Postgres


def test_each_test_run_has_a_database_of_its_own(postgres_server: Postgres) -> None:
    url = postgres_server.create("one")
    assert url.endswith("/one")
    with psycopg.connect(host=str(postgres_server.directory), user=pg.OWNER, dbname="one") as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("one",)


def test_it_listens_only_on_a_private_socket(postgres_server: Postgres) -> None:
    with postgres_server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres_server.directory.stat().st_mode & 0o077 == 0


def test_nothing_of_it_is_left() -> None:
    with pg.postgres() as server:
        directory = server.directory
        (leader,) = (int(line) for line in (directory / "data" / "postmaster.pid").read_text().splitlines()[:1])
        assert psutil.pid_exists(leader)
    assert not directory.exists()
    assert not psutil.pid_exists(leader)


def test_the_directory_of_pg_bindir_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = pg.find_binaries()
    monkeypatch.setenv("PG_BINDIR", os.fspath(usual))
    assert pg.find_binaries() == usual
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    assert pg.find_binaries() == usual


def test_without_any_postgresql_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg, "_candidates", lambda: iter([Path("/nowhere")]))
    with pytest.raises(NoPostgres, match="apt-get install postgresql"):
        pg.find_binaries()
