"""Find what makes JSON an invalid policy: elements that are missing, misplaced or of the wrong type."""

import math
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from access.explain.documents import NEWEST, OLDEST
from access.explain.locating import Path
from access.explain.service_catalog import is_service, matching, nearest, nearest_action, nearest_service
from access.explain.statements import as_list
from access.texts.text import Listed, Text

_SID = re.compile(r"[A-Za-z0-9]*\Z", re.ASCII)
_ACTION = re.compile(r"(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)\Z", re.ASCII)
_TOP = ("Version", "Id", "Statement")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ELEMENTS = (
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
)  # fmt: skip


class Kind(StrEnum):
    """What a policy is for: what a role may do, or who may assume it."""

    PERMISSIONS = "permissions"
    TRUST = "trust"


class Fault(NamedTuple):
    """What is wrong, and the path of the element in the document."""

    path: Path
    text: Text


def _fault(path: Path, code: str, /, **facts: Any) -> Fault:
    return Fault(path, Text(code, facts))


def faults_in(document: Any, kind: Kind) -> Iterator[Fault]:
    """Yield what keeps the document from being a policy of this kind, in the order in which it is there."""
    if not isinstance(document, dict):
        yield _fault((), "policy_not_object")
        return
    yield from _unknown_elements(document, _TOP, ())
    if document.get("Version", NEWEST) not in (NEWEST, OLDEST):
        yield _fault(("Version",), "policy_version_unknown", version=NEWEST)
    if not isinstance(document.get("Id", ""), str):
        yield _fault(("Id",), "policy_id_not_text")
    yield from _statement_list_faults(document, kind)


def _statement_list_faults(document: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    if "Statement" not in document:
        yield _fault((), "policy_statement_missing")
        return
    body, seen = document["Statement"], set()
    if body == []:
        yield _fault(("Statement",), "policy_statements_empty")
    for number, statement in enumerate(as_list(body)):
        path: Path = ("Statement", number) if isinstance(body, list) else ("Statement",)
        if not isinstance(statement, dict):
            yield _fault(path, "policy_statement_not_object")
            continue
        sid = statement.get("Sid")
        if isinstance(sid, str) and sid and sid in seen:
            yield _fault((*path, "Sid"), "policy_sid_twice", sid=sid)
        seen.add(str(sid))
        yield from (Fault((*path, *fault.path), fault.text) for fault in _statement_faults(statement, kind))


def _statement_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    yield from _unknown_elements(statement, _ELEMENTS, ())
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.match(sid):
        yield _fault(("Sid",), "policy_sid_invalid")
    if "Effect" not in statement:
        yield _fault((), "policy_effect_missing")
    elif statement["Effect"] not in ("Allow", "Deny"):
        yield _fault(("Effect",), "policy_effect_invalid")
    yield from _action_faults(statement)
    yield from _principal_faults(statement, kind)
    yield from _resource_faults(statement, kind)
    yield from _condition_faults(statement.get("Condition", {}))


def _unknown_elements(element: dict[str, Any], known: tuple[str, ...], path: Path) -> Iterator[Fault]:
    for name in element:
        if name not in known:
            guess = nearest(name, known)
            if guess:
                yield _fault((*path, name), "policy_element_guessed", name=name, guess=guess)
            else:
                yield _fault((*path, name), "policy_element_unknown", name=name, known=Listed(known, "or"))


def _pair_faults(statement: dict[str, Any], name: str) -> Iterator[Fault]:
    """Find an element beside its opposite, or neither of the two."""
    if name in statement and f"Not{name}" in statement:
        yield _fault((f"Not{name}",), "policy_element_with_opposite", name=name)
    elif name not in statement and f"Not{name}" not in statement:
        yield _fault((), "policy_element_missing", name=name)


def _text_faults(statement: dict[str, Any], name: str) -> Iterator[Fault]:
    """Find what is neither a text nor a list of texts."""
    value = statement[name]
    if value in ([], ""):
        yield _fault((name,), "policy_element_empty", name=name)
    for number, text in enumerate(as_list(value)):
        if not isinstance(text, str):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            yield _fault(path, "policy_element_not_text", name=name)


def _action_faults(statement: dict[str, Any]) -> Iterator[Fault]:
    yield from _pair_faults(statement, "Action")
    for name in ("Action", "NotAction"):
        if name not in statement:
            continue
        yield from _text_faults(statement, name)
        value = statement[name]
        for number, action in enumerate(as_list(value)):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            if isinstance(action, str) and action and (wrong := _wrong_action(action)):
                yield Fault(path, wrong)


def _wrong_action(action: str) -> Text | None:
    if not _ACTION.match(action):
        return Text("policy_action_invalid", {"action": action})
    prefix = action.partition(":")[0]
    if action == "*" or matching(action):
        return None
    if is_service(prefix):
        guess = nearest_action(action)
        if guess:
            return Text("policy_action_guessed", {"action": action, "guess": guess})
        return Text("policy_action_unknown", {"action": action})
    guess = nearest_service(prefix)
    if guess:
        return Text("policy_service_guessed", {"service": prefix, "guess": f"{guess}:{action.partition(':')[2]}"})
    return Text("policy_service_unknown", {"service": prefix})


def _principal_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    present = [name for name in _PRINCIPALS if name in statement]
    if kind is Kind.PERMISSIONS:
        for name in present:
            yield _fault((name,), "policy_principal_in_permissions", name=name)
        return
    yield from _pair_faults(statement, "Principal")
    if "NotPrincipal" in statement:
        yield _fault(("NotPrincipal",), "policy_not_principal")
    for name in present:
        value = statement[name]
        if value == "*":
            yield _fault((name,), "policy_principal_bare")
        elif not isinstance(value, dict) or not value or not all(_is_text(one) for one in value.values()):
            yield _fault((name,), "policy_principal_not_object", name=name)


def _resource_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    present = [name for name in ("Resource", "NotResource") if name in statement]
    if kind is Kind.TRUST:
        for name in present:
            yield _fault((name,), "policy_resource_in_trust", name=name)
        return
    yield from _pair_faults(statement, "Resource")
    for name in present:
        yield from _text_faults(statement, name)
        value = statement[name]
        for number, resource in enumerate(as_list(value)):
            if isinstance(resource, str) and resource and not _is_resource(resource):
                path: Path = (name, number) if isinstance(value, list) else (name,)
                yield _fault(path, "policy_resource_invalid", resource=resource)


def _is_resource(text: str) -> bool:
    return text == "*" or (text.startswith("arn:") and (text.count(":") >= 5 or text.endswith("*")))


def _condition_faults(condition: Any) -> Iterator[Fault]:
    """Find what is not operator, key and value or values. Whether IAM has the operator is for the findings."""
    if not isinstance(condition, dict):
        yield _fault(("Condition",), "policy_condition_not_object")
        return
    for operator, keys in condition.items():
        path: Path = ("Condition", operator)
        if not isinstance(keys, dict):
            yield _fault(path, "policy_operator_not_object", operator=operator)
            continue
        for key, value in keys.items():
            if not _is_text(value, or_else=(bool, int, float)):
                yield _fault((*path, key), "policy_key_without_value", key=key)
            if any(isinstance(one, float) and not math.isfinite(one) for one in as_list(value)):
                yield _fault((*path, key), "policy_key_number_too_large", key=key)


def _is_text(value: Any, *, or_else: tuple[type, ...] = ()) -> bool:
    return bool(as_list(value)) and all(isinstance(one, (str, *or_else)) for one in as_list(value))
