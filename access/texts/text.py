"""A sentence for a person as a code and facts, so that nothing has to read English, and so that it can be translated.

`str(text)` is the sentence in the language of the page or email that is being made, as with Django's lazy translations;
outside of those it is English. Records keep code and facts, and show `text.english`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from html import escape
from typing import Any

from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.language import ENGLISH, Language, Style
from access.texts.template import Phrase, Plural, Sentence

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
    """A code with its facts; `str()` gives the sentence. Hashable where the facts are.

    A sentence of which a part has no translation is in English as a whole, so that no sentence mixes two languages.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        language, said = _spoken[0], partial(self.render, _spoken[0])
        return said() if self.is_in(language) else language.untranslated(self.code, said)

    def __html__(self) -> str:
        """Return the sentence for a page, escaped; the language can mark it."""
        said = str(self)
        return str(said.__html__()) if hasattr(said, "__html__") else escape(said)

    def __hash__(self) -> int:
        return hash((self.code, tuple(self.facts.items())))

    @property
    def english(self) -> str:
        """Return the English sentence, for records and logs."""
        return self.render(ENGLISH)

    def render(self, language: Language) -> str:
        """Return the sentence in this language."""
        facts = {name: _shown(value, language) for name, value in self.facts.items()}
        counting = self._sentence.count
        if isinstance(count := self.facts.get(counting), int):
            facts[counting] = language.number(count)
        return self._template(language).format(**facts)

    def is_in(self, language: Language) -> bool:
        """Return whether the language has the sentence and all sentences that are its facts."""
        return language.has(self._sentence.message) and all(one.is_in(language) for one in _texts(self.facts.values()))

    @property
    def _sentence(self) -> Sentence | Phrase:
        return TEMPLATES.get(self.code) or PHRASES[self.code]

    def _template(self, language: Language) -> str:
        sentence = self._sentence
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


def _texts(values: Iterable[object]) -> Iterator[Text]:
    """Yield the texts among facts, at any depth of lists."""
    for value in values:
        match value:
            case Text():
                yield value
            case Inside():
                yield value.text
            case Listed():
                yield from _texts(value.words)
            case str() | bytes() | Mapping():
                continue
            case Collection():
                yield from _texts(value)


def _shown(value: object, language: Language) -> str:
    match value:
        case Text():
            return value.render(language)
        case Inside():
            return language.begun(value.text.render(language), begins=value.begins)
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
