"""A local AWS for a test: `with local_aws() as aws:` starts one on a free port and stops it at the end.

Starting takes under a second, so share one among tests and keep them apart by fresh names
(`aws.fresh("role")`) or by `aws.reset()`, which empties everything and takes milliseconds.
"""

import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-localaws" / "bin" / "python"
HOST_ACCOUNT = "111111111111"
CONTRACTOR_ACCOUNT = "222222222222"
REGION = "us-east-1"
START_SECONDS = 30
STOP_SECONDS = 10
_config = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=30, read_timeout=120)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Credentials:
    """An access key with its secret, and the token of a session; `aws.as_(credentials, "s3")` makes a client."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, answer: Any) -> "Credentials":
        """Return the credentials in an answer of CreateAccessKey or AssumeRole."""
        keys = answer.get("AccessKey") or answer["Credentials"]
        return cls(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))


@dataclass
class LocalAws:
    """A running local AWS: boto3 clients, and the switches under `/_local/`."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def client(self, service: str, key: str, secret: str, token: str | None = None, *, config: Config = _config) -> Any:
        """Return a boto3 client with these credentials; it tries once, so that a test sees every refusal."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=config,
        )

    def as_(self, who: Credentials, service: str) -> Any:
        return self.client(service, who.access_key, who.secret_key, who.token)

    def root(self, account: str = HOST_ACCOUNT, service: str = "iam") -> Any:
        """Return a client of the account's allow-all root: for setting things up, never for the portal."""
        return self.client(service, account, "test")

    def user(self, name: str, account: str = HOST_ACCOUNT, *, policy: dict[str, Any] | None = None) -> Credentials:
        """Return the keys of a new IAM user, with an inline policy when one is given."""
        iam = self.root(account)
        iam.create_user(UserName=name)
        if policy is not None:
            iam.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=json.dumps(policy))
        return Credentials.of(iam.create_access_key(UserName=name))

    def fresh(self, word: str) -> str:
        """Return a name that no other test of this process uses."""
        return f"{word}-{next(_numbers)}-{secrets.token_hex(3)}"

    def clock(self, offset: float | None = None) -> dict[str, Any]:
        """Move AWS's clock to so many seconds from the real one; without an offset, read it."""
        return self.ask("GET", "clock") if offset is None else self.ask("POST", f"clock?offset={offset}")

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the log of calls after number `since`."""
        found: list[dict[str, Any]] = self.ask("GET", f"calls?since={since}")["calls"]
        return found

    def forget_calls(self) -> None:
        self.ask("DELETE", "calls")

    def fault(self, action: str, kind: str, **rest: Any) -> dict[str, Any]:
        """Set a fault: kind is throttle, error, slow or lost; see docs/reference/localaws.md for the rest."""
        return self.ask("POST", "faults", {"action": action, "kind": kind, **rest})

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        self.ask("DELETE", "faults")

    def settings(self, **changed: int) -> dict[str, Any]:
        """Change propagation_ms, trust_quota or date_skew_seconds; return all settings."""
        return self.ask("POST", "settings", changed)

    def judge(self, who: Credentials, action: str, resource: str = "*", **rest: Any) -> tuple[bool, str]:
        """Return whether these credentials may do something that the local AWS does not offer, and why not.

        `rest` is the `region` of the call, and a `context` of condition keys.
        """
        asked = {"access_key": who.access_key, "action": action, "resource": resource, **rest}
        found = self.ask("POST", "judge", asked)
        return found["allowed"], found["reason"]

    def secrets(self) -> list[str]:
        """Return every secret that this process ever issued, for leak tests."""
        found: list[str] = self.ask("GET", "secrets")["secrets"]
        return found

    def state(self) -> dict[str, Any]:
        return self.ask("GET", "state")

    def reset(self) -> None:
        """Empty everything: accounts, buckets, sessions, faults, calls, clock, settings."""
        self.ask("POST", "reset")

    def ask(self, method: str, what: str, content: Any = None) -> dict[str, Any]:
        """Return the JSON answer of a control endpoint."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/_local/{what}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process; SIGKILL is the unkind way."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*, port: int | None = None, account: str = HOST_ACCOUNT, **options: object) -> LocalAws:
    """Return a running local AWS; options are the command line's, `propagation_ms=500` for `--propagation-ms 500`."""
    if not PYTHON.exists():
        raise RuntimeError("the local AWS has no environment yet: run `make setup`")
    port = port or free_port()
    flags = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    command = [str(PYTHON), "-m", "localaws", "--port", str(port), "--account", account, *flags]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=_environment())
    _await_ready(process)
    return LocalAws(f"http://127.0.0.1:{port}", process)


def run(*flags: str) -> subprocess.CompletedProcess[str]:
    """Return how a local AWS ended that was not meant to stay up."""
    command = [str(PYTHON), "-m", "localaws", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}


def _await_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if line.startswith("localaws ready on "):
            return
        if not line:
            raise RuntimeError(f"the local AWS did not start: exit code {process.wait(STOP_SECONDS)}")
    process.kill()
    raise RuntimeError("the local AWS did not get ready in time")


@contextmanager
def local_aws(**options: Any) -> Iterator[LocalAws]:
    """Run a local AWS for the length of the block."""
    aws = start(**options)
    try:
        yield aws
    finally:
        aws.stop()
