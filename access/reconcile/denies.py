"""Keep the Denies of an expiry policy in AWS, and read when they take effect and for which sessions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from access import trust, verify
from access.trust import Document

_DATE = "aws:CurrentTime"
_FORM = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def keep_denies(expiry_policy: Document | None, present: Mapping[str, Any] | None) -> Document | None:
    """Return the expiry policy with every Deny of the current one that it would otherwise remove or make later.

    A Deny that adds nothing to the kept Denies is left out. Otherwise, the policy would grow with each write.
    """
    wanted = verify.statement_list(expiry_policy)
    kept = [
        statement
        for statement in verify.statement_list(present)
        if statement.get("Effect") == "Deny" and not _is_covered(statement, wanted)
    ]
    if not kept:
        return expiry_policy
    rest = [statement for statement in wanted if not _is_covered(statement, kept)]
    return {**(expiry_policy or {"Version": trust.VERSION}), "Statement": [*rest, *kept]}


def _is_covered(statement: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether other Denies deny the same sessions from the same time, or earlier.

    Only Denies in Daypass's format count. The author of any other Deny could change or remove it.
    """
    since, named = since_of(statement), user_ids(statement)
    if statement in others or any(_is_for_more(other, statement) for other in others):
        return True
    if statement.get("Effect") != "Deny" or not named or since is None:
        return False
    return all(any(at <= since for at in denied_from(str(user_id), others)) for user_id in named)


def denied_from(user_id: str, statements: Sequence[Mapping[str, Any]]) -> list[datetime]:
    """Return the times from which Denies in Daypass's format deny everything to this session."""
    return [
        since
        for statement in statements
        if _is_of_our_form(statement) and user_id in user_ids(statement) and (since := since_of(statement)) is not None
    ]


def _is_for_more(other: Mapping[str, Any], statement: Mapping[str, Any]) -> bool:
    """Return whether two statements differ only in their sessions, and the other one names all sessions of this one."""
    named = user_ids(statement)
    if not named or not all(user_id in user_ids(other) for user_id in named):
        return False
    return _for_nobody(other) == _for_nobody(statement)


def _for_nobody(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    condition = statement["Condition"]
    return {**statement, "Condition": {**condition, "StringEquals": {**condition["StringEquals"], "aws:userid": []}}}


def _is_of_our_form(statement: Mapping[str, Any]) -> bool:
    if {key: value for key, value in statement.items() if key != "Condition"} != _FORM:
        return False
    condition = statement.get("Condition")
    tests = condition if isinstance(condition, Mapping) else {}
    keys = {operator: set(test) for operator, test in tests.items() if isinstance(test, Mapping)}
    return keys in (
        {"StringEquals": {"aws:userid"}},
        {"StringEquals": {"aws:userid"}, "DateGreaterThanEquals": {_DATE}},
    )


def user_ids(statement: Mapping[str, Any]) -> list[Any]:
    """Return the user IDs of the sessions that a statement names with StringEquals, as a string or as a list."""
    condition = statement.get("Condition")
    tests = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    ids = tests.get("aws:userid", []) if isinstance(tests, Mapping) else []
    return ids if isinstance(ids, list) else [ids]


def since_of(statement: Mapping[str, Any]) -> datetime | None:
    """Return the time from which one of Daypass's Denies applies; None if its date is unreadable."""
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping) or not set(condition) <= {"StringEquals", "DateGreaterThanEquals"}:
        return None
    if "DateGreaterThanEquals" not in condition:
        return datetime.fromtimestamp(0, tz=UTC)
    return date_of(condition["DateGreaterThanEquals"])


def date_of(test: Any) -> datetime | None:
    """Return the time in a date condition, or None if it is unreadable."""
    value = test.get(_DATE) if isinstance(test, Mapping) else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
