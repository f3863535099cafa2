"""An AWS that serves stale reads: reads of a role are answered as they would have been some seconds ago."""

import http.client
import re
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_STALE = {"GetRole", "GetRolePolicy", "GetAccountAuthorizationDetails"}
_WRITES = {"UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy"}
_OF_THIS_CALL = re.compile(rb"<RequestId>[^<]*</RequestId>")
Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass
class _Past:
    """The true answers to one question, each with the time since when it has been true, and when it was asked last."""

    answers: list[tuple[float, Answer]] = field(default_factory=list)
    asked: float = 0.0


class _PastAnswers:
    """The true answers to each question. What is true changes with a write, or when somebody else is seen to write."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._past: dict[bytes, _Past] = defaultdict(_Past)
        self._written = 0.0
        self._lock = threading.Lock()

    def change(self) -> None:
        """Note that something was written now."""
        self._written = time.monotonic()

    def old(self, question: bytes, answer: Answer) -> Answer:
        """Return the newest answer to the same question that is old enough, else the first one that there was."""
        now = time.monotonic()
        with self._lock:
            past = self._past[question]
            if not past.answers or _content(past.answers[-1][1]) != _content(answer):
                past.answers.append((self._written if self._written > past.asked else now, answer))
            past.asked = now
            while len(past.answers) > 1 and past.answers[1][0] <= now - self._seconds:
                past.answers.pop(0)
            return past.answers[0][1]


def _content(answer: Answer) -> bytes:
    return _OF_THIS_CALL.sub(b"", answer[2])


@contextmanager
def stale_aws(url: str, *, seconds: float) -> Iterator[int]:
    """Yield the port of one in front of the true AWS at `url`."""
    past, behind = _PastAnswers(seconds), urllib.parse.urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = _ask(behind, self.path, dict(self.headers), body)
            action = urllib.parse.parse_qs(body.decode()).get("Action", [""])[0]
            if action in _WRITES:
                past.change()
            status, headers, content = past.old(body, answer) if action in _STALE else answer
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {"content-length", "transfer-encoding", "connection", "date"}:
                    self.send_header(name, value)
            # The news is old, not the answer.
            self.send_header("Date", self.date_time_string())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _ask(netloc: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """Pass the call on as it is: its signature covers the host that the caller named."""
    connection = http.client.HTTPConnection(netloc, timeout=30)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.getheaders(), content
