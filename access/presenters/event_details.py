"""The details of one audit event: values before and after a change, sentences, and other facts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from access import wording
from access.presenters import diff
from access.presenters.changed_fields import Row, build_rows, in_words, title_of
from access.texts import stored
from access.wording import Words

# Details that hold the same thing before and after: a document, or a value.
_PAIRS = (
    ("trust_before", "trust_after", "trust_policy"),
    ("expiry_policy_before", "expiry_policy_after", "expiry_policy"),
    ("trust_left", "trust_found", "trust_policy"),
    ("expiry_policy_left", "expiry_policy_found", "expiry_policy"),
    ("ended_at", "ends_at", "end"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One detail; a document is shown as text on lines of its own."""

    title: Words
    value: str
    is_document: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """The details of an event for a page."""

    sentences: list[str]
    changes: list[Row]
    facts: list[Fact]


def build_details(details: Any) -> Details:
    """Return them; what has another shape than Daypass writes is shown as JSON."""
    if not isinstance(details, Mapping):
        return Details([], [], [_fact("details", details)])
    changes = list(_changes(details))
    shown = {name for row_names, _ in changes for name in row_names}
    sentences = [str(text) for text in stored.texts_in(details)]
    rest = {name: value for name, value in details.items() if name not in shown and not _is_text(value)}
    facts = [_fact(name, value) for name, value in sorted(rest.items()) if value not in ("", None, [], {})]
    return Details(sentences, [row for _, rows in changes for row in rows], facts)


def _changes(details: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Yield what changed, with the names of the details that say so."""
    for before, after, name in _PAIRS:
        if before in details and after in details:
            yield (before, after), [_compared(name, details[before], details[after])]
    old, new = details.get("before"), details.get("after")
    if isinstance(old, dict) and isinstance(new, dict):
        yield ("before", "after"), _rows(old, new)
    elif isinstance(old, str) and isinstance(new, str):
        yield ("before", "after"), [Row(title_of("name"), old, new)]
    changes = details.get("changes")
    if isinstance(changes, dict) and all(isinstance(pair, list) and len(pair) == 2 for pair in changes.values()):
        first, last = ({name: pair[place] for name, pair in changes.items()} for place in (0, 1))
        yield ("changes",), _rows(first, last)


def _rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    try:
        return build_rows(before, after)
    except (LookupError, TypeError, AttributeError, ValueError):  # stored by another version of Daypass
        return [Row(title_of(name), _json(before.get(name)), _json(after[name])) for name in sorted(after)]


def _compared(name: str, before: Any, after: Any) -> Row:
    """Return two documents line by line, or two values."""
    if not all(one is None or isinstance(one, Mapping) for one in (before, after)):
        return Row(title_of(name), _said(name, before), _said(name, after))
    try:
        return Row(title_of(name), document=diff.compare_documents(before, after))
    except (LookupError, TypeError, AttributeError, ValueError):  # what AWS answered can have any shape
        return Row(title_of(name), _json(before), _json(after))


def _fact(name: str, value: Any) -> Fact:
    is_document = isinstance(value, Mapping) or (isinstance(value, list) and any(not _is_plain(one) for one in value))
    return Fact(title_of(name), _json(value) if is_document else _said(name, value), is_document)


def _said(name: str, value: Any) -> str:
    """Return a value in words; a time, which JSON holds as text, as the pages show times."""
    if isinstance(value, str) and name.endswith(("_at", "end", "minute")) and (at := _time(value)) is not None:
        return wording.moment(at.astimezone(UTC), wording.SECOND)
    return in_words(name, value)


def _time(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"code", "facts"}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
