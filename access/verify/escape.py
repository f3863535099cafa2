"""Could a session of this role undo its own end, or leave it behind? Judged from the role's own permissions."""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.verify.evaluator import statement_list

# With any of these a session could lift its Deny, hand its rights on, or go on as somebody else. [aws.md §4]
ESCAPES = (
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "sts:AssumeRole",
)


def may_undo_end(policies: Sequence[Mapping[str, Any]], boundary: Mapping[str, Any] | None) -> list[str]:
    """Give the actions by which a session of a role with these policies could outlive its end; none is what we want.

    Only a Deny without conditions on all resources takes an action away; conditions and resources of an Allow are not
    looked at, so that what is not certain counts as possible.
    """
    return [
        action
        for action in ESCAPES
        if any(_allows(policy, action) for policy in policies)
        and not any(_denies(policy, action) for policy in policies)
        and (boundary is None or (_allows(boundary, action) and not _denies(boundary, action)))
    ]


def _allows(policy: Mapping[str, Any], action: str) -> bool:
    return any(_names(statement, action) for statement in _with_effect(policy, "Allow"))


def _denies(policy: Mapping[str, Any], action: str) -> bool:
    return any(
        _names(statement, action) and not statement.get("Condition") and statement.get("Resource") in ("*", ["*"])
        for statement in _with_effect(policy, "Deny")
    )


def _with_effect(policy: Mapping[str, Any], effect: str) -> Iterator[Mapping[str, Any]]:
    return (statement for statement in statement_list(policy) if statement.get("Effect") == effect)


def _names(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(statement["NotAction"], action)
    return _matches(statement.get("Action", []), action)


def _matches(patterns: Any, action: str) -> bool:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatch.fnmatchcase(action.lower(), str(pattern).lower()) for pattern in listed)
