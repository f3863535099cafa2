"""IAM documents as values: their size as IAM counts it, and whether two have the same meaning."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Document = dict[str, Any]

OLDEST_VERSION = "2008-10-17"  # what IAM takes a document without a Version for
# What JSON can say and no jsonb of PostgreSQL can hold: NUL and half of a surrogate pair.
_NOT_STORABLE = re.compile(r"[\x00\ud800-\udfff]")


def iam_time(at: datetime) -> str:
    """Return an instant as IAM conditions read it: ISO 8601, UTC, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_list(value: Any) -> list[Any]:
    """Return IAM's "one or a list of" as a list."""
    return value if isinstance(value, list) else [value]


def statements(document: Mapping[str, Any] | None) -> list[Document]:
    """Return the statements of a document, whose Statement is one object or a list; what is no object is left out."""
    body = as_list(document.get("Statement", [])) if document else []
    return [dict(statement) for statement in body if isinstance(statement, Mapping)]


def entries(document: Mapping[str, Any] | None) -> list[Any]:
    """Return what a document has as statements, objects or not."""
    return as_list(document.get("Statement", [])) if document else []


def size(document: Mapping[str, Any] | None) -> int:
    """Return the characters that count towards IAM's quota, in the compact form that we send.

    IAM counts characters without white space [aws.md §1]; blanks inside a value are counted here, as IAM may do so too.
    """
    return 0 if document is None else len(json.dumps(document, separators=(",", ":")))


def same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Return whether two documents mean the same to IAM, whatever their order, case, or string-or-list spelling."""
    return one == other or canonical(one) == canonical(other)


def storable(value: Any) -> Any:
    """Return a value from AWS in the form in which the database can hold it and returns it unchanged.

    A character that jsonb cannot hold becomes its escape as visible text. A number that jsonb cannot hold, or returns
    in another spelling, becomes text, which IAM reads as the same. Two values can become one: this is for events and
    observations that people read, not for hashes, and nothing of it must be written to AWS.
    """
    match value:
        case str():
            return _NOT_STORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
        case float():
            return value if re.fullmatch(r"-?[0-9]+\.[0-9]+", repr(value)) and repr(value) != "-0.0" else repr(value)
        case Mapping():
            return {storable(key): storable(one) for key, one in value.items()}
        case list() | tuple():
            return [storable(one) for one in value]
        case _:
            return value


def canonical(document: Mapping[str, Any] | None) -> str:
    """Return a document as a text that is the same for every spelling of the same meaning."""
    if document is None:
        return ""
    rest = {key: value for key, value in document.items() if key not in {"Statement", "Version"}}
    lines = sorted(json.dumps(_canonical_statement(statement), sort_keys=True) for statement in statements(document))
    return json.dumps([document.get("Version", OLDEST_VERSION), rest, lines], sort_keys=True)


def _canonical_statement(statement: Document) -> Document:
    return {key: _canonical_element(key, value) for key, value in statement.items()}


def _canonical_element(key: str, value: Any) -> Any:
    """Return an element in one spelling; one that is not of IAM's form stays as it is."""
    match key:
        case "Principal" | "NotPrincipal" if isinstance(value, str | Mapping):
            kinds = {"AWS": value} if isinstance(value, str) else value
            return {
                kind: sorted({_canonical_principal(name) for name in as_list(names)}) for kind, names in kinds.items()
            }
        case "Action" | "NotAction":
            return sorted({str(action).lower() for action in as_list(value)})
        case "Resource" | "NotResource":
            return sorted({str(resource) for resource in as_list(value)})
        case "Condition" if isinstance(value, Mapping):
            return _canonical_condition(value)
        case _:
            return value


def _canonical_principal(name: Any) -> str:
    text = str(name)
    return f"arn:aws:iam::{text}:root" if text.isdigit() and len(text) == 12 else text


def _canonical_condition(condition: Mapping[str, Any]) -> list[Any]:
    """Return every test as [operator, key, values], sorted.

    A list and no mapping: of two spellings of one key IAM asks both, so neither must hide the other.
    """
    found: list[Any] = []
    for operator, tests in condition.items():
        if not isinstance(tests, Mapping) or not tests:
            found.append([operator.lower(), tests])
            continue
        for key, values in tests.items():
            texts = sorted({_canonical_value(value) for value in as_list(values)})
            found.append([operator.lower(), key.lower(), texts])
    return sorted(found, key=lambda test: json.dumps(test, sort_keys=True))


def _canonical_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
