"""A sentence for a person as a code and facts, so that nothing has to read English, and so that it can be translated.

`str(text)` is the English sentence. Pages and emails show it in the reader's language: see `access.views.wording`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from access.durations import in_words
from access.texts.catalogue import TEMPLATES

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Text:
    """A code with its facts; `str()` gives the English sentence."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.render(_unchanged)

    def render(self, translate: Translate) -> str:
        """Return the sentence in the language that `translate` turns English templates into."""
        template = translate(TEMPLATES[self.code].english)
        return template.format(**{name: _shown(value, translate) for name, value in self.facts.items()})


class CodedError(Exception):
    """An error for people: `code` is stable, `field` the form field that it belongs to, `str()` the English
    sentence.
    """

    def __init__(self, code: str, /, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.text = Text(code, facts)
        self.field = field

    @property
    def code(self) -> str:
        return self.text.code

    def __str__(self) -> str:
        return str(self.text)


def _unchanged(template: str) -> str:
    return template


def _shown(value: object, translate: Translate) -> str:
    match value:
        case Text():
            return value.render(translate)
        case str():
            return value
        case timedelta():
            return in_words(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case Iterable():
            items = list(value)
            are_sentences = all(isinstance(one, Text) for one in items)
            return (" " if are_sentences else ", ").join(_shown(one, translate) for one in items)
    return str(value)
