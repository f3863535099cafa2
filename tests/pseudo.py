"""A made-up language: each message is in brackets, with accents on all of its characters.

So a test finds English on a page, both beside the messages and in the values that are inserted into them.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dev import messages
from dev.marked import MACHINE_DATA, READ_ATTRIBUTES
from dev.options import ROOT

CODE = "en-xa"
OPEN, CLOSE = "⟦", "⟧"
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "åƀçďéƒğĥíĵķľɱñóþɋřšŧúṽŵẋýžÅƁÇĎÉƑĞĤÍĴĶĽṀÑÓÞɊŘŠŦÚṼŴẊÝŽ"
)
# In a message: what is filled in, and HTML.
_KEPT = re.compile(r"{[^{}]*}|%\(\w+\)[sd]|%[sd]|<[^<>]+>|&#?\w+;")
# Elements that hold what AWS or a program takes literally, or what somebody typed.
_LITERAL_TAGS = {"code", "pre", "textarea", "script", "style", "noscript-never"}
_LITERAL_CLASSES = {"mono", "quote", "action-list", "codes"}
# What Daypass puts into a document of AWS in place of a value that nobody knows yet.
_OWN_WORDS = re.compile(r'"\(([^")]*)\)"')
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "path"}


def write_catalogue(folder: Path) -> None:
    """Write the compiled catalogue of the made-up language below the folder: our messages and those of libraries."""
    catalog = Catalog(locale="en")
    for source in [messages.extracted(ROOT), *_of_libraries()]:
        for message in source:
            if message.id:
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                shown = tuple(translated(str(text)) for text in ids)
                catalog.add(message.id, shown if len(shown) > 1 else shown[0], context=message.context)
    target = folder / "en_XA" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalog)


def translated(english: str) -> str:
    """Return a message in the made-up language; what is filled in stays as it is."""
    texts, kept = _KEPT.split(english), [*_KEPT.findall(english), ""]
    return OPEN + "".join(text.translate(_LETTERS) + name for text, name in zip(texts, kept, strict=True)) + CLOSE


def _of_libraries() -> list[Catalog]:
    roots = [Path(str(library.__file__)).parent for library in (django, allauth)]
    sources = [
        roots[0] / "conf/locale/en/LC_MESSAGES/django.po",
        roots[0] / "contrib/auth/locale/en/LC_MESSAGES/django.po",
        roots[1] / "locale/de/LC_MESSAGES/django.po",
    ]
    found = []
    for source in sources:
        with source.open("rb") as file:
            found.append(read_po(file))
    return found


class _Shown(HTMLParser):
    """The text of a page, without what is taken literally; its attributes come after it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.attributes: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        literal = tag in _LITERAL_TAGS or bool(classes & _LITERAL_CLASSES)
        if tag not in _VOID:
            self._open.append(literal)
        shown = READ_ATTRIBUTES | {name for name in given if name.startswith("data-")} - MACHINE_DATA
        shown |= {"value"} if given.get("type") in {"submit", "button", "reset"} and tag == "input" else set()
        self.attributes += [given[name] or "" for name in sorted(shown) if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.parts.append(data)
        else:
            self.attributes += _OWN_WORDS.findall(data)


def untranslated(page: str, data: set[str]) -> list[str]:
    """Return the English words of a page that are no data: messages have accents."""
    reader = _Shown()
    reader.feed(page)
    left = []
    texts = [re.sub(r"{\w+}", " ", text) for text in [" ".join(reader.parts), *reader.attributes]]
    everything = "\n".join(texts)
    # Only the names on the page: a pattern of all that the database holds is slow.
    present = sorted((name for name in data if name in everything), key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, present)) or r"(?!)")
    for text in texts:
        words = re.split(rf"\s{{2,}}|[·•|{OPEN}{CLOSE}]", names.sub(" ", text))
        left += [some for some in words if re.search(r"(?<![^\W\d_])[A-Za-z]{2,}(?![^\W\d_])", some)]
    return left
