"""Filters and tags that show facts on pages."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime

from access import wording, zones
from access.explain import trusts
from access.explain.permissions import tone_of
from access.texts.language import Language
from access.texts.text import Text

register = template.Library()
register.filter(wording.coded)
register.filter(wording.number)
_language: Language = wording.Reader()


@register.filter
def in_words(length: timedelta) -> str:
    """Return a length of time as people say it, to the minute when it is longer than one: "1 hour 30 minutes"."""
    seconds = length.total_seconds()
    return _language.length(
        timedelta(seconds=round(seconds)) if seconds < 60 else timedelta(minutes=round(seconds / 60))
    )


@register.simple_tag
def error_text(code: str, **facts: object) -> SafeString:
    """Return the sentence of a code, for the pages that say what went wrong."""
    return wording.coded(Text(code, facts))


@register.filter
def length_until(start: datetime, end: datetime) -> str:
    """Return how long it is from `start` to `end`, as people say it."""
    return str(in_words(end - start))


@register.filter
def seconds_in_words(seconds: int) -> str:
    """Return a number of seconds as people say it: "1 hour"."""
    return _language.length(timedelta(seconds=seconds))


@register.filter
def moment(at: datetime, precision: str = "minutes") -> str:
    """Return a moment for an email, in the reader's time zone and in UTC."""
    return wording.moment_and_utc(at, _form(precision))


@register.filter
def day(at: date) -> str:
    """Return a day, or the day of a moment in the reader's time zone: "24 Nov 2026"."""
    return wording.shown(localtime(at) if isinstance(at, datetime) else at, wording.DAY)


@register.filter
def instant(at: datetime, precision: str = "minutes") -> SafeString:
    """Return a moment for a page, in the reader's time zone; UTC is in its title."""
    return _time(at, wording.moment(at, _form(precision)), form=_form(precision))


@register.filter
def countdown(at: datetime) -> SafeString:
    """Return what counts down to a moment; without scripts it is the moment."""
    return format_html(
        '<time class="countdown" role="timer" datetime="{}" data-countdown>{}</time>',
        at.isoformat(),
        wording.moment(at, wording.SECOND),
    )


@register.filter
def window(start: datetime, end: datetime) -> SafeString:
    """Return from when until when; the day is said once."""
    here, there = localtime(start), localtime(end)
    if (here.date(), here.utcoffset()) != (there.date(), there.utcoffset()):
        return format_html("{} \N{EN DASH} {}", instant(start), instant(end))
    first = _time(start, wording.shown(here, wording.MOMENT))
    last = _time(end, f"{wording.shown(there, wording.TIME)} {zones.word(there)}")
    return format_html("{}&nbsp;\N{EN DASH} {}", first, last)


def _time(at: datetime, said: str, *, form: str = wording.MOMENT) -> SafeString:
    if utc := wording.utc_moment(at, form):
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), utc, said)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), said)


def _form(precision: str) -> str:
    return wording.SECOND if precision == "seconds" else wording.MOMENT


@register.filter
def state_in_words(name: str) -> str:
    """Return the state of a request or grant as it is in a sentence: "pending"."""
    return wording.state(name)


@register.filter
def state_as_title(name: str) -> str:
    """Return the state of a request or grant as a title: "Pending"."""
    return as_title(wording.state(name))


@register.filter
def as_title(words: object) -> str:
    """Return words of the reader's language with a capital at their beginning."""
    return str(capfirst(str(words)))


@register.filter
def as_lines(words: Iterable[object]) -> str:
    """Return one line for each of these."""
    return "\n".join(map(str, words))


@register.filter
def listed(words: Iterable[object]) -> str:
    """Return a list: "a, b, c"."""
    return wording.listed(words)


@register.filter
def listed_users(contractors: Iterable[object]) -> str:
    """Return the names of contractors."""
    return wording.listed(getattr(contractor, "user", contractor) for contractor in contractors)


@register.filter
def listed_mono(words: Iterable[object]) -> SafeString:
    """Return a list of what AWS takes literally."""
    return format_html_join(", ", '<span class="mono nowrap">{}</span>', ((word,) for word in words))


@register.filter
def listed_code(words: Iterable[object]) -> SafeString:
    """Return a list of what is typed literally."""
    return format_html_join(", ", "<code>{}</code>", ((word,) for word in words))


@register.filter
def first_of(words: Sequence[object], most: int) -> str:
    """Return the first few actions of a list, and how many more there are."""
    return wording.first_of(words, most, code="and_more_actions")


@register.filter
def level_as_title(level: str) -> str:
    """Return what actions of one kind do: "Change permissions"."""
    return as_title(Text("level_" + level.replace(" ", "_")))


@register.filter
def tone(sentence: Text) -> str:
    """Return how a sentence about permissions is to be shown: "denies", "loud" or ""."""
    return tone_of(sentence).value


@register.filter
def admits_anybody(sentence: Text) -> bool:
    """Return whether a sentence of a trust policy says that anybody in the world may assume the role."""
    return trusts.admits_anybody(sentence)


@register.filter
def weight_as_title(weight: str) -> str:
    """Return how much a finding weighs: "High"."""
    return wording.weight(weight)
