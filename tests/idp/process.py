"""The provider as tests see it: a process to start, people to speak for, and a browser's way through it."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dev.options import ROOT
from dev.ports import free_port

PEOPLE = ("alice", "ada", "bob", "mallory", "richard")
CLIENT_SECRET = "only-for-tests"


@dataclass(frozen=True)
class Idp:
    """A running provider."""

    url: str
    password: str
    words: Path

    def says(self, **claims: dict[str, Any]) -> None:
        """Let the provider say this about people from now on, and nothing that is not so."""
        self._write(claims=claims)

    def twists(self, *, token: dict[str, Any] | None = None, userinfo: dict[str, Any] | None = None) -> None:
        """Let the provider's id token or its user info say something else."""
        held = json.loads(self.words.read_text())
        self._write(claims=held["claims"], token=token, userinfo=userinfo)

    def authorize(self, name: str, url: str) -> str:
        """Go to the provider as a person's browser, sign in there, and return the address to which it sends back."""
        with requests.Session() as browser:
            page = browser.get(url)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token is not None, page.text
            form = {"login": name, "password": self.password, "csrfmiddlewaretoken": token[1]}
            answer = browser.post(page.url, form, allow_redirects=False)
            while answer.is_redirect and answer.headers["Location"].startswith(("/", self.url)):
                answer = browser.get(
                    requests.compat.urljoin(self.url, answer.headers["Location"]), allow_redirects=False
                )
            assert answer.is_redirect, answer.text
            return answer.headers["Location"]

    def _write(
        self, *, claims: dict[str, Any], token: dict[str, Any] | None = None, userinfo: dict[str, Any] | None = None
    ) -> None:
        held = {"claims": claims, "twisted_token": token or {}, "twisted_userinfo": userinfo or {}}
        self.words.write_text(json.dumps(held))


@contextmanager
def idp(directory: Path, *, redirect_uri: str) -> Iterator[Idp]:
    """Start a provider that sends people back only to this address, and end it."""
    port, password = free_port(), secrets.token_urlsafe(12)
    provider = Idp(f"http://127.0.0.1:{port}", password, directory / "words.json")
    provider.says()
    own = {
        "IDP_CLIENT_SECRET": CLIENT_SECRET,
        "IDP_DATABASE": str(directory / "idp.sqlite3"),
        "IDP_KEY": _key(),
        "IDP_PASSWORD": password,
        "IDP_PEOPLE": ",".join(PEOPLE),
        "IDP_REDIRECT_URI": redirect_uri,
        "IDP_WORDS": str(provider.words),
    }
    command = [sys.executable, "-m", "tests.idp", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield provider
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()
