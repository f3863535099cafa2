"""Two AWS accounts to play the contract on: the local ones, or two real sandbox accounts.

Everything that is made carries the sandbox's prefix and is deleted at the end, also after a failure.
"""

import contextlib
import json
import os
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.contract.cleanup import sweep_account
from tests.localaws.server import CONTRACTOR_ACCOUNT, HOST_ACCOUNT, REGION, Credentials, LocalAws

REAL_SETTLE_SECONDS = 15.0  # what IAM usually needs until STS has seen a change
REAL_PATIENCE_SECONDS = 120.0
PROFILES = ("CONTRACT_HOST_PROFILE", "CONTRACT_CONTRACTOR_PROFILE")
REAL_SIGNIN = "https://us-east-1.signin.aws.amazon.com/federation"
# botocore would refuse some of the wrong parameters itself; AWS is to be asked.
_config = Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 2})
Document = dict[str, Any]


@dataclass
class Side:
    """One account: its number and a boto3 session that administers it."""

    account: str
    session: boto3.Session
    endpoint: str | None

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint, config=_config)  # type: ignore[call-overload]


@dataclass
class Sandbox:
    """The two accounts, and what the rows do on them."""

    host: Side
    contractor: Side
    local: LocalAws | None
    prefix: str = field(default_factory=lambda: f"daypass-contract-{secrets.token_hex(4)}")
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _serial: int = 0

    @property
    def aws(self) -> LocalAws:
        """Return the local AWS, for rows that need its switches."""
        assert self.local is not None, "the row needs the local AWS and must say so"
        return self.local

    @property
    def signin_url(self) -> str:
        return f"{self.local.url}/federation" if self.local else REAL_SIGNIN

    def name(self, word: str) -> str:
        self._serial += 1
        return f"{self.prefix}-{self._serial}-{word}"

    def admin(self, side: Side, service: str = "iam") -> Any:
        return self._cached((side.account, service), lambda: side.client(service))

    def of(self, who: Credentials, service: str = "sts") -> Any:
        """Return a client with these credentials."""

        def make() -> Any:
            return boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=self.host.endpoint,
                region_name=REGION,
                aws_access_key_id=who.access_key,
                aws_secret_access_key=who.secret_key,
                aws_session_token=who.token,
                config=_config,
            )

        return self._cached((f"{who.access_key}{who.secret_key[:4]}{(who.token or '')[-8:]}", service), make)

    def _cached(self, key: tuple[str, str], make: Callable[[], Any]) -> Any:
        if key not in self._clients:
            self._clients[key] = make()
        return self._clients[key]

    def user(self, side: Side, word: str, policy: Document | None = None, path: str = "/") -> "User":
        """Return a new IAM user with keys, and with an inline policy when one is given."""
        iam, name = self.admin(side), self.name(word)
        made = iam.create_user(UserName=name, Path=path)["User"]
        if policy is not None:
            iam.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=json.dumps(policy))
        keys = Credentials.of(iam.create_access_key(UserName=name))
        return User(name, made["Arn"], made["UserId"], keys, side)

    def role(self, trust: Document | str, *, permissions: Document | None = None, **rest: Any) -> "Role":
        """Return a new role in our account; `rest` goes to CreateRole."""
        iam, name = self.admin(self.host), self.name("role")
        document = trust if isinstance(trust, str) else json.dumps(trust)
        made = self.patiently(lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **rest))["Role"]
        if permissions is not None:
            iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=json.dumps(permissions))
        return Role(name, made["Arn"], made["RoleId"])

    def patiently(self, attempt: Callable[[], Any]) -> Any:
        """Return what a set-up call answers; a real IAM may need a while to know a new principal."""
        deadline = time.monotonic() + REAL_PATIENCE_SECONDS
        while True:
            try:
                return attempt()
            except ClientError as refusal:
                unknown = "Invalid principal" in str(refusal)
                if self.local or not unknown or time.monotonic() > deadline:
                    raise
            time.sleep(3)

    def outcome(self, attempt: Callable[[], Any], expected: str = "allow") -> str:
        """Return `allow` or AWS's error code; on real accounts wait until the changes before have been seen."""
        if self.local is None and expected != "allow":
            time.sleep(REAL_SETTLE_SECONDS)
        deadline = time.monotonic() + (0 if self.local else REAL_PATIENCE_SECONDS)
        while True:
            try:
                attempt()
            except ClientError as refusal:
                found = str(refusal.response["Error"]["Code"])
            else:
                found = "allow"
            if found == expected or time.monotonic() > deadline:
                return found
            time.sleep(3)

    def assume(self, who: Credentials, role_arn: str, session: str = "daypass-row", **rest: Any) -> Credentials:
        """Return the credentials of a session; on real accounts patiently, for use in set-ups."""
        deadline = time.monotonic() + (0 if self.local else REAL_PATIENCE_SECONDS)
        while True:
            try:
                answer = self.of(who).assume_role(RoleArn=role_arn, RoleSessionName=session, **rest)
            except ClientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(3)
            else:
                return Credentials.of(answer)

    def signin(self, who: Credentials, **rest: str) -> str:
        """Return `allow` or the HTTP status that getSigninToken answers."""
        session = {"sessionId": who.access_key, "sessionKey": who.secret_key, "sessionToken": who.token}
        form = urllib.parse.urlencode({"Action": "getSigninToken", "Session": json.dumps(session), **rest})
        request = urllib.request.Request(self.signin_url, data=form.encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return "allow" if json.load(answer)["SigninToken"] else "no token"
        except urllib.error.HTTPError as refusal:
            return str(refusal.code)


@dataclass(frozen=True)
class User:
    name: str
    arn: str
    id: str
    keys: Credentials
    side: Side


@dataclass(frozen=True)
class Role:
    name: str
    arn: str
    id: str


@contextlib.contextmanager
def local_sandbox(aws: LocalAws) -> Iterator[Sandbox]:
    """Yield two accounts on the local AWS, emptied before and after."""

    def side(account: str) -> Side:
        return Side(account, boto3.Session(account, "test", region_name=REGION), aws.url)

    aws.reset()
    yield Sandbox(side(HOST_ACCOUNT), side(CONTRACTOR_ACCOUNT), aws)
    aws.reset()


@contextlib.contextmanager
def real_sandbox() -> Iterator[Sandbox]:
    """Yield two real sandbox accounts, named by the AWS profiles that the two variables hold."""

    def side(variable: str) -> Side:
        session = boto3.Session(profile_name=os.environ[variable], region_name=REGION)
        return Side(session.client("sts").get_caller_identity()["Account"], session, None)

    sandbox = Sandbox(side(PROFILES[0]), side(PROFILES[1]), None)
    try:
        yield sandbox
    finally:
        for account in (sandbox.host, sandbox.contractor):
            sweep_account(account.client("iam"), account.client("s3"), sandbox.prefix)
