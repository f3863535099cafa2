"""Evaluate trust policies: can this caller assume this role now, with these parameters."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localaws.documents import statements
from localaws.inside import action_matches, conditions_met
from localaws.principals import Identity, Match, match


@dataclass(frozen=True)
class Verdict:
    """What the trust policy says: an explicit Deny, and every way in which Allow statements name the caller."""

    denied: bool
    allowed: frozenset[Match]


def evaluate_trust(role: dict[str, Any], who: Identity, context: Any) -> Verdict:
    """Return the verdict of a role's trust policy; `context` is ministack's EvalContext of the request."""
    denied, allowed = False, set()
    for statement in _statements(role["AssumeRolePolicyDocument"]):
        named = match(statement["Principal"], role.get("Bindings", {}), who)
        if named is None or not _about(statement, context.action):
            continue
        if not conditions_met(statement.get("Condition", {}), context):
            continue
        if statement["Effect"] == "Deny":
            denied = True
        else:
            allowed.add(named)
    return Verdict(denied, frozenset(allowed))


@lru_cache(maxsize=4096)
def _statements(text: str) -> list[dict[str, Any]]:
    """Return the statements of a stored document; callers only read them."""
    return statements(json.loads(text))


def _about(statement: dict[str, Any], action: str) -> bool:
    def listed(name: str) -> list[str]:
        value = statement.get(name, [])
        return [value] if isinstance(value, str) else value

    return bool(action_matches(action, listed("Action"), listed("NotAction")))
