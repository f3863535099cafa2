"""A sentence for a person as a code and facts, so that nothing has to read English, and so that it can be translated.

`str(text)` is the sentence in the language of the page or email that is being made, as with Django's lazy translations;
outside of those it is English. Records keep code and facts, and show `text.english`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.language import ENGLISH, Language, Style
from access.texts.template import Plural

_spoken: list[Language] = [ENGLISH]


def speak(language: Language) -> None:
    """Let `str()` of every text use this language from now on; Django's application says it once, at the start."""
    _spoken[:] = [language]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as a fact: "a, b and c", "a, b or c"."""

    words: tuple[Any, ...]
    style: Style = "and"


@dataclass(frozen=True, slots=True)
class Inside:
    """A text as a fact that begins with a small character, or with a capital where its sentence begins."""

    text: "Text"
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A code with its facts; `str()` gives the sentence. Hashable where the facts are."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.render(_spoken[0])

    def __hash__(self) -> int:
        return hash((self.code, tuple(self.facts.items())))

    @property
    def english(self) -> str:
        """Return the English sentence, for records and logs."""
        return self.render(ENGLISH)

    def render(self, language: Language) -> str:
        """Return the sentence in this language."""
        facts = {name: _shown(value, language) for name, value in self.facts.items()}
        return self._template(language).format(**facts)

    def _template(self, language: Language) -> str:
        sentence = TEMPLATES.get(self.code) or PHRASES[self.code]
        if isinstance(sentence.message, Plural):
            return language.many(*sentence.message, int(self.facts[sentence.count]))
        return language.one(sentence.message)


class CodedError(Exception):
    """An error for people: `code` is stable, `field` the form field that it belongs to, `str()` the sentence."""

    def __init__(self, code: str, /, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.text = Text(code, facts)
        self.field = field

    @property
    def code(self) -> str:
        return self.text.code

    def __str__(self) -> str:
        return str(self.text)


def _shown(value: object, language: Language) -> str:
    match value:
        case Text():
            return value.render(language)
        case Inside():
            shown = value.text.render(language)
            return (shown[:1].upper() if value.begins else shown[:1].lower()) + shown[1:]
        case str():
            return value
        case timedelta():
            return language.length(value)
        case datetime():
            return language.moment(value)
        case Listed():
            return language.listed([_shown(one, language) for one in value.words], value.style)
        case Iterable():
            items = list(value)
            words = [_shown(one, language) for one in items]
            # Texts are whole sentences, one after the other.
            return " ".join(words) if all(isinstance(one, Text) for one in items) else language.listed(words)
    return str(value)
