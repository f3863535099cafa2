"""The Host header as it comes over the wire: the web server's own reading of it is part of what is tested."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.options import ROOT, Options
from dev.ports import HOST, free_port, get
from dev.stack import Stack


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield the web as `make run` starts it on a port of one's own, without worker, queue and AWS."""
    with Stack(Options(var=tmp_path_factory.mktemp("hosts") / "var", port=free_port())) as stack:
        stack.write_settings()
        stack.manage("migrate")
        stack.start_daypass(["web"])
        yield stack


def ask(web: Stack, *lines: str, body: str = "") -> tuple[int, str]:
    """Return status and text of the answer to exactly these lines; status 0 when the server only hung up."""
    with socket.create_connection((HOST, web.options.port), timeout=20) as wire:
        wire.sendall("\r\n".join([*lines, "Connection: close", "", body]).encode("latin-1"))
        answer = b"".join(iter(lambda: wire.recv(65_536), b"")).decode(errors="replace")
    found = re.match(r"HTTP/1\.[01] (\d{3})", answer)
    return (int(found[1]) if found else 0), answer


def test_the_portals_own_address_is_answered_on_any_port(web: Stack) -> None:
    assert get(f"{web.options.url}/account/login/")[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        ["localhost"], ["localhost:1"], ["localhost:80"], ["LOCALHOST:{port}"], ["localhost.:{port}"],
        ["127.0.0.1:{port}"], ["[::1]:{port}"], ["user@localhost:{port}"], ["evil.example"], [""], [" "],
        ["localhost:{port}", "localhost:{port}"], ["localhost:{port}", "evil.example"],
        ["evil.example", "localhost:{port}"], ["localhost:{port},evil.example"], ["localhost:{port}/"],
        ["localhost:0{port}"], ["localhost:+{port}"], [],
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_another_host_is_refused(web: Stack, hosts: list[str], version: str) -> None:
    lines = [f"Host: {host.format(port=web.options.port)}" for host in hosts]
    status, answer = ask(web, f"GET /account/login/ HTTP/{version}", *lines)
    assert status == 400, answer
    assert "Location:" not in answer


def test_an_address_in_the_request_line_does_not_replace_the_host(web: Stack) -> None:
    own = f"localhost:{web.options.port}"
    assert ask(web, f"GET http://{own}/account/login/ HTTP/1.1", "Host: evil.example")[0] == 400
    status, answer = ask(web, "GET http://evil.example/account/login/ HTTP/1.1", f"Host: {own}")
    assert status in {200, 400}
    assert "evil.example" not in answer


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host: evil.example", "Forwarded: host=evil.example", "X-Host: evil.example"]
)
def test_no_other_header_replaces_the_host(web: Stack, header: str) -> None:
    assert ask(web, "GET /account/login/ HTTP/1.1", f"Host: localhost:{web.options.port}", header)[0] == 200
    name, _, value = header.partition(": ")
    own = f"{name}: {value.replace('evil.example', f'localhost:{web.options.port}')}"
    assert ask(web, "GET /account/login/ HTTP/1.1", "Host: evil.example", own)[0] == 400


@pytest.mark.parametrize("hosts", [["10.0.3.7:8000"], ["web:8000"], ["evil.example"], [""], []])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_health_check_of_a_load_balancer_is_answered(web: Stack, hosts: list[str], method: str) -> None:
    lines = [f"Host: {host}" for host in hosts]
    assert ask(web, f"{method} /healthz HTTP/1.0", *lines)[0] == 200
    # There is no queue and no worker, which readiness says.
    status, answer = ask(web, f"{method} /readyz HTTP/1.0", *lines)
    assert status == 503
    assert "evil.example" not in answer


def test_a_prefix_header_changes_no_link(web: Stack) -> None:
    own = f"Host: localhost:{web.options.port}"
    status, answer = ask(web, "GET / HTTP/1.1", own, "SCRIPT_NAME: /", "PATH_INFO: /evil/")
    assert "/evil" not in answer
    status, answer = ask(web, "GET /evil/account/login/ HTTP/1.1", own, "SCRIPT_NAME: /evil")
    assert "/evil/account" not in answer, status


def test_the_health_check_of_the_containers_names_no_host(web: Stack) -> None:
    words = [sys.executable, str(Path("docker") / "healthcheck.py"), f"http://{HOST}:{web.options.port}/healthz"]
    assert subprocess.run(words, cwd=ROOT, env={"NO_PROXY": "*"}, check=False, timeout=60).returncode == 0
