"""Compile the catalogues of translated messages: `python -m portal.catalogues`. Compiled files are not committed.

Babel does it, so that no machine needs the tools of GNU gettext.
"""

import os
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_FACTS = re.compile(r"{{|}}|{(\w+)}|%\((\w+)\)s")
LOCALE = Path(__file__).resolve().parent.parent / "locale"


def main() -> None:
    """Compile every catalogue of the project and name the files written."""
    for path in compile_catalogues(LOCALE):
        print(path.relative_to(LOCALE.parent))


def compile_catalogues(folder: Path) -> list[Path]:
    """Write a `.mo` beside each `<language>/LC_MESSAGES/*.po` of the folder; return them, none where it has none.

    Raises ValueError for a catalogue that cannot be read, and for a translation that names a fact that its message does
    not have: it could not be shown. Messages marked as fuzzy are left out.
    """
    return [_compiled(source) for source in sorted(folder.glob("*/LC_MESSAGES/*.po"))]


def facts_of(text: str) -> set[str]:
    """Return the names that a message leaves open: `{name}` or `%(name)s`."""
    return {name for found in _FACTS.findall(text) for name in found if name}


def _compiled(source: Path) -> Path:
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    for message in catalog:
        wrong = facts_of(str(message.string)) - facts_of(str(message.id)) if message.id else set()
        if wrong:
            raise ValueError(f"{source}: the translation of {message.id!r} names {', '.join(sorted(wrong))}.")
    target = source.with_suffix(".mo")
    part = target.with_suffix(f".{os.getpid()}")
    with part.open("wb") as file:
        write_mo(file, catalog)
    # Processes that start meanwhile read the former file or the new one, whole.
    return part.replace(target)


if __name__ == "__main__":
    main()
