"""What is no policy although it is JSON: elements missing, misplaced or of the wrong type, and what to do."""

import math
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from access.explain.documents import NEWEST, OLDEST
from access.explain.locating import Path
from access.explain.service_catalog import is_service, matching, nearest, nearest_action, nearest_service
from access.explain.statements import as_list

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
    sentence: str


def faults_in(document: Any, kind: Kind) -> Iterator[Fault]:
    """Yield what keeps the document from being a policy of this kind, in the order in which it is there."""
    if not isinstance(document, dict):
        yield Fault((), "A policy is a JSON object. Begin with { and put Version and Statement into it.")
        return
    yield from _unknown_elements(document, _TOP, ())
    if document.get("Version", NEWEST) not in (NEWEST, OLDEST):
        yield Fault(("Version",), f'IAM has no such version. Write "Version": "{NEWEST}".')
    if not isinstance(document.get("Id", ""), str):
        yield Fault(("Id",), "Id is a text. Put it into quotation marks or take it out.")
    yield from _statement_list_faults(document, kind)


def _statement_list_faults(document: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    if "Statement" not in document:
        yield Fault((), "A policy has a Statement. Add it: a list of what is allowed.")
        return
    body, seen = document["Statement"], set()
    if body == []:
        yield Fault(("Statement",), "Statement is empty. Put at least one statement into it.")
    for number, statement in enumerate(as_list(body)):
        path: Path = ("Statement", number) if isinstance(body, list) else ("Statement",)
        if not isinstance(statement, dict):
            yield Fault(path, "A statement is a JSON object with Effect and Action. Put it into { }.")
            continue
        sid = statement.get("Sid")
        if isinstance(sid, str) and sid and sid in seen:
            yield Fault((*path, "Sid"), f"The Sid {sid} is there twice. Give each statement a Sid of its own, or none.")
        seen.add(str(sid))
        yield from (Fault((*path, *fault.path), fault.sentence) for fault in _statement_faults(statement, kind))


def _statement_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    yield from _unknown_elements(statement, _ELEMENTS, ())
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.match(sid):
        yield Fault(("Sid",), "A Sid has letters and digits only. Take out blanks, dashes and the rest.")
    if "Effect" not in statement:
        yield Fault((), 'The statement has no Effect. Add "Effect": "Allow" or "Effect": "Deny".')
    elif statement["Effect"] not in ("Allow", "Deny"):
        yield Fault(("Effect",), "Effect is Allow or Deny, spelled just so.")
    yield from _action_faults(statement)
    yield from _principal_faults(statement, kind)
    yield from _resource_faults(statement, kind)
    yield from _condition_faults(statement.get("Condition", {}))


def _unknown_elements(element: dict[str, Any], known: tuple[str, ...], path: Path) -> Iterator[Fault]:
    for name in element:
        if name not in known:
            guess = nearest(name, known)
            fix = f"Did you mean {guess}?" if guess else f"A policy has {', '.join(known)} there."
            yield Fault((*path, name), f"There is no element {name!r} in a policy. {fix}")


def _pair_faults(statement: dict[str, Any], name: str) -> Iterator[Fault]:
    """Find an element beside its opposite, or neither of the two."""
    if name in statement and f"Not{name}" in statement:
        yield Fault((f"Not{name}",), f"The statement has both {name} and Not{name}. Keep one.")
    elif name not in statement and f"Not{name}" not in statement:
        yield Fault((), f"The statement has no {name}. Add it.")


def _text_faults(statement: dict[str, Any], name: str) -> Iterator[Fault]:
    """Find what is neither a text nor a list of texts."""
    value = statement[name]
    if value in ([], ""):
        yield Fault((name,), f"{name} is empty. Put something into it, or take the statement out.")
    for number, text in enumerate(as_list(value)):
        if not isinstance(text, str):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            yield Fault(path, f"{name} is a text or a list of texts. Put quotation marks around what is meant.")


def _action_faults(statement: dict[str, Any]) -> Iterator[Fault]:
    yield from _pair_faults(statement, "Action")
    for name in ("Action", "NotAction"):
        if name not in statement:
            continue
        yield from _text_faults(statement, name)
        value = statement[name]
        for number, action in enumerate(as_list(value)):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            if isinstance(action, str) and action and (sentence := _wrong_action(action)):
                yield Fault(path, sentence)


def _wrong_action(action: str) -> str:
    if not _ACTION.match(action):
        return f"{action!r} is no action. Write it as service:Action, for example s3:PutObject."
    prefix = action.partition(":")[0]
    if action == "*" or matching(action):
        return ""
    if is_service(prefix):
        guess = nearest_action(action)
        return f"AWS has no action {action}. " + (f"Did you mean {guess}?" if guess else "Look it up at AWS.")
    guess = nearest_service(prefix)
    fix = f"Did you mean {guess}:{action.partition(':')[2]}?" if guess else "Look the service's prefix up at AWS."
    return f"AWS has no service {prefix}. {fix}"


def _principal_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    present = [name for name in _PRINCIPALS if name in statement]
    if kind is Kind.PERMISSIONS:
        for name in present:
            yield Fault((name,), f"{name} does not belong here. Remove it: the trust policy names principals.")
        return
    yield from _pair_faults(statement, "Principal")
    if "NotPrincipal" in statement:
        said = "IAM takes no NotPrincipal in a trust policy. Name who is meant, with Principal."
        yield Fault(("NotPrincipal",), said)
    for name in present:
        value = statement[name]
        if value == "*":
            yield Fault((name,), 'A trust policy does not accept a bare "*". Name who is meant: {"AWS": "arn:…"}.')
        elif not isinstance(value, dict) or not value or not all(_is_text(one) for one in value.values()):
            yield Fault((name,), f'{name} is an object with AWS, Service or Federated: {{"AWS": "arn:…"}}.')


def _resource_faults(statement: dict[str, Any], kind: Kind) -> Iterator[Fault]:
    present = [name for name in ("Resource", "NotResource") if name in statement]
    if kind is Kind.TRUST:
        for name in present:
            yield Fault((name,), f"{name} does not belong into a trust policy, which is about the role. Take it out.")
        return
    yield from _pair_faults(statement, "Resource")
    for name in present:
        yield from _text_faults(statement, name)
        value = statement[name]
        for number, resource in enumerate(as_list(value)):
            if isinstance(resource, str) and resource and not _is_resource(resource):
                path: Path = (name, number) if isinstance(value, list) else (name,)
                yield Fault(path, f"{resource!r} is no resource. Write an ARN (arn:aws:s3:::bucket/*) or *.")


def _is_resource(text: str) -> bool:
    return text == "*" or (text.startswith("arn:") and (text.count(":") >= 5 or text.endswith("*")))


def _condition_faults(condition: Any) -> Iterator[Fault]:
    """Find what is not operator, key and value or values. Whether IAM has the operator is for the findings."""
    if not isinstance(condition, dict):
        yield Fault(("Condition",), 'Condition is an object: {"StringEquals": {"aws:ResourceAccount": "…"}}.')
        return
    for operator, keys in condition.items():
        path: Path = ("Condition", operator)
        if not isinstance(keys, dict):
            yield Fault(path, f'{operator} takes an object of keys and values: {{"aws:SourceIp": "…"}}.')
            continue
        for key, value in keys.items():
            if not _is_text(value, or_else=(bool, int, float)):
                yield Fault((*path, key), f"{key} has a value or a list of values. Put quotation marks around them.")
            if any(isinstance(one, float) and not math.isfinite(one) for one in as_list(value)):
                yield Fault((*path, key), f"{key} has a number that is too large. Put quotation marks around it.")


def _is_text(value: Any, *, or_else: tuple[type, ...] = ()) -> bool:
    return bool(as_list(value)) and all(isinstance(one, (str, *or_else)) for one in as_list(value))
