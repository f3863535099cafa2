"""A caller of AssumeRole: how a statement can name the caller, and the condition keys of the call.

Grounds: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".
"""

import functools
from dataclasses import dataclass
from datetime import datetime

from access.verify.conditions import Context, Possible
from access.verify.matching import ANY

# Identity Center keeps its roles below this path; a session's ARN does not show the path. [aws.md §10]
_SSO_NAME, _SSO_PATH = "AWSReservedSSO_", "aws-reserved/sso.amazonaws.com/"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller of AssumeRole. `user_id` is their `aws:userid`; that of a session is `AROA…:session`.

    The id of a role without a session, `AROA…`, means any session of the role; "" means that the id is not known.
    """

    arn: str
    session_name: str
    user_id: str = ""
    external_id: str = ""
    mfa: bool = False
    source_ip: str = "203.0.113.7"

    @property
    def account_id(self) -> str:
        return self.arn.split(":")[4]

    @property
    def is_session(self) -> bool:
        return ":assumed-role/" in self.arn

    @property
    def is_role(self) -> bool:
        return self.arn.split(":", 5)[5].startswith("role/")

    def context(self, at: datetime) -> Context:
        """Return what the request's context can hold at `at`, however they call."""
        return _chosen(self) | _identity(self) | _time(at)

    def plain_context(self, at: datetime) -> Context:
        """Return what it holds when they call from their address, not through a VPC endpoint."""
        mfa = ("true",) if self.mfa else ("false",) if self.is_session or self.is_role else (None,)
        plain: dict[str, Possible] = {"aws:sourceip": (self.source_ip,), "aws:multifactorauthpresent": mfa}
        return {**self.context(at), **plain}

    def open_context(self, at: datetime) -> Context:
        """Return what is certain at `at` of whatever request they make: who they are, and the time."""
        return _identity(self) | _time(at)


@dataclass(frozen=True, slots=True)
class Names:
    """The names, as `principal_names` gives them, that mean a caller for certain, and those that can mean them.

    `own` are the certain ones that mean nobody else.
    """

    own: frozenset[str]
    certain: frozenset[str]
    possible: frozenset[str]


# The same few callers and times are evaluated again and again.
@functools.lru_cache(maxsize=1024)
def names_of(caller: Caller) -> Names:
    """Return every way in which a statement can name them: themselves, their role, their account, or everybody."""
    _, partition, _, _, account, resource = caller.arn.split(":", 5)
    certain = {"*", caller.arn, account, f"arn:{partition}:iam::{account}:root"}
    possible: set[str] = set()
    if caller.is_session:
        certain.add(_role_token(partition, account, resource.split("/")[1]))
    elif caller.is_role:
        name, session = resource.rsplit("/", 1)[-1], caller.user_id.partition(":")[2]
        if session:
            certain.add(f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}")
        else:
            possible.add(_session_token(partition, account, name))
    return Names(frozenset({"*", caller.arn}), frozenset(certain), frozenset(possible))


def session_context(user_id: str, *, at: datetime) -> Context:
    """Return what is certain at `at` of a request that a live session makes."""
    return {"aws:userid": (user_id,)} | _time(at)


def principal_names(name: str) -> tuple[str, ...]:
    """Return the names by which `names_of` can find a principal that a statement names so."""
    parts = name.split(":", 5)
    if len(parts) < 6:
        return (name,)
    _, partition, service, _, account, resource = parts
    if service == "iam" and resource.startswith("role/"):
        return name, _role_token(partition, account, resource.rsplit("/", 1)[-1])
    if service == "sts" and resource.startswith("assumed-role/"):
        return name, _session_token(partition, account, resource.split("/")[1])
    return (name,)


def _role_token(partition: str, account: str, name: str) -> str:
    """Return what stands for a role of which only the name is known, not the path. Nobody reads it."""
    return f"role:{partition}:{account}:{name}"


def _session_token(partition: str, account: str, name: str) -> str:
    return f"session-of-role:{partition}:{account}:{name}"


@functools.lru_cache(maxsize=1024)
def _chosen(caller: Caller) -> dict[str, Possible]:
    """Return what they choose. A call through a VPC endpoint has no address, a long-term key no word on a factor."""
    return {
        "aws:sourceip": (caller.source_ip, None),
        "aws:multifactorauthpresent": ("true",) if caller.mfa else ("false", None),
        "sts:rolesessionname": (caller.session_name,),
        "sts:externalid": (caller.external_id or None,),
    }


@functools.lru_cache(maxsize=1024)
def _identity(caller: Caller) -> dict[str, Possible]:
    resource, is_user = caller.arn.split(":", 5)[5], not (caller.is_session or caller.is_role)
    known: dict[str, Possible] = {
        "aws:principalarn": (_principal_arn(caller),),
        "aws:principalaccount": (caller.account_id,),
        "aws:principaltype": ("User" if is_user else "AssumedRole",),
        "aws:username": (resource.rsplit("/", 1)[-1] if is_user else None,),
    }
    if not caller.user_id:
        return known
    of_any_session = caller.user_id.startswith("AROA") and ":" not in caller.user_id
    return known | {"aws:userid": (f"{caller.user_id}:{ANY}" if of_any_session else caller.user_id,)}


def _principal_arn(caller: Caller) -> str:
    """Return `aws:PrincipalArn`: that of a session is its role's ARN, with the path that the session's ARN lacks."""
    if not caller.is_session:
        return caller.arn
    _, partition, _, _, account, resource = caller.arn.split(":", 5)
    name = resource.split("/")[1]
    path = _SSO_PATH + ANY if name.startswith(_SSO_NAME) else ANY
    return f"arn:{partition}:iam::{account}:role/{path}{name}"


@functools.lru_cache(maxsize=1024)
def _time(at: datetime) -> dict[str, Possible]:
    return {"aws:currenttime": (at.isoformat(timespec="microseconds"),), "aws:epochtime": (str(int(at.timestamp())),)}
