"""The same AWS calls without Daypass: one reused boto3 client that repeats what the local AWS has in its log."""

import configparser
import json
import re
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from django.conf import settings

from dev.ports import get

CONTROL = "/_local/calls"
WRITES = frozenset({"UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the worker made: IAM's action, its parameters, and the role that it was about."""

    action: str
    parameters: dict[str, str]

    @property
    def role(self) -> str:
        return self.parameters.get("RoleName", "")

    @property
    def is_write(self) -> bool:
        return self.action in WRITES


def client(*, threads: int = 1) -> Any:
    """Return a client with the worker's own identity, so that AWS decides the same about its calls."""
    session = boto3.Session(profile_name=settings.WORKER_PROFILE, region_name="us-east-1")
    config = Config(max_pool_connections=max(10, threads))
    return session.client("iam", endpoint_url=settings.AWS_ENDPOINT_URL, config=config)


def issuer(*, threads: int = 1) -> Any:
    """Return an STS client with the issuer's identity, whose keys only the web process has in its environment."""
    keys = configparser.ConfigParser(interpolation=None)
    keys.read(settings.VAR_DIR / "aws" / "web.credentials")
    mine = keys[settings.ISSUER_PROFILE]
    session = boto3.Session(mine["aws_access_key_id"], mine["aws_secret_access_key"], region_name="us-east-1")
    config = Config(max_pool_connections=max(10, threads))
    return session.client("sts", endpoint_url=settings.AWS_ENDPOINT_URL, config=config)


def root(account: str) -> Any:
    """Return the client of an account's administrator, for laying the stage."""
    session = boto3.Session(account, "test", region_name="us-east-1")
    return session.client("iam", endpoint_url=settings.AWS_ENDPOINT_URL, config=Config(max_pool_connections=10))


class Log:
    """The local AWS's log of the calls of one identity, the worker's unless another is named, read on from where it
    was left.
    """

    def __init__(self, caller: str = "") -> None:
        self._caller = caller or settings.WORKER_PROFILE
        self._last = 0

    def news(self, *, about: str = "") -> list[Call]:
        """Return what that identity asked of AWS since the last look, oldest first; of all roles, or of one."""
        status, body = get(f"{settings.AWS_ENDPOINT_URL}{CONTROL}?since={self._last}", seconds=60)
        if status != 200:
            raise RuntimeError(f"The local AWS does not show its calls (status {status}).")
        listed = json.loads(body)["calls"]
        self._last = max([self._last, *(call["n"] for call in listed)])
        return [
            Call(call["action"], call["params"])
            for call in listed
            if call["caller"].endswith(self._caller) and about in ("", call["params"].get("RoleName"))
        ]


@contextmanager
def distance(action: str, *, seconds: float) -> Iterator[None]:
    """Let the local AWS answer this action so much later, as an AWS does that is not on the same machine."""
    _faults("POST", {"action": action, "kind": "slow", "seconds": seconds})
    try:
        yield
    finally:
        _faults("DELETE")


def _faults(method: str, fault: dict[str, Any] | None = None) -> None:
    body = None if fault is None else json.dumps(fault).encode()
    asked = urllib.request.Request(f"{settings.AWS_ENDPOINT_URL}/_local/faults", data=body, method=method)
    urllib.request.urlopen(asked, timeout=10).close()


def replay(iam: Any, made: Iterable[Call], *, role: str) -> None:
    """Make these calls again about another role, which is where the first one was; missing parts are no error."""
    for call in made:
        words = {**call.parameters, "RoleName": role}
        try:
            getattr(iam, _method(call.action))(**words)
        except iam.exceptions.NoSuchEntityException:
            continue


def replay_all(iam: Any, made: dict[str, list[Call]], *, threads: int) -> None:
    """Make the calls of many roles again, so many roles at a time; the keys name the roles that they are made to."""
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(replay, iam, some, role=role) for role, some in made.items()]:
            done.result()


def by_role(made: Iterable[Call]) -> dict[str, list[Call]]:
    """Return the calls apart by the role that they are about, in their order."""
    found: dict[str, list[Call]] = {}
    for call in made:
        found.setdefault(call.role, []).append(call)
    return found


def _method(action: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
