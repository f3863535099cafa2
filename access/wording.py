"""Show texts, times and lists to people, in the language of the current page or email.

`access.texts` holds the English; this is the only place that asks Django for a translation of it.
"""

import functools
import gettext as catalogues
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_decimal
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateformat import format as dates
from django.utils.functional import Promise, lazy
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext, to_locale

from access import languages, zones
from access.texts.language import Language, Style
from access.texts.template import Plural
from access.texts.text import Text

MOMENT, SECOND, DAY, TIME = "{day}, H:i", "{day}, H:i:s", "{day}", "H:i"
SHORT_DAY, WEEKDAY = "{short}", "{weekday}"
# As `django.utils.dateformat` reads them, by language; others write dates as English does.
_DATES = {
    "en": {"day": "j M Y", "short": "j M", "weekday": "D j"},
    "de": {"day": "j. F Y", "short": "j. M", "weekday": "D j."},
}
Words = str | Promise | Text  # what is shown: translated, or to be translated when it is
_STYLES: Mapping[Style, Literal["standard", "or", "unit"]] = {"and": "standard", "or": "or", "plain": "unit"}
_BRITISH = Locale("en", "GB")
_codes: ContextVar[list[str] | None] = ContextVar("untranslated", default=None)


class English(str):
    """A sentence in English for a reader of another language, which a page marks as English."""

    __slots__ = ()

    def __str__(self) -> str:
        return self

    def __html__(self) -> SafeString:
        return format_html('<span lang="en">{}</span>', self[:])


class Reader(Language):
    """The language that Django has active: that of the person who reads."""

    def has(self, message: str | Plural) -> bool:
        """Return whether the catalogue of this language has the template; English needs none."""
        code = get_language() or languages.ENGLISH
        return code.startswith("en") or _is_in_catalogue(message, code, tuple(map(str, settings.LOCALE_PATHS)))

    def untranslated(self, code: str, said: Callable[[], str]) -> str:
        """Return the sentence in English, with times in the reader's time zone, and note that it is missing."""
        if (codes := _codes.get()) is not None:
            codes.append(code)
        with languages.in_english():
            return English(said())

    def one(self, english: str) -> str:
        """Return a template in this language."""
        return gettext(english)

    def many(self, one: str, many: str, count: int) -> str:
        """Return the template for so many."""
        return ngettext(one, many, count)

    def number(self, number: int) -> str:
        """Return how many there are of something, as people of this language write it: "1,000", "1.000"."""
        return format_decimal(number, locale=_locale())

    def begun(self, said: str, *, begins: bool) -> str:
        """Return a part of a sentence; of other languages only the beginning is known to have a capital."""
        is_english = _locale().language == "en"
        return super().begun(said, begins=begins) if begins or is_english else said

    def moment(self, at: datetime) -> str:
        """Return a moment in the reader's time zone, and name it."""
        return moment(at)

    def joined(self, words: Sequence[str], style: Style) -> str:
        """Return words, two at least, as people of this language list them."""
        return format_list(words, style=_STYLES[style], locale=_locale())


@contextmanager
def untranslated() -> Iterator[list[str]]:
    """Yield the codes of the sentences that the block shows in English because the reader's language lacks them."""
    codes: list[str] = []
    token = _codes.set(codes)
    try:
        yield codes
    finally:
        _codes.reset(token)


def plain(words: object) -> str:
    """Return words without the mark of English ones: for attributes and other places that hold no HTML."""
    return "".join(str(words))


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


def shown(local: datetime | date, form: str) -> str:
    """Return a local time or a day in one of the forms above, as people of this language write it."""
    return dates(local, form.format(**_DATES.get(_locale().language, _DATES["en"])))


def number(number: int) -> str:
    """Return how many there are of something, as people of this language write it: "1,000", "1.000"."""
    return Reader().number(number)


def moment(at: datetime, form: str = MOMENT) -> str:
    """Return a moment in the reader's time zone, and name it: "24 Nov 2026, 13:00 CET"."""
    here = timezone.localtime(at)
    return f"{shown(here, form)} {zones.word(here)}"


def utc_moment(at: datetime, form: str = MOMENT) -> str:
    """Return a moment in UTC, and say so: "24 Nov 2026, 12:00 UTC"; empty for readers whose time zone that is."""
    here = timezone.localtime(at)
    return f"{shown(at.astimezone(UTC), form)} UTC" if zones.word(here) != zones.UTC_NAME else ""


def moment_and_utc(at: datetime, form: str = MOMENT) -> str:
    """Return a moment for an email, where nobody can ask for UTC: "24 Nov 2026, 13:00 CET (24 Nov 2026, 12:00 UTC)"."""
    here, utc = moment(at, form), utc_moment(at, form)
    return f"{here} ({utc})" if utc else here


def day(at: datetime) -> str:
    """Return the day of a moment in the reader's time zone: "24 Nov 2026"."""
    return shown(timezone.localtime(at), DAY)


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


@functools.cache
def _is_in_catalogue(message: str | Plural, code: str, folders: Sequence[str]) -> bool:
    for folder in folders:
        try:
            catalogue = catalogues.translation("django", folder, [to_locale(code)])
        except OSError:
            continue
        catalogue.add_fallback(_Nothing())
        if catalogue.ngettext(*message, 1) if isinstance(message, Plural) else catalogue.gettext(message):
            return True
    return False


class _Nothing(catalogues.NullTranslations):
    """Stands for every message that a catalogue lacks."""

    def gettext(self, message: str) -> str:  # noqa: ARG002  # whichever it is
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002  # whichever it is
        return ""


def _locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en-gb", sep="-")
    except (UnknownLocaleError, ValueError):
        return _BRITISH
