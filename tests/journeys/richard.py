"""Richard at the portal and in a terminal."""

import html
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo import cast
from demo.browser import Page
from dev.stack import Stack
from tests.journeys.visitors import signed_in

PATIENCE = 60


class Richard:
    """Requests in the portal, pastes what it shows, and uses the AWS CLI with their own keys."""

    def __init__(self, stack: Stack, home: Path) -> None:
        self.stack, self.home = stack, home
        self.notes = json.loads((stack.options.var / "demo.json").read_text())
        self.aws_url = stack.wiring.aws_endpoint_url
        self.portal = signed_in(stack, cast.RICHARD)
        self.path = ""
        self._write_keys("Richard")
        (home / cast.FILE).write_text("important\n")

    def asks(self, *, length: timedelta = timedelta(hours=1)) -> None:
        """Ask for the role with the identity that is proven, which the form has chosen already."""
        self.proves()
        self.portal.open("/requests/new/")
        page = self.portal.ask(
            start="approval",
            starts_at="",
            length="other",
            other_length=f"{int(length.total_seconds())} seconds",
            reason="The important file.",
        )
        self.path = page.url.removeprefix(self.stack.options.url)
        assert re.fullmatch(r"/requests/[0-9a-f-]{36}/", self.path), f"still at {self.path}"

    def proves(self) -> None:
        """Run the one-line command of the page with the real AWS CLI and paste what it prints, unless that was done."""
        if "Proven by a signed request" in self.portal.open("/identities/").text:
            return
        self.portal.page.forms = [form for form in self.portal.page.forms if form.action == "/identities/start/"]
        page = self.portal.send()
        command = self.snippet(page, "AWS CLI").strip()
        printed = subprocess.run(
            ["bash", "-c", command], env=self._environment(), cwd=self.home, capture_output=True, text=True, check=True
        )
        page = self.portal.send("pasted", pasted=printed.stdout)
        assert "Proven by a signed request" in page.text, page.text

    def is_approved(self) -> None:
        """Let Alice approve."""
        alice = signed_in(self.stack, cast.ALICE)
        alice.open(self.path.replace("/requests/", "/approvals/"))
        alice.send("content_hash", verdict="approve")
        alice.confirm()

    def waits_for(self, state: str) -> Page:
        """Reload the page until it says so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = self.portal.open(self.path)
            if f'data-state="{state}"' in page.text:
                return page
            time.sleep(0.3)
        raise AssertionError(f"the page never said {state}")

    def snippet(self, page: Page, title: str) -> str:
        """Copy the text of the box with this title, as a person does."""
        boxes = re.findall(r'<pre[^>]*aria-label="([^"]+)"[^>]*><code>(.*?)</code></pre>', page.text, re.DOTALL)
        return html.unescape(dict(boxes)[title])

    def pastes_profile(self, page: Page) -> None:
        """Put the profile from the page into Richard's AWS configuration."""
        (self.home / "config").write_text(self.snippet(page, "AWS CLI profile"))

    def aws(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the AWS CLI; what a profile says of the endpoint is not said again."""
        has_profile = "--profile" in words
        return self._run(str(Path(sys.executable).with_name("aws")), *words, endpoint=not has_profile)

    def python(self, source: str) -> subprocess.CompletedProcess[str]:
        """Run a Python program that Richard pasted, which says itself where AWS is."""
        return self._run(sys.executable, "-c", source, endpoint=False)

    def bash(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script that Richard pasted, which says itself where AWS is."""
        return self._run("bash", "-ec", script, endpoint=False)

    def _run(self, *command: str, endpoint: bool) -> subprocess.CompletedProcess[str]:
        environment = self._environment() if endpoint else self._environment_without("AWS_ENDPOINT_URL")
        return subprocess.run(command, env=environment, cwd=self.home, capture_output=True, text=True, check=False)

    def _environment_without(self, name: str) -> dict[str, str]:
        return {key: value for key, value in self._environment().items() if key != name}

    def becomes(self, name: str) -> None:
        """Use the keys of another user of Richard's account."""
        self._write_keys(name)

    def aws_calls(self) -> list[dict[str, Any]]:
        """Read the log of the local AWS."""
        with urllib.request.urlopen(f"{self.aws_url}/_local/calls", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)["calls"]
        return found

    def move_aws_clock(self, seconds: int) -> None:
        ask = urllib.request.Request(f"{self.aws_url}/_local/clock?offset={seconds}", method="POST")
        urllib.request.urlopen(ask, timeout=10).close()

    def _write_keys(self, name: str) -> None:
        keys = self.notes["keys"][name]
        lines = ["[default]", f"aws_access_key_id = {keys['access_key_id']}"]
        lines += [f"aws_secret_access_key = {keys['secret_access_key']}", ""]
        (self.home / "credentials").write_text("\n".join(lines))

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return kept | {
            "AWS_CONFIG_FILE": str(self.home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "credentials"),
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_DEFAULT_REGION": self.notes["region"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NO_PROXY": "localhost,127.0.0.1",
        }
