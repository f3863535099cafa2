"""The tests' own reading of IAM: may this caller assume a role under this trust policy, is this session denied.

It shares nothing with the product or the local AWS, and knows only what their documents may hold: what it does not know
is an error, not a guess.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

Document = Mapping[str, Any]

NEVER_SENT = frozenset({"sts:ExternalId"})  # nobody in these tests has one: a role that requires it refuses them


@dataclass(frozen=True)
class Caller:
    """Somebody who calls AssumeRole with this session name.

    In these tests nobody is deleted and recreated: the principal with an ARN has the unique id that was proven for it.
    """

    arn: str
    session_name: str

    @property
    def names(self) -> set[str]:
        account = self.arn.split(":")[4]
        return {"*", self.arn, account, f"arn:aws:iam::{account}:root"}


def statements(document: Document | None) -> list[Document]:
    body = (document or {}).get("Statement", [])
    return [body] if isinstance(body, Mapping) else list(body)


def admits(document: Document | None, caller: Caller, at: datetime) -> bool:
    """Return whether the trust policy admits the caller at this moment."""
    context = {"aws:CurrentTime": at, "sts:RoleSessionName": caller.session_name, "aws:PrincipalArn": caller.arn}
    effects = {
        statement["Effect"]
        for statement in statements(document)
        if "sts:AssumeRole" in _listed(statement["Action"])
        and caller.names & set(_listed(_principals(statement)))
        and _holds(_without_id(statement.get("Condition", {})), context)
    }
    return effects == {"Allow"}


def denies(document: Document | None, user_id: str, at: datetime) -> bool:
    """Return whether the inline policy forbids everything to this session at this moment."""
    context = {"aws:CurrentTime": at, "aws:userid": user_id}
    return any(
        (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
        and _holds(statement.get("Condition", {}), context)
        for statement in statements(document)
    )


def _without_id(condition: Document) -> Document:
    return {kind: {key: tests[key] for key in tests if key != "aws:userid"} for kind, tests in condition.items()}


def _principals(statement: Document) -> Any:
    named = statement["Principal"]
    return named if named == "*" else named.get("AWS", [])


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _holds(condition: Document, context: Mapping[str, Any]) -> bool:
    if any(key in NEVER_SENT for tests in condition.values() for key in tests):
        return False
    return all(
        _test(kind, context[key], _listed(wanted)) for kind, tests in condition.items() for key, wanted in tests.items()
    )


def _test(kind: str, given: Any, wanted: list[str]) -> bool:
    return any(_TESTS[kind](given, each) for each in wanted)


_TESTS: dict[str, Callable[[Any, str], bool]] = {
    "StringEquals": operator.eq,
    "StringLike": fnmatchcase,
    "DateGreaterThanEquals": lambda given, wanted: given >= datetime.fromisoformat(wanted),
    "DateLessThan": lambda given, wanted: given < datetime.fromisoformat(wanted),
}
