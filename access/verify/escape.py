"""Decide from a role's permissions whether a session could bypass or outlive its expiry."""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.bypass import ESCAPES, completed
from access.verify.evaluator import statement_list

__all__ = ["ESCAPES", "can_bypass_expiry"]


def can_bypass_expiry(policies: Sequence[Mapping[str, Any]], boundary: Mapping[str, Any] | None) -> list[str]:
    """Return the actions by which a session of a role with these policies can bypass expiry; [] is what we want.

    Only a Deny without conditions on all resources removes an action; conditions and resources of an Allow are not
    read, so that what is not certain counts as possible.
    """

    def allows(action: str) -> bool:
        allowed = any(_allows(policy, action) for policy in policies)
        denied = any(_denies(policy, action) for policy in policies)
        return allowed and not denied and (boundary is None or _leaves(boundary, action))

    return completed(allows)


def _leaves(boundary: Mapping[str, Any], action: str) -> bool:
    return _allows(boundary, action) and not _denies(boundary, action)


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
    return any(_matches_one(str(pattern).lower(), action.lower()) for pattern in listed)


def _matches_one(pattern: str, action: str) -> bool:
    """Return whether IAM's pattern takes in the action: only `*` and `?` are wildcards there."""
    return fnmatch.fnmatchcase(action, pattern.replace("[", "[[]"))
