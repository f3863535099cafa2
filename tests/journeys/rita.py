"""Rita at the portal: without an AWS account, with a computer with the usual programs and no keys."""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from demo import cast
from demo.browser import Page
from dev.stack import Stack
from tests.journeys.visitors import signed_in

PATIENCE = 60
BIN = Path(sys.executable).parent


class Rita:
    """Asks in the portal without naming an AWS identity, and pastes what it shows."""

    def __init__(self, stack: Stack, home: Path) -> None:
        self.stack, self.home = stack, home
        self.notes = json.loads((stack.options.var / "demo.json").read_text())
        self.aws_url = stack.wiring.aws_endpoint_url
        self.portal = signed_in(stack, cast.RITA)
        self.path = ""
        (home / cast.FILE).write_text("important\n")

    def has_access(self, *, length: timedelta = timedelta(hours=1)) -> None:
        """Have Rita request and Alice approve, until the page says active."""
        self.portal.open("/requests/new/")
        other = f"{int(length.total_seconds())} seconds"
        wishes = {"start": "approval", "length": "other", "other_length": other, "reason": "The important file."}
        page = self.portal.ask(principal="", **wishes)
        self.path = page.url.removeprefix(self.stack.options.url)
        alice = signed_in(self.stack, cast.ALICE)
        alice.open(self.path.replace("/requests/", "/approvals/"))
        alice.send("content_hash", verdict="approve")
        alice.confirm()
        self.waits_for("active")

    def returns_access(self) -> None:
        """End Rita's access, unless it is over."""
        if f"{self.path}return-access/" in self.portal.open(self.path).text:
            self.presses("return-access")
        self.waits_for("ended")

    def waits_for(self, state: str) -> Page:
        """Reload the page until it says so."""
        return self.waits_to_read(f'data-state="{state}"')

    def waits_to_read(self, words: str) -> Page:
        """Reload the page until these words are there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = self.portal.open(self.path)
            if words in page.text:
                return page
            time.sleep(0.3)
        raise AssertionError(f"the page never said {words}")

    def confirms(self) -> None:
        """Type the password again."""
        self.portal.open("/account/reauthenticate/")
        self.portal.send(password=self.notes["passwords"][cast.RITA.email])

    def presses(self, name: str, *, accept: str = "text/html", **form: str) -> requests.Response:
        """Send the form of the page that leads to `name`, and return the answer as it is, redirects not followed."""
        page = self.portal.open(self.path)
        (button,) = [one for one in page.forms if one.action.endswith(f"/{name}/")]
        return self.portal.http.post(
            self.stack.options.url + button.action,
            data=button.fields | form,
            headers={"Referer": page.url, "Accept": accept},
            allow_redirects=False,
            timeout=30,
        )

    def tabs(self) -> dict[str, str]:
        """Get credentials, and copy every box of the page."""
        answer = self.presses("credentials")
        assert answer.status_code == requests.codes.ok, answer.text
        boxes = re.findall(r'<pre[^>]*aria-label="([^"]+)"[^>]*><code>(.*?)</code></pre>', answer.text, re.DOTALL)
        return {html.unescape(title): html.unescape(text) for title, text in boxes}

    def runs(
        self, *words: str, given: Mapping[str, str] | None = None, endpoint: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in Rita's empty home; the only thing set is where AWS is, and with `endpoint=False` nothing."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        mine = {
            **({"AWS_ENDPOINT_URL": self.aws_url} if endpoint else {}),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "HOME": str(self.home),
            "NO_PROXY": "localhost,127.0.0.1",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        environment = kept | mine | dict(given or {})
        return subprocess.run(
            words, env=environment, cwd=self.home, capture_output=True, text=True, check=False, timeout=60
        )

    def writes(self, name: str, text: str) -> Path:
        file = self.home / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return file

    def ask_aws(self, what: str, *, method: str = "GET") -> Any:
        """Use a switch of the local AWS, or read what it knows."""
        answer = requests.request(method, f"{self.aws_url}/_local/{what}", timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else {}
