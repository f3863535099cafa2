"""AWS and the identity provider are believed only with a certificate that somebody known has signed."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from access import aws
from access.proof import Host, SignedCall
from access.signin.sso import GuardedSession
from tests import factories
from tests.certificates import Signer


@dataclass
class Impostor:
    """A server that calls itself what it is asked for."""

    place: str
    visits: int = 0
    heard: list[bytes] = field(default_factory=list)


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Impostor]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Signer.at(tmp_path).sign("localhost", tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        him = Impostor(f"localhost:{server.getsockname()[1]}")

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    him.visits += 1
                    with connection, contextlib.suppress(OSError), context.wrap_socket(connection, True) as spoken:
                        him.heard.append(spoken.recv(65_536))

        thread = threading.Thread(target=serve)
        thread.start()
        yield him
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def with_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set keys with which the portal would call AWS."""
    file = tmp_path / "credentials"
    file.write_text("[daypass-worker]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    aws.forget()
    yield
    aws.forget()


def ask_who_signed(place: str) -> None:
    aws.ask_who_signed(SignedCall("GET", Host(place, "aws", scheme="https"), "/?secret", {}))


def ask_aws(place: str) -> None:
    settings.AWS_ENDPOINT_URL = f"https://{place}"
    aws.who_am_i(aws.WorkloadIdentity.WORKER, target=factories.account().aws_target())


def ask_for_a_console(place: str) -> None:
    settings.SIGNIN_URL = f"https://{place}/federation"
    soon = datetime.now(UTC) + timedelta(hours=1)
    session = aws.Session("ASIAX", "secret", "token", soon, soon)
    aws.signin_url(session, partition="aws", destination="https://console.aws.amazon.com/", issuer="https://x/")


def ask_the_provider(place: str) -> None:
    GuardedSession().get(f"https://{place}/.well-known/openid-configuration")


@pytest.mark.parametrize("ask", [ask_who_signed, ask_aws, ask_for_a_console, ask_the_provider])
def test_a_server_with_an_unknown_certificate_is_never_contacted(
    impostor: Impostor, with_keys: None, db: None, settings: Any, ask: Callable[[str], None]
) -> None:
    settings.AWS_ENDPOINT_URL = settings.SIGNIN_URL = ""  # and whatever is asked below is forgotten afterwards
    with pytest.raises((aws.AwsError, requests.exceptions.SSLError)):
        ask(impostor.place)
    assert impostor.visits > 0
    assert impostor.heard == []
