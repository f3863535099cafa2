"""Harden one unmanaged statement in a trust policy, as an administrator requested. Nothing else changes."""

import copy
import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from access.policy_text import VERSION
from access.trust.compiler import NotWritable
from access.trust.documents import Document, canonical, statements
from access.trust.unmanaged import default_deny_statement


class Hardening(StrEnum):
    """What can be done to a statement: take it out, or let it ask for something more."""

    REMOVE = "remove"
    EXTERNAL_ID = "external_id"
    MFA = "mfa"


def fingerprint(document: Mapping[str, Any] | None) -> str:
    """Return the SHA-256 of what a document means, as hex: the same for every spelling that IAM takes for the same."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def tested_keys(statement: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the condition keys that a statement tests, in lower case, or None when its Condition cannot be read."""
    condition = statement.get("Condition", {})
    if not isinstance(condition, Mapping) or not all(isinstance(tests, Mapping) for tests in condition.values()):
        return None
    return frozenset(str(key).lower() for tests in condition.values() for key in tests)


def harden(document: Mapping[str, Any], statement: Mapping[str, Any], how: Hardening, *, value: str = "") -> Document:
    """Return the document with one statement removed, or held to an external id (`value`) or a second factor.

    Raises NotWritable when the statement is not in it, is no Allow, or asks for that already.
    """
    if statement.get("Effect") != "Allow":
        raise NotWritable("hardening_needs_allow")
    rest = statements(document)
    wanted = canonical({"Statement": [statement]})
    index = next((i for i, one in enumerate(rest) if canonical({"Statement": [one]}) == wanted), None)
    if index is None:
        raise NotWritable("hardening_statement_gone")
    hardened = [] if how is Hardening.REMOVE else [_held(rest[index], how, value)]
    body = [*rest[:index], *hardened, *rest[index + 1 :]]
    head = {key: one for key, one in document.items() if key != "Statement"}
    # IAM accepts no empty document, and the default-deny statement needs the newer version too.
    return (
        {**head, "Statement": body} if body else {**head, "Version": VERSION, "Statement": [default_deny_statement()]}
    )


def _held(statement: Document, how: Hardening, value: str) -> Document:
    operator, key, test = ("StringEquals", "sts:ExternalId", value)
    if how is Hardening.MFA:
        operator, key, test = ("Bool", "aws:MultiFactorAuthPresent", "true")
    tested = tested_keys(statement)
    if tested is None:
        raise NotWritable("hardening_condition_unreadable")
    if key.lower() in tested:
        raise NotWritable("hardening_condition_exists", key=key)
    condition = copy.deepcopy(statement.get("Condition", {}))
    condition.setdefault(operator, {})[key] = test
    return {**statement, "Condition": condition}
