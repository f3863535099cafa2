"""How a language says what texts are made of: templates, plurals, lists, times and lengths of time.

This one is English. `access.wording` has that of the person who reads a page or an email.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from access.texts.template import N_, N_many, Plural

# "a, b and c", "a, b or c", "a, b nor c", "a, b, c", and of whole clauses "a and b and c", "a, and b, and c"
Style = Literal["and", "or", "nor", "plain", "clauses", "long_clauses"]

_UNITS = (
    (N_many("{count} day", "{count} days"), timedelta(days=1)),
    (N_many("{count} hour", "{count} hours"), timedelta(hours=1)),
    (N_many("{count} minute", "{count} minutes"), timedelta(minutes=1)),
    (N_many("{count} second", "{count} seconds"), timedelta(seconds=1)),
)
_LASTS = {"and": " and ", "or": " or ", "plain": ", "}
_CLAUSES = {"clauses": N_("{before} and {next}"), "long_clauses": N_("{before}, and {next}")}


class Language:
    """English."""

    def has(self, message: str | Plural) -> bool:  # noqa: ARG002  # English has them all
        """Return whether this language has a template of its own."""
        return True

    def untranslated(self, code: str, said: Callable[[], str]) -> str:  # noqa: ARG002  # other languages note it
        """Return what is shown in place of a sentence that this language lacks; `said` gives the sentence."""
        return said()

    def one(self, english: str) -> str:
        """Return a template in this language."""
        return english

    def many(self, one: str, many: str, count: int) -> str:
        """Return the template for so many."""
        return one if count == 1 else many

    def number(self, number: int) -> str:
        """Return how many there are of something: "1000"."""
        return str(number)

    def begun(self, said: str, *, begins: bool) -> str:
        """Return a sentence that is a part of another one, and begins it or not."""
        return (said[:1].upper() if begins else said[:1].lower()) + said[1:]

    def listed(self, words: Sequence[str], style: Style = "plain") -> str:
        """Return a list as people write it: "a, b and c"."""
        if len(words) < 2:
            return "".join(words)
        if style == "nor":
            return self.one(N_("{before} nor {next}")).format(before=self.listed(words[:-1]), next=words[-1])
        if style in _CLAUSES:
            said = words[0]
            for word in words[1:]:
                said = self.one(_CLAUSES[style]).format(before=said, next=word)
            return said
        return self.joined(words, style)

    def joined(self, words: Sequence[str], style: Style) -> str:
        """Return words, two at least, as a list."""
        return _LASTS[style].join([", ".join(words[:-1]), words[-1]])

    def moment(self, at: datetime) -> str:
        """Return a moment in UTC, and say so."""
        return f"{at:%Y-%m-%d %H:%M} UTC"

    def length(self, length: timedelta) -> str:
        """Return a length of time in whole seconds: "8 hours", "1 hour 30 minutes", "2 days"."""
        parts, rest = [], timedelta(seconds=int(length.total_seconds()))
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            parts += [self.many(*unit, count).format(count=count)] if count else []
        return " ".join(parts) or self.one(N_("0 seconds"))


ENGLISH = Language()
