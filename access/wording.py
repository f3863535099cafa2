"""Show texts, times and lists to people, in the language of the current page or email.

`access.texts` holds the English; this is the only place that asks Django for a translation of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateformat import format as dates
from django.utils.functional import Promise, lazy
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext

from access import zones
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

    def moment(self, at: datetime) -> str:
        """Return a moment in the reader's time zone, and name it."""
        return moment(at)

    def joined(self, words: Sequence[str], style: Style) -> str:
        """Return words, two at least, as people of this language list them."""
        return format_list(words, style=_STYLES[style], locale=_locale())


def invalid(code: str, **facts: object) -> ValidationError:
    """Return the error of a form or a model for a code."""
    return ValidationError(str(Text(code, facts)), code=code)


def coded(error: object) -> SafeString:
    """Return an error for a page: its sentence, with its code as an attribute, for tests and programs.

    `error` is a refusal, a text, an error of a form, or a list of these.
    """
    if isinstance(error, list):
        return format_html_join(" ", "{}", ((coded(one),) for one in error))
    code = getattr(error, "code", None)
    said = " ".join(map(str, error.messages)) if isinstance(error, ValidationError) else str(error)
    return format_html('<span data-code="{}">{}</span>', code, said) if code else conditional_escape(said)


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
    """Return a moment in the reader's time zone, and name it: "24 Nov 2026, 13:00 CET"."""
    here = timezone.localtime(at)
    return f"{dates(here, form)} {zones.word(here)}"


def utc_moment(at: datetime, form: str = MOMENT) -> str:
    """Return a moment in UTC, and say so: "24 Nov 2026, 12:00 UTC"; empty for readers whose time zone that is."""
    here = timezone.localtime(at)
    return f"{dates(at.astimezone(UTC), form)} UTC" if zones.word(here) != zones.UTC_NAME else ""


def moment_and_utc(at: datetime, form: str = MOMENT) -> str:
    """Return a moment for an email, where nobody can ask for UTC: "24 Nov 2026, 13:00 CET (24 Nov 2026, 12:00 UTC)"."""
    here, utc = moment(at, form), utc_moment(at, form)
    return f"{here} ({utc})" if utc else here


def day(at: datetime) -> str:
    """Return the day of a moment in the reader's time zone: "24 Nov 2026"."""
    return dates(timezone.localtime(at), DAY)


def current_zone(now: datetime) -> str:
    """Return the reader's time zone with its present distance from UTC: "Europe/Berlin (CET, UTC+1)"."""
    here = timezone.localtime(now)
    name, said = timezone.get_current_timezone_name(), dict.fromkeys((zones.word(here), zones.offset(here)))
    return name if name == zones.UTC_NAME else f"{name} ({', '.join(said)})"


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
