"""Database and Redis over TLS: only a known certificate of the host that was asked for is believed."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dev.check import PRODUCTION
from dev.options import ROOT
from dev.postgres import OWNER, Postgres
from tests.certificates import Signer

SSL_REQUEST = bytes([0, 0, 0, 8, 4, 210, 22, 47])  # of PostgreSQL's protocol
ASK = """
import json, django
django.setup()
import redis
from django.conf import settings
from django.db import connection
from portal.celery import app

def said(ask):
    try:
        ask()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "ok"

print(json.dumps({
    "database": said(connection.ensure_connection),
    "queue": said(lambda: app.connection_for_write(connect_timeout=3).ensure_connection(max_retries=1)),
    "ping": said(lambda: redis.Redis.from_url(settings.REDIS_URL, retry=None).ping()),
}))
"""


@dataclass
class Front:
    """TLS before a server that speaks none. What comes through it decrypted is noted."""

    certificate: Path
    port: int = 0
    heard: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def front(certificate: Path, behind: Any, *, asks_first: bool = False) -> Iterator[Front]:
    """Listen before `behind`, an address or the path of a socket; `asks_first` as clients of PostgreSQL do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        stands = Front(certificate, server.getsockname()[1])

        def receive() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    threading.Thread(target=answer, args=(caller,), daemon=True).start()

        def answer(caller: socket.socket) -> None:
            with caller, contextlib.suppress(OSError):
                if asks_first and caller.recv(len(SSL_REQUEST)) == SSL_REQUEST:
                    caller.sendall(b"S")
                with context.wrap_socket(caller, True) as outer, _reach(behind) as inner:
                    back = threading.Thread(target=_carry, args=(inner, outer, []), daemon=True)
                    back.start()
                    _carry(outer, inner, stands.heard)
                    back.join(timeout=5)

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        yield stands
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def _reach(behind: Any) -> socket.socket:
    if isinstance(behind, tuple):
        return socket.create_connection(behind)
    reached = socket.socket(socket.AF_UNIX)
    reached.connect(str(behind))
    return reached


def _carry(source: socket.socket, target: socket.socket, noted: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while got := source.recv(65_536):
            noted.append(got)
            target.sendall(got)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def ask(tmp_path: Path, database: str, redis: str) -> dict[str, str]:
    """Return what a real installation with these addresses says of its connections."""
    own = {"DATABASE_URL": database, "REDIS_URL": redis, "DAYPASS_VAR_DIR": str(tmp_path / "var")}
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env={**os.environ, **PRODUCTION, **own}, capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    return dict(json.loads(said.stdout))


@pytest.mark.parametrize(
    ("host", "who", "is_believed"),
    [("localhost", "known", True), ("localhost", "unknown", False), ("elsewhere", "known", False)],
)
def test_only_a_trusted_certificate_of_the_requested_host_is_accepted(
    tmp_path: Path, postgres_server: Postgres, redis_url: str, host: str, who: str, is_believed: bool
) -> None:
    known = Signer.at(tmp_path, "known")
    certificate = (known if who == "known" else Signer.at(tmp_path, "unknown")).sign(host, tmp_path)
    redis = urlsplit(redis_url)
    behind = postgres_server.directory / ".s.PGSQL.5432"
    with (
        front(certificate, behind, asks_first=True) as database,
        front(certificate, (redis.hostname, redis.port)) as queue,
    ):
        said = ask(
            tmp_path,
            f"postgres://{OWNER}:word@localhost:{database.port}/postgres?sslmode=verify-full&sslrootcert={known.file}",
            f"rediss://:{redis.password}@localhost:{queue.port}/0?ssl_ca_certs={known.file}",
        )
    assert {what: answer == "ok" for what, answer in said.items()} == dict.fromkeys(said, is_believed), said
    assert bool(database.heard) == bool(queue.heard) == is_believed
    assert is_believed or all("certificate" in answer.lower() for answer in said.values()), said


def test_certificates_are_checked_without_any_setting(
    tmp_path: Path, postgres_server: Postgres, redis_url: str
) -> None:
    certificate = Signer.at(tmp_path).sign("localhost", tmp_path)
    redis = urlsplit(redis_url)
    with front(certificate, (redis.hostname, redis.port)) as queue:
        said = ask(tmp_path, PRODUCTION["DATABASE_URL"], f"rediss://:{redis.password}@localhost:{queue.port}/0")
    assert "certificate" in said["queue"].lower(), said
    assert "certificate" in said["ping"].lower(), said
    assert queue.heard == []
