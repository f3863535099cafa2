"""Show texts, times and lists to people, in the language of the current page or email.

`access.texts` holds the English; this is the only place that asks Django for a translation of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from django.utils.dateformat import format as dates
from django.utils.functional import Promise, lazy
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext

from access.texts.language import Language, Style
from access.texts.text import Text

MOMENT, SECOND, DAY, TIME = "j M Y, H:i", "j M Y, H:i:s", "j M Y", "H:i"
Words = str | Promise | Text  # what is shown: translated, or to be translated when it is
_STYLES: Mapping[Style, Literal["standard", "or", "unit"]] = {"and": "standard", "or": "or", "plain": "unit"}
_BRITISH = Locale("en", "GB")


class Reader(Language):
    """The language that Django has active: that of the person who reads."""

    def one(self, english: str) -> str:
        """Return a template in this language."""
        return gettext(english)

    def many(self, one: str, many: str, count: int) -> str:
        """Return the template for so many."""
        return ngettext(one, many, count)

    def joined(self, words: Sequence[str], style: Style) -> str:
        """Return words, two at least, as people of this language list them."""
        return format_list(words, style=_STYLES[style], locale=_locale())


def length(lasting: timedelta) -> str:
    """Return a length of time as people say it: "8 hours"."""
    return Reader().length(lasting)


lazy_length = lazy(length, str)


def listed(words: Iterable[object], style: Style = "plain") -> str:
    """Return a list as people write it: "a, b, c", or "a, b and c"."""
    return Reader().listed([str(word) for word in words], style)


def first_of(words: Sequence[object], most: int, *, code: str = "and_more") -> str:
    """Return the first few of a list and how many more there are: "a, b and 3 more"."""
    shown, more = listed(words[:most]), len(words) - most
    return str(Text(code, {"names": shown, "count": more})) if more > 0 else shown


def moment(at: datetime, form: str = MOMENT) -> str:
    """Return a moment in UTC, and say so: "24 Nov 2026, 12:00 UTC"."""
    return f"{dates(at, form)} UTC"


def state(name: str) -> str:
    """Return the state of a request or grant in a word: "pending"."""
    return str(Text(f"state_{name}"))


def weight(name: str) -> str:
    """Return how much a finding weighs, as a title: "High"."""
    return str(capfirst(str(Text(f"weight_{name}"))))


def _locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en-gb", sep="-")
    except (UnknownLocaleError, ValueError):
        return _BRITISH
