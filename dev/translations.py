"""Find what is missing or wrong in the catalogues of translated messages; `make check` finds it too.

`python -m dev.messages` brings every catalogue up to date: new messages come in without a translation.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from portal.catalogues import facts_of

COMMAND = ".venv/bin/python -m dev.messages"
SHOWN = 20  # messages of each kind
_TAG = re.compile(r"<[^<>]+>|%%|%[sd]")


def catalogues(folder: Path) -> list[Path]:
    """Return the catalogue of each language."""
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def update(path: Path, template: Catalog) -> int:
    """Write the messages of the template into a catalogue, without those that are gone; return how many it lacks.

    The file has no places in the code: each changed line would change it.
    """
    catalog = _read(path)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalog, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    return sum(not _is_translated(message) for message in catalog if message.id)


def findings(path: Path, template: Catalog) -> Iterator[str]:
    """Yield what is wrong in a catalogue, each with the messages, and at the end the command to run."""
    catalog = _read(path)
    found = {
        "no translation": [one for one in _messages(template) if not _is_translated(_in(catalog, one))],
        "a translation with other placeholders or tags": [
            one for one in _messages(catalog) if _is_translated(one) and _differs(one)
        ],
        "no longer used": [one for one in (*_messages(catalog), *catalog.obsolete.values()) if not _in(template, one)],
    }
    for wrong, messages in found.items():
        if messages:
            yield f"{path.parent.parent.name}: {wrong} ({len(messages)}):"
            yield from (f"  {_first(one)!r}" for one in messages[:SHOWN])
            yield from [f"  and {len(messages) - SHOWN} more"] * (len(messages) > SHOWN)
    if any(found.values()):
        yield f"Run {COMMAND}, and translate the messages with an empty msgstr in {path.name}."


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _in(catalog: Catalog, message: Message) -> Message | None:
    return catalog.get(message.id, message.context)


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _is_translated(message: Message | None) -> bool:
    """Return whether a message has all its forms, and none needs a review."""
    if message is None or message.fuzzy or not message.string:
        return False
    forms = _forms(message.string)
    return all(forms) and len(forms) == len(_forms(message.id))


def _differs(message: Message) -> bool:
    """Return whether a form of the translation has other facts, HTML tags or blanks around it than the English."""
    forms = zip(_forms(message.id), _forms(message.string or ""), strict=True)
    return any(_fixed(english) != _fixed(translated) for english, translated in forms)


def _fixed(text: str) -> tuple[set[str], list[str], str, str]:
    blanks = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return facts_of(text), sorted(_TAG.findall(text)), *blanks


def _first(message: Message) -> str:
    return _forms(message.id)[0]
