"""Check the format of an expiry policy, and what happens to its unmanaged statements."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from access.lifecycle import OAUTH_SESSION_PATTERN, SESSION_NAME_PATTERN, RoleFacts
from access.texts.text import Text
from access.verify.evaluator import statement_list

_Statement = Mapping[str, Any]
_KEYS = {"Effect", "Action", "Resource", "Condition"}
_IAM_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)


def split(role: RoleFacts, document: Any, known: Collection[str]) -> tuple[list[_Statement], list[_Statement]]:
    """Return the statements of an expiry policy that are ours, and those that no grant explains.

    `known` holds the session names of all grants that the role has, or had. Of a Deny that also names other sessions,
    the part for those counts as unexplained.
    """
    ours: list[_Statement] = []
    others: list[_Statement] = []
    for statement in statement_list(document):
        strangers = [one for one in sessions_of(role, statement) if one.partition(":")[2] not in known]
        if statement in tokens_of(role):
            ours.append(statement)
        elif not sessions_of(role, statement) or len(strangers) == len(sessions_of(role, statement)):
            others.append(statement)
        elif strangers:
            rest = {**statement["Condition"], "StringEquals": {"aws:userid": strangers}}
            others.append({**statement, "Condition": rest})
        else:
            ours.append(statement)
    return ours, others


def own_denies(role: RoleFacts, document: Any, *, known: Collection[str]) -> _Statement:
    """Return an expiry policy without the statements that no grant explains: those may go, or stop to deny."""
    return {"Statement": split(role, document, known)[0]}


def check_kept(role: RoleFacts, expiry_policy: Any, before: Any, *, known: Collection[str]) -> Iterator[Text]:
    """Yield a finding for each unexplained statement that is added, and for each Deny of others that would be lost.

    An imported role also denies our sessions the two actions that would stretch them, once; a managed role does not.
    """
    ours, others = split(role, expiry_policy, known)
    if ours and [one for one in ours if one in tokens_of(role)] != tokens_of(role):
        yield Text("finding_longer_tokens")
    replaced = tokens_of(role, sessions=SESSION_NAME_PATTERN)  # of version 0.2.0; today's denies the same and more
    was = [one for one in split(role, before, known)[1] if one.get("Effect") == "Deny" and one not in replaced]
    if any(others.count(one) > was.count(one) for one in others):
        yield Text("finding_expiry_form")
    if any(others.count(one) < was.count(one) for one in was):
        yield Text("finding_deny_lost")
    if others and _head(expiry_policy) != _head(before):
        yield Text("finding_denies_other_version")


def sessions_of(role: RoleFacts, statement: _Statement) -> list[str]:
    """Return the `aws:userid`s that a Deny of our own form names; none for any other statement."""
    condition = statement.get("Condition")
    if set(statement) != _KEYS or not isinstance(condition, Mapping):
        return []
    if (statement["Effect"], statement["Action"], statement["Resource"]) != ("Deny", "*", "*"):
        return []
    tests = {operator: tests for operator, tests in condition.items() if operator != "StringEquals"}
    if tests and not (set(tests) == {"DateGreaterThanEquals"} and _is_dated(tests["DateGreaterThanEquals"])):
        return []
    named = condition.get("StringEquals")
    if not isinstance(named, Mapping) or set(named) != {"aws:userid"}:
        return []
    ids = named["aws:userid"] if isinstance(named["aws:userid"], list) else [named["aws:userid"]]
    ours = re.compile(rf"{re.escape(role.unique_id)}:dp[a-z2-7]{{14}}\Z", re.ASCII)
    return ids if all(isinstance(one, str) and ours.match(one) for one in ids) else []


def tokens_of(role: RoleFacts, *, sessions: str = OAUTH_SESSION_PATTERN) -> list[_Statement]:
    """Return the one Deny that an imported role needs beside those of its grants. [aws.md §10]"""
    if role.managed:
        return []
    return [
        {
            "Effect": "Deny",
            "Action": ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"],
            "Resource": "*",
            "Condition": {"StringLike": {"aws:userid": f"{role.unique_id}:{sessions}"}},
        }
    ]


def _is_dated(test: Any) -> bool:
    if not isinstance(test, Mapping) or set(test) != {"aws:CurrentTime"}:
        return False
    dates = test["aws:CurrentTime"] if isinstance(test["aws:CurrentTime"], list) else [test["aws:CurrentTime"]]
    return len(dates) == 1 and isinstance(dates[0], str) and bool(_IAM_TIME.match(dates[0]))


def _head(document: Any) -> dict[str, Any]:
    rest = (
        {key: value for key, value in document.items() if key != "Statement"} if isinstance(document, Mapping) else {}
    )
    return {"Version": "2008-10-17", **rest}
