"""Decide what IAM would decide: may this caller assume the role now, is this session denied now.

Grounds: IAM User Guide, "Policy evaluation logic" and "AWS JSON policy elements: Principal".
"""

import fnmatch
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.verify.conditions import Question, UnknownOperator, questions

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
        return _fixed_context(self) | _time_context(at)


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says about AssumeRole, read once to be asked many times.

    `names` are the principals as they are written; `excepts` says that everybody else is meant (NotPrincipal).
    `asks` are the tests of its Condition; None when that is no such element.
    """

    allows: bool
    names: frozenset[str]
    excepts: bool
    asks: tuple[Question, ...] | None
    statement: Mapping[str, Any]

    def means(self, names: frozenset[str]) -> bool:
        """Say whether it speaks of whoever may be named by one of `names`."""
        return self.names.isdisjoint(names) == self.excepts

    def is_met(self, context: Mapping[str, str]) -> bool:
        """Say whether its conditions hold; what cannot be decided counts on the unsafe side."""
        return self.allows if self.asks is None else are_met(self.asks, context, unknown=self.allows)


def read(document: Mapping[str, Any] | None) -> list[Said]:
    """Give what a trust policy says about AssumeRole, statement by statement."""
    return [
        Said(
            allows=statement.get("Effect") == "Allow",
            names=frozenset(_written_names(statement.get("NotPrincipal", statement.get("Principal", {})))),
            excepts="NotPrincipal" in statement,
            asks=_asks(statement),
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
    names = _names_of(caller.arn)
    about_him = [one for one in said if one.means(names)]
    if not about_him:
        return False
    context = caller.context(at)
    met = [one.allows for one in about_him if one.is_met(context)]
    return bool(met) and all(met)


def could_admit(document: Mapping[str, Any] | None, caller: Caller, *, at: datetime) -> bool:
    """Say whether a trust policy could let the principal of `caller` in, at `at` or later, in any session.

    Only what he cannot choose is decided: who he is, and that an end is past. Whatever else an Allow asks for counts as
    there, and a Deny that asks for anything else counts as absent.
    """
    context = {key: value for key, value in caller.context(at).items() if key in _NOT_HIS_TO_CHOOSE}
    if caller.is_session:
        del context["aws:principalarn"]  # it holds the role's ARN, whose path no session shows
    allowed, names = False, _names_of(caller.arn)
    for one in read(document):
        if not (one.means(names) or (one.allows and _names_relative_of(one.statement, caller))):
            continue
        decided, is_open = _decided(one.statement.get("Condition", {}), context)
        asks = tuple(questions(decided))
        if (one.allows or not is_open) and are_met(asks, context, unknown=one.allows):
            if not one.allows:
                return False
            allowed = True
    return allowed


def denies(document: Mapping[str, Any] | None, *, user_id: str, at: datetime) -> bool:
    """Say whether an identity policy denies everything to the session with this `aws:userid` at `at`."""
    return denied(read_denials(document), user_id=user_id, at=at)


def read_denials(document: Mapping[str, Any] | None) -> list[tuple[Question, ...]]:
    """Give what an identity policy asks of a session to which it denies everything, statement by statement."""
    return [
        asks
        for statement in statement_list(document)
        if statement.get("Effect") == "Deny" and statement.get("Action") == "*" and statement.get("Resource") == "*"
        if (asks := _asks(statement)) is not None
    ]


def denied(denials: Sequence[tuple[Question, ...]], *, user_id: str, at: datetime) -> bool:
    """Say whether what was read denies everything to this session at `at`; what cannot be decided denies nothing."""
    context = {"aws:userid": user_id} | _time_context(at)
    return any(are_met(asks, context, unknown=False) for asks in denials)


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


# What is asked comes up with the same few callers and times again and again.
@functools.lru_cache(maxsize=1024)
def _fixed_context(caller: Caller) -> dict[str, str]:
    keys = {
        "aws:principalarn": caller.arn,
        "aws:principalaccount": caller.account_id,
        "aws:sourceip": caller.source_ip,
        "aws:multifactorauthpresent": "true" if caller.mfa else "false",
        "sts:rolesessionname": caller.session_name,
    }
    optional = {"aws:userid": caller.user_id, "sts:externalid": caller.external_id}
    return keys | {key: value for key, value in optional.items() if value}


@functools.lru_cache(maxsize=1024)
def _time_context(at: datetime) -> dict[str, str]:
    return {"aws:currenttime": at.isoformat(), "aws:epochtime": str(int(at.timestamp()))}


def _asks(statement: Mapping[str, Any]) -> tuple[Question, ...] | None:
    try:
        return tuple(questions(statement.get("Condition", {})))
    except AttributeError:
        return None


def are_met(asks: Sequence[Question], context: Mapping[str, str], *, unknown: bool) -> bool:
    """Say whether every test holds, or `unknown` when that cannot be decided."""
    try:
        return all(question.holds(context) for question in asks)
    except UnknownOperator:
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
