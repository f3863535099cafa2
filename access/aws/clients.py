"""One boto3 client per process, identity and kind of use; each identity is a profile of the AWS configuration."""

import functools
import os
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient


class Identity(StrEnum):
    WORKER = "worker"
    BUILDER = "builder"
    ISSUER = "issuer"


def iam(identity: Identity, *, writes: bool = False) -> "IAMClient":
    """Give the IAM client of an identity; the one that writes tries once."""
    return _client(identity, "iam", writes=writes, pid=os.getpid())  # type: ignore[no-any-return]


def sts() -> "STSClient":
    """Give the STS client of the issuer, the only identity that opens sessions."""
    return _client(Identity.ISSUER, "sts", writes=True, pid=os.getpid())  # type: ignore[no-any-return]


def analyzer(identity: Identity) -> Any:
    """Give the Access Analyzer client of an identity. It tries once: nobody waits for what can be done without."""
    return _client(identity, "accessanalyzer", writes=True, pid=os.getpid())


def forget() -> None:
    """Drop the cached clients, so that changed credentials are read again."""
    _client.cache_clear()


_building = threading.Lock()


@functools.cache
def _client(identity: Identity, service: str, writes: bool, pid: int) -> Any:  # noqa: ARG001  # pid is part of the key
    """Give the client of process `pid`. Threads may share a client, but not its making, and none survives a fork."""
    profile = {
        Identity.WORKER: settings.WORKER_PROFILE,
        Identity.BUILDER: settings.BUILDER_PROFILE,
        Identity.ISSUER: settings.ISSUER_PROFILE,
    }[identity]
    with _building:
        session = boto3.Session(profile_name=profile, region_name="us-east-1")
        return session.client(
            service,  # type: ignore[call-overload]
            config=_config(writes=writes),
            endpoint_url=settings.AWS_ENDPOINT_URL or None,
        )


def _config(*, writes: bool) -> Config:
    """Give timeouts and tries. IAM has no conditional write, so a write is tried once and ends well before the lease:
    one that is repeated behind our back could land after somebody else's.
    """
    return Config(
        connect_timeout=min(3.0, settings.LEASE_SECONDS / 6),
        read_timeout=min(10.0, settings.LEASE_SECONDS / 2),
        retries={"mode": "standard", "total_max_attempts": 1 if writes else 3},
        max_pool_connections=20,
    )
