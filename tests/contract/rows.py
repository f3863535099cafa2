"""A row of the contract: a sentence, where AWS says so, what is done, and what AWS answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.contract.sandbox import Document, Role, Sandbox, User
from tests.localaws.server import Credentials

Act = Callable[["Play"], str]
ALLOW = "allow"
DENIED = "AccessDenied"
MALFORMED = "MalformedPolicyDocument"
CLOCK = "needs a clock that can be moved"
LOCAL = "needs the local AWS's root or options"


@dataclass(frozen=True)
class Row:
    """`needs` says what real accounts cannot give; the row is skipped there, with this reason."""

    name: str
    source: str
    expected: str
    act: Act
    needs: str = ""


class Table:
    """Collects the rows of one subject."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(self, name: str, *, source: str, expect: str = ALLOW, needs: str = "") -> Callable[[Act], Act]:
        """Make a function a row; it returns `allow`, AWS's error code, or the fact that it found."""

        def add(act: Act) -> Act:
            self.rows.append(Row(name, source, expect, act, needs))
            return act

        return add

    def trust(self, name: str, *, source: str, expect: str, who: str = "richard", **change: Any) -> None:
        """Add a row that writes one trust statement and assumes the role.

        `change` is `statement` (fields put over the plain one), `condition`, `more` (further statements),
        and `call` (parameters of AssumeRole); values may be functions of the play.
        """

        def act(play: "Play") -> str:
            made = {part: value(play) if callable(value) else value for part, value in change.items()}
            statement = {**play.statement(), **made.get("statement", {})}
            if "condition" in made:
                statement["Condition"] = made["condition"]
            role = play.sandbox.role(document(statement, *made.get("more", [])), **made.get("role", {}))
            caller = getattr(play, who)
            keys = caller.keys if isinstance(caller, User) else caller
            return play.assuming(keys, role, expect, **made.get("call", {}))

        self.rows.append(Row(name, source, expect, act))


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: str | list[str], **rest: Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


def deny(action: str | list[str], resource: str | list[str], **rest: Any) -> Document:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **rest}


class Play:
    """The cast, made when a row first needs it: richard and rita of the contractor's account, and others."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def reach(self, *actions: str) -> Document:
        """Return the identity policy of somebody who may assume every role of this run in our account."""
        roles = f"arn:aws:iam::{self.sandbox.host.account}:role/*{self.sandbox.prefix}*"
        return document(allow(["sts:AssumeRole", *actions], roles))

    @cached_property
    def richard(self) -> User:
        return self.sandbox.user(self.sandbox.contractor, "Richard", self.reach())

    @cached_property
    def rita(self) -> User:
        return self.sandbox.user(self.sandbox.contractor, "Rita", self.reach())

    @cached_property
    def pauper(self) -> User:
        """Return a user of the contractor's account without any permission."""
        return self.sandbox.user(self.sandbox.contractor, "Pauper")

    @cached_property
    def colleague(self) -> User:
        """Return a user of our own account without any permission."""
        return self.sandbox.user(self.sandbox.host, "Colleague")

    @cached_property
    def tagger(self) -> User:
        """Return a user of the contractor's account who can also set source identity and tags."""
        return self.sandbox.user(
            self.sandbox.contractor, "Tagger", self.reach("sts:SetSourceIdentity", "sts:TagSession")
        )

    @cached_property
    def team(self) -> Role:
        """Return a role of the contractor's account that richard may assume; its sessions may assume our roles."""
        sandbox = self.sandbox
        iam, name = sandbox.admin(sandbox.contractor), sandbox.name("team")
        trust = document({**self.statement(), "Principal": {"AWS": self.richard.arn}})
        made = sandbox.patiently(
            lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=43200)
        )["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="given", PolicyDocument=json.dumps(self.reach()))
        return Role(name, made["Arn"], made["RoleId"])

    @cached_property
    def team_session(self) -> Credentials:
        return self.sandbox.assume(self.richard.keys, self.team.arn, "richard-of-team")

    @cached_property
    def bucket(self) -> str:
        name = self.sandbox.name("bucket")
        self.sandbox.admin(self.sandbox.host, "s3").create_bucket(Bucket=name)
        return name

    @property
    def putter(self) -> Document:
        """Return the permissions policy of the walkthrough: PutObject on the bucket and nothing else."""
        return document(allow("s3:PutObject", f"arn:aws:s3:::{self.bucket}/*"))

    def statement(self, **rest: Any) -> Document:
        """Return the plain trust statement: richard, exactly."""
        return {"Effect": "Allow", "Principal": {"AWS": self.richard.arn}, "Action": "sts:AssumeRole", **rest}

    def assuming(self, who: Credentials, role: Role, expected: str, **call: Any) -> str:
        """Return what AssumeRole answers."""
        wanted = {"RoleArn": role.arn, "RoleSessionName": "daypass-row", **call}
        return self.sandbox.outcome(lambda: self.sandbox.of(who).assume_role(**wanted), expected)

    def session(
        self, *, permissions: Document | None = None, role: dict[str, Any] | None = None, **call: Any
    ) -> "Open":
        """Return a live session of richard's on a new role that may put objects."""
        made = self.sandbox.role(document(self.statement()), permissions=permissions or self.putter, **(role or {}))
        return Open(made, self.sandbox.assume(self.richard.keys, made.arn, **call))

    def putting(self, who: Credentials, expected: str, **rest: Any) -> str:
        """Return what PutObject into the bucket answers."""
        s3 = self.sandbox.of(who, "s3")
        return self.sandbox.outcome(
            lambda: s3.put_object(Bucket=self.bucket, Key="row.txt", Body=b"row", **rest), expected
        )

    def close(self, role: Role, *statements: Document) -> None:
        """Write the role's expiry policy."""
        text = json.dumps(document(*statements))
        self.sandbox.admin(self.sandbox.host).put_role_policy(
            RoleName=role.name, PolicyName="closing", PolicyDocument=text
        )

    def saving(self, trust: Document | str, expected: str) -> str:
        """Return what UpdateAssumeRolePolicy answers to this document."""
        role = self.sandbox.role(document(self.statement()))
        text = trust if isinstance(trust, str) else json.dumps(trust)
        iam = self.sandbox.admin(self.sandbox.host)
        return self.sandbox.outcome(
            lambda: iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=text), expected
        )


@dataclass(frozen=True)
class Open:
    """An open session: the role, and the credentials."""

    role: Role
    keys: Credentials
