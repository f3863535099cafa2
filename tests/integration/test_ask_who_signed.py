"""An STS that redirects, lies, chatters or is silent convinces nobody."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from access import aws
from access.proof import Caller, Host, SignedCall
from tests.refusals import refusing

SECRET = "0123456789abcdef" * 4
GOOD = {"Arn": "arn:aws:iam::222222222222:user/Richard", "Account": "222222222222", "UserId": "AIDARICHARDRICHARD01"}


@contextlib.contextmanager
def endpoint(answer: bytes) -> Iterator[tuple[Host, list[bytes]]]:
    """Yield a server that gives this one answer to whatever it is asked, and what it was asked."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    heard.append(connection.recv(65_536))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Host(f"127.0.0.1:{server.getsockname()[1]}", "aws", scheme="http"), heard
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join()


def http(body: str, *, status: str = "200 OK", head: str = "") -> bytes:
    length = f"content-length: {len(body.encode())}\r\n"
    return f"HTTP/1.1 {status}\r\n{length}{head}connection: close\r\n\r\n{body}".encode()


def answer(result: object) -> str:
    return json.dumps({"GetCallerIdentityResponse": {"GetCallerIdentityResult": result}})


def asked(reply: bytes) -> tuple[Caller, bytes]:
    with endpoint(reply) as (host, heard):
        call = SignedCall("GET", host, f"/?X-Amz-Signature={SECRET}", {"x-k8s-aws-id": "nonce"})
        return aws.ask_who_signed(call), heard[0]


def test_a_genuine_answer_is_read_and_the_signed_host_is_asked() -> None:
    caller, heard = asked(http(answer(GOOD)))
    assert (caller.arn, caller.account, caller.user_id) == tuple(GOOD.values())
    head = heard.decode().lower()
    assert head.startswith(f"get /?x-amz-signature={SECRET} ")
    assert "\r\nhost: 127.0.0.1:" in head
    assert "\r\nx-k8s-aws-id: nonce\r\n" in head
    assert "cookie" not in head


LIES = {
    "a redirect": http("", status="302 Found", head="location: http://127.0.0.1:1/\r\n"),
    "a page": http("<html><Arn>arn:aws:iam::222222222222:user/Richard</Arn></html>"),
    "XML": http("<GetCallerIdentityResponse><Arn>x</Arn></GetCallerIdentityResponse>"),
    "nothing": http(""),
    "a number": http("1"),
    "another question's answer": http(json.dumps({"AssumeRoleResponse": {"AssumeRoleResult": GOOD}})),
    "an answer without its parts": http(answer({"Arn": GOOD["Arn"]})),
    "an answer of other types": http(answer({**GOOD, "Account": 222222222222})),
    "an answer that says it twice": http(answer(GOOD).replace('"Account"', '"Arn": "arn:x", "Account"')),
    "emails that are not ASCII": http(answer(GOOD).replace("Richard", "Rich\u0430rd")),
    "too much": http(answer(GOOD) + " " * 20_000),
    "too much without a length": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b" " * 20_000,
    "a head without an end": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200,
    "no HTTP": b"220 mail.example.com ESMTP\r\n",
    "a closed port": b"",
    "a busy sign": http("", status="503 Service Unavailable"),
    "throttling": http('{"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}', status="400 Bad Request"),
    "a refusal that repeats what was signed": http(
        f'{{"Error": {{"Code": "SignatureDoesNotMatch", "Message": "GET {SECRET}"}}}}', status="403 Forbidden"
    ),
    "a refusal for no reason": http("", status="403 Forbidden"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_anything_else_is_refused_with_a_sentence_that_repeats_nothing(lie: bytes) -> None:
    with pytest.raises((aws.NotAnswered, aws.NotBelieved)) as refused:
        asked(lie)
    assert str(refused.value).endswith(".")
    assert SECRET not in repr(refused.getrepr(chain=True))


def test_waiting_without_an_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access.aws.callers.SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        host = Host(f"127.0.0.1:{deaf.getsockname()[1]}", "aws", scheme="http")
        with refusing("sts_silent", aws.NotAnswered):
            aws.ask_who_signed(SignedCall("GET", host, "/", {}))


def test_an_endless_slow_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access.aws.callers.PATIENCE", 0.0)
    with refusing("sts_answer_endless", aws.NotAnswered):
        asked(http(answer(GOOD)))
