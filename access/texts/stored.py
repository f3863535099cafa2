"""Sentences as the database, the audit log and evidence hold them: a code and facts as JSON, never words.

The sentence of a code can change at any time, and is shown in the language of the reader.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from access.texts.text import Text

TEXT_LIMIT = 1000  # characters of one fact; what AWS says can be longer
LIST_LIMIT = 50
FACTS = "_facts"


def dump(text: Text) -> dict[str, Any]:
    """Return a text as JSON can hold it."""
    return {"code": text.code, "facts": {name: _dumped(value) for name, value in text.facts.items()}}


def load(code: str, facts: Mapping[str, Any]) -> Text | None:
    """Return the text that was stored as these two, or None without a code; it can always be rendered."""
    if not code:
        return None
    try:
        text = Text(code, {name: _loaded(value) for name, value in facts.items()})
        str(text)
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError):  # stored by another version of Daypass
        return Text("stored_by_another_version", {"stored": code})
    return text


def texts_of_row(row: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the texts of a row: of columns `<name>_code` and `<name>_facts`, and in the JSON of any column."""
    for name, value in row.items():
        if name.endswith(FACTS) and (code := row.get(f"{name.removesuffix(FACTS)}_code")):
            if (text := load(str(code), value)) is not None:
                yield text
        elif isinstance(value, Mapping | list):
            yield from texts_in(value)


def texts_in(details: Any) -> Iterator[Text]:
    """Yield the texts that are somewhere in the details of an event."""
    if (text := _text_of(details)) is not None:
        yield text
    elif isinstance(details, Mapping):
        for value in details.values():
            yield from texts_in(value)
    elif isinstance(details, list):
        for value in details:
            yield from texts_in(value)


def _dumped(value: Any) -> Any:
    match value:
        case Text():
            return dump(value)
        case str():
            return _storable(value[:TEXT_LIMIT])
        case bool() | int():
            return value
        case datetime():
            return {"at": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case list() | tuple():
            return [_dumped(one) for one in value[:LIST_LIMIT]]
    return _storable(str(value)[:TEXT_LIMIT])


def _storable(value: str) -> str:
    """Return a string without the characters that PostgreSQL cannot hold."""
    return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _loaded(value: Any) -> Any:
    if (text := _text_of(value)) is not None:
        return text
    match value:
        case list():
            return [_loaded(one) for one in value]
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"seconds": int() | float() as seconds}:
            return timedelta(seconds=seconds)
    return value


def _text_of(value: Any) -> Text | None:
    if isinstance(value, Mapping) and set(value) == {"code", "facts"} and isinstance(value["facts"], Mapping):
        return load(str(value["code"]), value["facts"])
    return None
