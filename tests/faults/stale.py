"""An AWS that serves stale reads: reads of a role are answered as they would have been some seconds ago."""

import http.client
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_STALE = {"GetRole", "GetRolePolicy", "GetAccountAuthorizationDetails"}
Answer = tuple[int, list[tuple[str, str]], bytes]


class _PastAnswers:
    """The true answers to each question, with their times."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._answers: dict[bytes, list[tuple[float, Answer]]] = defaultdict(list)
        self._lock = threading.Lock()

    def old(self, question: bytes, answer: Answer) -> Answer:
        """Return the newest answer to the same question that is old enough, else the first one that there was."""
        now = time.monotonic()
        with self._lock:
            known = self._answers[question]
            known.append((now, answer))
            while len(known) > 1 and known[1][0] <= now - self._seconds:
                known.pop(0)
            return known[0][1]


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
