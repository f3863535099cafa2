"""One boto3 client per process, identity, account and kind of use; each identity is a profile of the AWS configuration.

Everything that makes a client another's is part of its key: a client of one account never answers for another.
"""

import functools
import os
import threading
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError
from botocore.handlers import json_decode_policies
from botocore.utils import parse_timestamp
from django.conf import settings

from access.aws import timing
from access.workload_identities import AwsTarget

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient


# CloudTrail shows it, so the owner of an account sees which calls are Daypass's.
USER_AGENT = f"Daypass Boto3/{boto3.__version__} Botocore/{botocore.__version__}"

LONGEST_ANSWER = 10.0  # seconds


class WorkloadIdentity(StrEnum):
    WORKER = "worker"
    BUILDER = "builder"
    ISSUER = "issuer"


class Use(StrEnum):
    """How often a call is tried, and how long each try waits for the answer."""

    READ = "read"  # no worker waits for these calls while it holds a lease
    READ_IN_LEASE = "read in lease"  # all tries together end before the lease of the role
    READ_ONCE = "read once"  # the same, for silent roles
    WRITE = "write"


def iam(identity: WorkloadIdentity, target: AwsTarget, *, use: Use = Use.READ) -> "IAMClient":
    """Return the IAM client of an identity in an account for one kind of use."""
    return _client(identity, "iam", target, use=use, pid=os.getpid())  # type: ignore[no-any-return]


def sts(identity: WorkloadIdentity, target: AwsTarget) -> "STSClient":
    """Return the STS client of an identity in an account; only the issuer opens sessions with it."""
    return _client(identity, "sts", target, use=Use.WRITE, pid=os.getpid())  # type: ignore[no-any-return]


def analyzer(identity: WorkloadIdentity, target: AwsTarget) -> Any:
    """Return the Access Analyzer client of an identity. It tries once: nobody waits for what can be done without."""
    return _client(identity, "accessanalyzer", target, use=Use.WRITE, pid=os.getpid())


def refresh_credentials(identity: WorkloadIdentity, target: AwsTarget) -> None:
    """Fetch the credentials of an identity in an account if they expire soon, so that the next call need not.

    Threads of a process share them and wait for each other's refresh. [STS AssumeRole]
    """
    credentials = _session(identity, target, os.getpid()).get_credentials()
    if credentials is not None:
        credentials.get_frozen_credentials()


def forget() -> None:
    """Drop the cached clients, so that changed credentials are read again."""
    _client.cache_clear()
    _session.cache_clear()


_building = threading.RLock()


@functools.cache
def _client(identity: WorkloadIdentity, service: str, target: AwsTarget, use: Use, pid: int) -> Any:
    """Return the client of process `pid`. Threads can share a client, but not its making, and none survives a fork."""
    with _building:
        session = _session(identity, target, pid)
        return session.client(
            service,  # type: ignore[call-overload]
            config=_config(use) if service == "iam" else _once(),
            endpoint_url=settings.AWS_ENDPOINT_URL or None,
        )


@functools.cache
def _session(identity: WorkloadIdentity, target: AwsTarget, pid: int) -> boto3.Session:  # noqa: ARG001  # pid is part of the key
    """Return the session that an identity's clients in one account share, with the credentials that it has there."""
    profile = {
        WorkloadIdentity.WORKER: settings.WORKER_PROFILE,
        WorkloadIdentity.BUILDER: settings.BUILDER_PROFILE,
        WorkloadIdentity.ISSUER: settings.ISSUER_PROFILE,
    }[identity]
    own = boto3.Session(profile_name=profile, region_name=target.region, botocore_session=_botocore())
    if own.get_credentials() is None:
        raise NoCredentialsError
    spoke = {WorkloadIdentity.WORKER: target.home.worker, WorkloadIdentity.BUILDER: target.home.builder}.get(identity)
    return _at_spoke(own, spoke, target) if spoke and target.external_id else own


def _botocore() -> botocore.session.Session:
    """Return a session of botocore that reads AWS's times with the standard library, and leaves documents as text.

    Its own way guesses at every spelling of a time, a tenth of a millisecond each: one page of roles holds 1,000 times.
    It reads documents so that two numbers can become one; `roles.document` does not.
    """
    session = botocore.session.get_session()
    handler: Any = json_decode_policies  # the stubs know handlers of another form only
    session.unregister("after-call.iam", handler)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_time)
    timing.watch(session)
    return session


def read_time(text: Any) -> datetime:
    """Return the instant that AWS writes; raises ValueError where it is none. Spellings other than ISO 8601, which some
    services have, are left to botocore.
    """
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return parse_timestamp(text)


def _at_spoke(own: boto3.Session, role_arn: str, target: AwsTarget) -> boto3.Session:
    """Return a session as the spoke role; it is assumed with the first call, and again before its hour is over."""
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=functools.partial(
            own.client, endpoint_url=settings.AWS_ENDPOINT_URL or None, config=_assume_role_config()
        ),
        source_credentials=own.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": role_arn.rsplit("/", 1)[1], "ExternalId": target.external_id},
    )
    session = _botocore()
    session.register_component("credential_provider", CredentialResolver([_Spoke(fetcher)]))
    return boto3.Session(botocore_session=session, region_name=target.region)


class _Spoke(CredentialProvider):
    """The one source of a spoke session's credentials: nothing of the environment takes their place."""

    METHOD = "daypass-spoke"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(
            method=self.METHOD, refresh_using=self._fetcher.fetch_credentials, time_fetcher=timing.now
        )


def _config(use: Use) -> Config:
    """Return timeouts and tries. IAM has no conditional write, so a write is tried once and ends well before the lease:
    one that is repeated behind our back could land after somebody else's.
    """
    lease, in_lease = settings.LEASE_SECONDS, use in {Use.READ_IN_LEASE, Use.READ_ONCE}
    tries = {Use.READ: 3, Use.READ_IN_LEASE: 2}.get(use, 1)
    return Config(
        connect_timeout=min(3.0, lease / 6),
        read_timeout=min(10.0, lease * 0.3 if in_lease else lease / 2),
        retries={"mode": "standard", "total_max_attempts": tries},
        max_pool_connections=20,
        user_agent=USER_AGENT,
    )


def _once() -> Config:
    """Return the same where nobody waits with a lease: one try, and all the time that an answer can take."""
    return Config(
        connect_timeout=3,
        read_timeout=LONGEST_ANSWER,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=20,
        user_agent=USER_AGENT,
    )


def _assume_role_config() -> Config:
    """Return the same for the way into a spoke, which may come before a write: both fit into what a lease has left."""
    return Config(
        connect_timeout=min(2.0, settings.LEASE_SECONDS / 12),
        read_timeout=min(5.0, settings.LEASE_SECONDS / 5),
        retries={"mode": "standard", "total_max_attempts": 1},
        user_agent=USER_AGENT,
    )
