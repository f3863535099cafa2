"""Decide what IAM would decide: may this caller assume the role now, is this session denied now.

Grounds: IAM User Guide, "Policy evaluation logic" and "AWS JSON policy elements: Principal".
"""

import fnmatch
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.verify.conditions import UnknownOperator, holds

_NOT_HIS_TO_CHOOSE = frozenset({"aws:userid", "aws:principalarn", "aws:principalaccount", "aws:currenttime"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls AssumeRole. `user_id` is his `aws:userid`; a session's is `AROA…:session`."""

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

    def context(self, at: datetime) -> dict[str, str]:
        keys = {
            "aws:currenttime": at.isoformat(),
            "aws:epochtime": str(int(at.timestamp())),
            "aws:principalarn": self.arn,
            "aws:principalaccount": self.account_id,
            "aws:sourceip": self.source_ip,
            "aws:multifactorauthpresent": "true" if self.mfa else "false",
            "sts:rolesessionname": self.session_name,
        }
        optional = {"aws:userid": self.user_id, "sts:externalid": self.external_id}
        return keys | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says about AssumeRole, read once to be asked many times.

    `names` are the principals as they are written; `excepts` says that everybody else is meant (NotPrincipal).
    """

    allows: bool
    names: frozenset[str]
    excepts: bool
    statement: Mapping[str, Any]

    def means(self, caller: Caller) -> bool:
        return self.names.isdisjoint(_names_of(caller.arn)) == self.excepts


def read(document: Mapping[str, Any] | None) -> list[Said]:
    """Give what a trust policy says about AssumeRole, statement by statement."""
    return [
        Said(
            allows=statement.get("Effect") == "Allow",
            names=frozenset(_written_names(statement.get("NotPrincipal", statement.get("Principal", {})))),
            excepts="NotPrincipal" in statement,
            statement=statement,
        )
        for statement in statement_list(document)
        if _names_action(statement, "sts:assumerole")
    ]


def admits(document: Mapping[str, Any] | None, caller: Caller, *, at: datetime) -> bool:
    """Say whether a trust policy lets `caller` assume the role at `at`."""
    return admitted(read(document), caller, at=at)


def admitted(said: Sequence[Said], caller: Caller, *, at: datetime) -> bool:
    """Say whether a trust policy that was read lets `caller` assume the role at `at`.

    What cannot be decided counts on the unsafe side: an Allow with an unknown condition admits, a Deny with one denies
    nothing.
    """
    context = caller.context(at)
    allowed = False
    for one in said:
        if one.means(caller) and _condition_holds(one.statement, context, unknown=one.allows):
            if not one.allows:
                return False
            allowed = True
    return allowed


def could_admit(document: Mapping[str, Any] | None, caller: Caller, *, at: datetime) -> bool:
    """Say whether a trust policy could let the principal of `caller` in, at `at` or later, in any session.

    Only what he cannot choose is decided: who he is, and that an end is past. Whatever else an Allow asks for counts as
    there, and a Deny that asks for anything else counts as absent.
    """
    context = {key: value for key, value in caller.context(at).items() if key in _NOT_HIS_TO_CHOOSE}
    if caller.is_session:
        del context["aws:principalarn"]  # it holds the role's ARN, whose path no session shows
    allowed = False
    for one in read(document):
        if not (one.means(caller) or (one.allows and _names_relative_of(one.statement, caller))):
            continue
        decided, is_open = _decided(one.statement.get("Condition", {}), context)
        if (one.allows or not is_open) and _condition_holds({"Condition": decided}, context, unknown=one.allows):
            if not one.allows:
                return False
            allowed = True
    return allowed


def denies(document: Mapping[str, Any] | None, *, user_id: str, at: datetime) -> bool:
    """Say whether an identity policy denies everything to the session with this `aws:userid` at `at`."""
    context = {"aws:userid": user_id, "aws:currenttime": at.isoformat()}
    return any(
        statement.get("Effect") == "Deny"
        and statement.get("Action") == "*"
        and statement.get("Resource") == "*"
        and _condition_holds(statement, context, unknown=False)
        for statement in statement_list(document)
    )


def with_deleted_principal(document: Mapping[str, Any] | None) -> set[str]:
    """Give the Sids of the statements whose principal IAM shows as a bare unique id: it was deleted. [aws.md §1]"""
    bare = ("AIDA", "AROA")
    return {
        str(statement.get("Sid", ""))
        for statement in statement_list(document)
        if isinstance(principal := statement.get("Principal"), Mapping)
        and isinstance(named := principal.get("AWS"), str)
        and named.startswith(bare)
    }


def statement_list(document: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Give the statements, whether the document has one as an object or a list of them."""
    body = (document or {}).get("Statement", [])
    return list(body) if isinstance(body, list) else [body]


def _condition_holds(statement: Mapping[str, Any], context: Mapping[str, str], *, unknown: bool) -> bool:
    try:
        return holds(statement.get("Condition", {}), context)
    except (UnknownOperator, AttributeError):
        return unknown


def _decided(condition: Mapping[str, Any], context: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], bool]:
    """Give the tests that the context decides for ever, and whether there are others."""
    decided: dict[str, dict[str, Any]] = {}
    is_open = False
    for operator, tests in condition.items():
        for key, values in tests.items():
            is_time = key.lower() == "aws:currenttime"
            if key.lower() in context and (not is_time or operator.lower().startswith("datelessthan")):
                decided.setdefault(operator, {})[key] = values
            else:
                is_open = True
    return decided, is_open


def _names_relative_of(statement: Mapping[str, Any], caller: Caller) -> bool:
    """Say whether the statement names a session of the role that `caller` is, or the role that his session is of."""
    _, partition, _, _, account, resource = caller.arn.split(":", 5)
    names = _written_names(statement.get("Principal"))
    if caller.is_session:
        roles, name = f"arn:{partition}:iam::{account}:role/", resource.split("/")[1]
        return any(named.startswith(roles) and named.endswith(f"/{name}") for named in names)
    sessions = f"arn:{partition}:sts::{account}:assumed-role/{resource.rsplit('/', 1)[-1]}/"
    return resource.startswith("role/") and any(name.startswith(sessions) for name in names)


def _names_action(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _matches_any(statement["NotAction"], action)
    return _matches_any(statement.get("Action", []), action)


def _matches_any(patterns: Any, action: str) -> bool:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any(_matches(str(pattern), action) for pattern in listed)


@functools.lru_cache(maxsize=1024)
def _matches(pattern: str, action: str) -> bool:
    return fnmatch.fnmatchcase(action, pattern.lower())


def _written_names(principal: Any) -> list[str]:
    if principal == "*":
        return ["*"]
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else []
    return [str(name) for name in named] if isinstance(named, list) else [str(named)]


@functools.lru_cache(maxsize=1024)
def _names_of(arn: str) -> frozenset[str]:
    """Give every way in which a statement may name this principal: himself, his whole account, or everybody."""
    _, partition, _, _, account, _ = arn.split(":", 5)
    return frozenset({"*", arn, account, f"arn:{partition}:iam::{account}:root"})
