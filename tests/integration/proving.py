"""Somebody at the page that proves AWS identities, with real clients and real keys."""

import html
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from access.models import Challenge
from tests.integration.pages import text
from tests.localaws.server import Credentials, LocalAws

BOX = re.compile(r'<pre[^>]*aria-label="([^"]+)"[^>]*><code>(.*?)</code></pre>', re.DOTALL)


@dataclass
class Prover:
    """Opens the page, runs what it shows, and pastes what that prints."""

    client: Client
    aws: LocalAws
    path: str = ""

    def starts(self) -> dict[str, str]:
        """Ask for the commands, and give them by their titles."""
        answer = self.client.post(reverse("identity_start"))
        self.path = answer["Location"]
        return self.commands()

    def commands(self) -> dict[str, str]:
        page = self.client.get(self.path).content.decode()
        return {title: html.unescape(command) for title, command in BOX.findall(page)}

    @property
    def challenge(self) -> Challenge:
        return Challenge.objects.get(public_id=self.path.rstrip("/").rsplit("/", 1)[1])

    def pastes(self, printed: str, **more: str) -> Any:
        """Send the form; a good answer leads back to the list."""
        return self.client.post(self.path, {"pasted": printed, "role_arn": "", **more})

    def proves(self, keys: Credentials, *, how: str = "Python (boto3)", **more: str) -> Any:
        """Go the whole way."""
        return self.pastes(printed_by(self.starts()[how], how, keys), **more)

    def calls(self) -> int:
        """Return how often STS was asked who somebody is."""
        return sum(call["action"] == "GetCallerIdentity" for call in self.aws.calls())


def printed_by(command: str, how: str, keys: Credentials) -> str:
    """Run a snippet with its real client and these keys, and return what it prints."""
    programs = {"Python (boto3)": [sys.executable, "-c"], "AWS CLI": ["bash", "-c"], "PowerShell": ["pwsh", "-Command"]}
    words = [*programs[how], command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **({"AWS_SESSION_TOKEN": keys.token} if keys.token else {}),
    }
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def code(answer: Any) -> str:
    """Return the code of what the page says is wrong."""
    errors = answer.context["form"].errors.as_data()
    (error,) = [each for listed in errors.values() for each in listed]
    assert error.message in text(answer)
    return str(error.code)
