"""Keep in an expiry policy the Denies that AWS holds, and read from when on and for whom they are in force."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from access import trust, verify
from access.trust import Document

_DATE = "aws:CurrentTime"


def keep_denies(expiry_policy: Document | None, present: Mapping[str, Any] | None) -> Document | None:
    """Return the expiry policy with every Deny of the present one that it would drop or move later."""
    kept = [
        statement
        for statement in verify.statement_list(present)
        if statement.get("Effect") == "Deny" and not _is_covered(statement, expiry_policy)
    ]
    if not kept:
        return expiry_policy
    return {
        **(expiry_policy or {"Version": trust.VERSION}),
        "Statement": [*verify.statement_list(expiry_policy), *kept],
    }


def _is_covered(statement: Mapping[str, Any], expiry_policy: Document | None) -> bool:
    """Return whether the expiry policy denies the same sessions from the same instant on, or earlier."""
    if statement in verify.statement_list(expiry_policy):
        return True
    since = since_of(statement)
    named = user_ids(statement)
    if not named or since is None:
        return False
    return all(verify.denies(expiry_policy, user_id=str(user_id), at=since) for user_id in named)


def user_ids(statement: Mapping[str, Any]) -> list[Any]:
    """Return the ids of the sessions that a statement names by StringEquals, in whatever form."""
    condition = statement.get("Condition")
    tests = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    ids = tests.get("aws:userid", []) if isinstance(tests, Mapping) else []
    return ids if isinstance(ids, list) else [ids]


def since_of(statement: Mapping[str, Any]) -> datetime | None:
    """Return from when a Deny of ours is in force: always, its date, or None where that cannot be read."""
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping) or not set(condition) <= {"StringEquals", "DateGreaterThanEquals"}:
        return None
    if "DateGreaterThanEquals" not in condition:
        return datetime.fromtimestamp(0, tz=UTC)
    return date_of(condition["DateGreaterThanEquals"])


def date_of(test: Any) -> datetime | None:
    """Return the instant that a test of a date names, or None where it cannot be read."""
    value = test.get(_DATE) if isinstance(test, Mapping) else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
