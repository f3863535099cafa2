"""A line to a server that a test can cut: connections are passed on, reset, or swallowed without an answer."""

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing sends a reset


class Mode(StrEnum):
    PASS = "pass"
    RESET = "reset"  # every connection is reset, also new ones
    SWALLOW = "swallow"  # connections stay, nothing goes through


class Proxy:
    """One TCP port in front of another; `mode` may be changed at any time."""

    def __init__(self, port: int) -> None:
        self.mode = Mode.PASS
        self._behind = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    def lead_to(self, port: int) -> None:
        """Let it end at another port; the connections that are there are reset."""
        if port != self._behind:
            self._behind = port
            self._reset_all()

    def cut(self, mode: Mode) -> None:
        """Change the mode; with RESET the existing connections are reset immediately."""
        self.mode = mode
        if mode is Mode.RESET:
            self._reset_all()

    def end(self) -> None:
        self._ended = True
        self.cut(Mode.RESET)
        self._server.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self.mode is Mode.RESET:
                raise ConnectionResetError
            server = socket.create_connection(("127.0.0.1", self._behind), timeout=5)
        except OSError:
            self._reset(client)
            return
        with self._lock:
            self._pairs |= {client: server, server: client}
        try:
            self._carry(client, server)
        finally:
            self._reset(client)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what comes from either end until one of them has gone."""
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, ValueError):
            for end, other in ((client, server), (server, client)):
                selector.register(end, selectors.EVENT_READ, data=(end, other))
            while client in self._pairs:
                for key, _ in selector.select(timeout=1):
                    source, sink = key.data
                    data = source.recv(65536)
                    if not data:
                        return
                    if self.mode is Mode.PASS:
                        sink.sendall(data)

    def _reset_all(self) -> None:
        with self._lock:
            ends = list(self._pairs)
        for end in ends:
            self._reset(end)

    def _reset(self, end: socket.socket) -> None:
        with self._lock:
            other = self._pairs.pop(end, None)
            if other is not None:
                self._pairs.pop(other, None)
        for each in filter(None, (end, other)):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(socket.SHUT_RDWR)
                each.close()


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.end()
