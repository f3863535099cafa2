"""How a language says what texts are made of: templates, plurals, lists, times and lengths of time.

This one is English. `access.wording` has that of the person who reads a page or an email.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from access.texts.template import N_, N_many

Style = Literal["and", "or", "plain"]  # "a, b and c", "a, b or c", "a, b, c"

_UNITS = (
    (N_many("{count} day", "{count} days"), timedelta(days=1)),
    (N_many("{count} hour", "{count} hours"), timedelta(hours=1)),
    (N_many("{count} minute", "{count} minutes"), timedelta(minutes=1)),
    (N_many("{count} second", "{count} seconds"), timedelta(seconds=1)),
)
_LASTS = {"and": " and ", "or": " or ", "plain": ", "}


class Language:
    """English."""

    def one(self, english: str) -> str:
        """Return a template in this language."""
        return english

    def many(self, one: str, many: str, count: int) -> str:
        """Return the template for so many."""
        return one if count == 1 else many

    def listed(self, words: Sequence[str], style: Style = "plain") -> str:
        """Return a list as people write it: "a, b and c"."""
        return _LASTS[style].join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)

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
