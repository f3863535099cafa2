"""Find text in templates that cannot be translated: outside `{% translate %}` and `{% blocktranslate %}`.

`make check` finds it. Whole sentences are marked, with what varies as a variable of `{% blocktranslate %}`; filters
that put English together (`pluralize`, `yesno`) are not used.
"""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

# What is not translated, and why.
LEFT_OUT = {
    "templates/evidence/": "evidence is a record: it is in English for every reader",
    "templates/snippets/": "code to paste, with comments of its own",
    "templates/components/mark.html": "a drawing",
}
# English that is a name or a sign: the same in every language.
NAMES = {"Daypass", "UTC"}
READ_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
# What scripts show is in attributes too; these hold what a machine reads.
MACHINE_DATA = {
    "data-chooses", "data-code", "data-copy", "data-copybox", "data-countdown", "data-counting", "data-credential",
    "data-does", "data-end", "data-ends", "data-masked", "data-now", "data-offers-draft", "data-passwordless",
    "data-saves-draft", "data-sentence", "data-start", "data-state", "data-tone", "data-url", "data-version",
    "data-warn",
}  # fmt: skip
# What an included template shows.
READ_VARIABLES = {"action", "after", "back", "before", "caption", "heading", "label", "subtitle", "text", "title"}

_MARKED = re.compile(
    r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}|{% trans(?:late)? .*?%}|{#.*?#}|{{.*?}}"
    r"|{% block (?:tone|width) %}.*?{% endblock %}",  # these two fill a class attribute
    re.DOTALL,
)
_TAG = re.compile(r"{%.*?%}", re.DOTALL)
_VARIABLE = re.compile(r"\b(\w+)=\"([^\"]*)\"")
_DEFAULT = re.compile(r"\|default(?:_if_none)?:(?:\"([^\"]*)\"|'([^']*)')")
_ENGLISH_FILTERS = re.compile(r"\|(pluralize|yesno|capfirst)\b")
_WORD = re.compile(r"[A-Za-z]{2,}|\b[aA]\b")


def findings(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield each text of these templates that cannot be translated, with its place."""
    for name in names:
        if not name.startswith(tuple(LEFT_OUT)) and name.endswith((".html", ".txt")):
            for line, text in unmarked((root / name).read_text()):
                yield f"{name}:{line}: “{' '.join(text.split())[:70]}” is not marked for translation"


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a template that are not marked, each with its line."""
    yield from _in_tags(source)
    parser = _Reader()
    parser.feed(_TAG.sub(_blank, _MARKED.sub(_blank, source)))
    parser.close()
    yield from parser.found


def _in_tags(source: str) -> Iterator[tuple[int, str]]:
    """Find English in the tags and filters of the template language."""
    for tag in _TAG.finditer(source):
        if tag[0].startswith(("{% include", "{% with")):
            found = (one for one in _VARIABLE.finditer(tag[0]) if one[1] in READ_VARIABLES and _is_english(one[2]))
            yield from ((_line(source, tag.start()), one[2]) for one in found)
    for pattern in (_DEFAULT, _ENGLISH_FILTERS):
        for one in pattern.finditer(source):
            words = next(filter(None, one.groups()), "")
            if pattern is _ENGLISH_FILTERS or _is_english(words):
                yield _line(source, one.start()), one[0]


class _Reader(HTMLParser):
    """Collect the texts and attributes that people read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._hidden = tag
        self.found += [
            (self.getpos()[0], value)
            for name, value in attrs
            if value and name in READ_ATTRIBUTES and _is_english(value)
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden and _is_english(data):
            start = len(data) - len(data.lstrip())
            self.found.append((self.getpos()[0] + data.count("\n", 0, start), data.strip()))


def _is_english(text: str) -> bool:
    return any(word not in NAMES for word in _WORD.findall(text))


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
