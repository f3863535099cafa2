"""Extract the messages that people read, for translators, and find those that cannot be translated.

`python -m dev.messages` writes `locale/daypass.pot`, from which a translation begins, and brings the catalogue of each
language up to date. The template is not committed: each changed sentence would change it.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from django.conf import settings
from django.utils.translation.template import templatize

from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.template import Phrase, Sentence
from dev import translations
from dev.options import ROOT

TEMPLATE = ROOT / "locale" / "daypass.pot"
CODE = ("access", "portal", "demo")
PAGES = "templates"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "N_many": (1, 2),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
COMMENTS = ("Translators:",)


def main() -> None:
    """Write the template, update all catalogues, and say how many messages each has and lacks."""
    catalog = extracted(ROOT)
    TEMPLATE.parent.mkdir(exist_ok=True)
    with TEMPLATE.open("wb") as file:
        write_po(file, catalog, width=0)
    print(f"{TEMPLATE.relative_to(ROOT)}: {len(catalog)} messages")
    for path in translations.catalogues(ROOT / "locale"):
        print(f"{path.relative_to(ROOT)}: {translations.update(path, catalog)} messages have no translation")


def extracted(root: Path) -> Catalog:
    """Return every message of the code and the templates, with the places where it is."""
    if not settings.configured:
        settings.configure()
    catalog = Catalog(project="Daypass", domain="django")
    templates: dict[str, Sentence | Phrase] = {**TEMPLATES, **PHRASES}
    for code, template in templates.items():
        # Whole families of sentences are built from patterns, so that the source does not hold each of them.
        catalog.add(template.message, auto_comments=[code])
    for path in _sources(root):
        name = str(path.relative_to(root))
        for line, message, comments, context in _messages(path):
            catalog.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalog


def _sources(root: Path) -> Iterator[Path]:
    for folder in CODE:
        yield from sorted(path for path in (root / folder).rglob("*.py") if "migrations" not in path.parts)
    yield from sorted(path for path in (root / PAGES).rglob("*") if path.suffix in {".html", ".txt"})


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """Yield line, message (or singular and plural), comments for translators and context."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # `templatize` leaves only calls, with other text crossed out, so the indentation has no meaning.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    yield from extract("python", io.BytesIO(source.encode()), KEYWORDS, COMMENTS, {"encoding": "utf-8"})


if __name__ == "__main__":
    main()
