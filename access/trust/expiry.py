"""Unmanaged statements of the expiry policy: those that are not Denies by Daypass.

A Deny that somebody added by hand is kept word for word; whatever is not clearly a Deny is not written again.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from access.lifecycle import OAUTH_SESSION_PATTERN, SESSION_NAME_PATTERN, RoleFacts
from access.trust.documents import Document, entries
from access.trust.unmanaged import Fate, Unmanaged, is_deny

OAUTH_ACTIONS = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
_FORM = {"Effect": "Deny", "Action": "*", "Resource": "*"}
_TIME = "aws:CurrentTime"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_OUR_NAME = re.compile(r"dp[a-z2-7]{14}\Z")


def unmanaged_in_expiry(
    role: RoleFacts, present: Mapping[str, Any] | None, *, known: Collection[str]
) -> tuple[Unmanaged, ...]:
    """Return the statements of an expiry policy that no grant explains, in their order.

    `known` holds the session names of all grants that the role has, or had. A Deny of our own form that names other
    sessions too is unmanaged for those: the fallback policy puts both into one Deny.
    """
    ours = [*oauth_denies(role), *oauth_denies(role, sessions=SESSION_NAME_PATTERN)]  # today's and that of 0.2.0
    found = (_unexplained(one, role, known) for one in entries(present) if one not in ours)
    return tuple(
        Unmanaged(one, Fate.DENY if is_deny(one) else Fate.REMOVED, in_expiry=True) for one in found if one is not None
    )


def sessions_named(role: RoleFacts, present: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the session names in the Denies of an expiry policy that are of the form that Daypass writes."""
    return frozenset(name for one in entries(present) for name in _names(one, role))


def oauth_denies(role: RoleFacts, *, sessions: str = OAUTH_SESSION_PATTERN) -> list[Document]:
    """Return the Deny that keeps our sessions of an imported role from becoming longer ones; none on a managed role.

    The permissions boundary of managed roles denies the same two actions. Of other people's sessions, the Deny concerns
    only those whose names match `sessions`.
    """
    if role.managed:
        return []
    ours = {"StringLike": {"aws:userid": f"{role.unique_id}:{sessions}"}}
    return [{"Effect": "Deny", "Action": list(OAUTH_ACTIONS), "Resource": "*", "Condition": ours}]


def _unexplained(statement: Any, role: RoleFacts, known: Collection[str]) -> Any:
    """Return a statement, or what of it no grant explains, or None when all of it is ours."""
    names = _names(statement, role)
    unknown = [name for name in names if name not in known]
    if len(unknown) == len(names):
        return statement
    if not unknown:
        return None
    named = {"StringEquals": {"aws:userid": [f"{role.unique_id}:{name}" for name in unknown]}}
    return {**statement, "Condition": {**statement["Condition"], **named}}


def _names(statement: Any, role: RoleFacts) -> Sequence[str]:
    """Return the session names in a Deny that is exactly of the form that Daypass writes; none in any other."""
    if not isinstance(statement, Mapping) or not isinstance(condition := statement.get("Condition"), Mapping):
        return ()
    if {key: value for key, value in statement.items() if key != "Condition"} != _FORM:
        return ()
    if not {"StringEquals"} <= set(condition) <= {"StringEquals", "DateGreaterThanEquals"}:
        return ()
    dates = _values(condition.get("DateGreaterThanEquals", {"aws:CurrentTime": "1970-01-01T00:00:00Z"}), _TIME)
    if len(dates) != 1 or not _DATE.match(dates[0]):
        return ()
    parts = [user_id.partition(":") for user_id in _values(condition["StringEquals"], "aws:userid")]
    is_ours = all(role_id == role.unique_id and _OUR_NAME.match(name) for role_id, _, name in parts)
    return tuple(name for *_, name in parts) if is_ours else ()


def _values(tests: Any, key: str) -> list[str]:
    """Return the values of the only test, which has to be on `key`; none when it is not, or a value is no text."""
    if not isinstance(tests, Mapping) or set(tests) != {key}:
        return []
    values = tests[key] if isinstance(tests[key], list) else [tests[key]]
    return values if all(isinstance(value, str) for value in values) else []
