"""Find free loopback ports, and send HTTP requests to them. Standard library only."""

import socket
import urllib.error
import urllib.request

HOST = "127.0.0.1"

# A proxy that leads to the outside cannot reach this machine's loopback.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(*, preferred: int = 0) -> int:
    """Return the preferred port when it is free, else any free one."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as server:
        server.bind((HOST, 0))
        port: int = server.getsockname()[1]
    return port


def accepts(port: int) -> bool:
    """Return whether something listens on this loopback port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def get(url: str, *, seconds: float = 5) -> tuple[int, bytes]:
    """Return status and body of a GET; status 0 when nobody answered."""
    try:
        with _DIRECT.open(url, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""
