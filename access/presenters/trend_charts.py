"""The charts of the overview: open access and decisions over time, how long decisions take, and who has what."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.presenters.charts import Bar, BarChart, ColumnChart, Series
from access.reviews import trends
from access.reviews.current_access import Share
from access.reviews.oversight import Oversight
from access.reviews.trends import LIMITS, Outcomes
from access.wording import Words

SHOWN = 5  # roles or companies of a chart; the others are one bar
Chart = tuple[str, ColumnChart | BarChart]  # the kind of drawing, and the chart


def build_charts(oversight: Oversight, shares: Sequence[Share]) -> list[Chart]:
    """Return the charts of what this person oversees; `shares` are those of all open access."""
    outcomes = trends.read_outcomes(oversight)
    roles = ((share.role, urlencode({"role": f"{share.account_id}/{share.role}"}), share.count) for share in shares)
    companies = (
        (
            share.company or gettext("Break-glass"),
            urlencode({"company": share.company_id}) if share.company_id else "",
            share.count,
        )
        for share in shares
    )
    return [
        ("columns", _open_access(trends.read_open_by_day(oversight))),
        ("columns", _decisions(outcomes)),
        ("bars", _times(outcomes)),
        ("bars", _shares("by-role", _("Live grants by role"), _("Role"), roles)),
        ("bars", _shares("by-company", _("Live grants by company"), _("Company"), companies)),
    ]


def _open_access(days: Sequence[tuple[date, int]]) -> ColumnChart:
    values = tuple(count for _day, count in days)
    most = ngettext("At most {count} grant on one day.", "At most {count} grants on one day.", max(values))
    return ColumnChart(
        "open-access",
        _("Live grants"),
        gettext("Grants that were live at some time of each of the last 30 days.")
        + " "
        + most.format(count=max(values)),
        _labels(day for day, _count in days),
        (Series(_("Live grants"), "info", values),),
        url=f"{reverse('review', args=['granted'])}?days=30",
    )


def _decisions(outcomes: Outcomes) -> ColumnChart:
    days = outcomes.days
    series = (
        Series(_("Approved"), "done", tuple(day.approved for day in days)),
        Series(_("Approved by a policy"), "info", tuple(day.automatic for day in days)),
        Series(_("Denied"), "bad", tuple(day.denied for day in days)),
        Series(_("Expired"), "pending", tuple(day.expired for day in days)),
    )
    return ColumnChart(
        "decisions",
        _("Decisions"),
        gettext("What became of requests on each of the last 30 days."),
        _labels(day.day for day in days),
        series,
        url=f"{reverse('review', args=['asked'])}?days=30",
    )


def _times(outcomes: Outcomes) -> BarChart:
    titles: list[Words] = [gettext("up to {length}").format(length=wording.length(limit)) for limit in LIMITS]
    titles.append(_("longer"))
    bars = (Bar(title, outcomes.times.get(index, 0)) for index, title in enumerate(titles))
    return BarChart(
        "time-to-decide",
        _("Time to decide"),
        _median(outcomes) or gettext("Decisions of people in the last 30 days."),
        tuple(bars),
        _("Time"),
        _("Nobody decided on a request in the last 30 days."),
        url=f"{reverse('review', args=['asked'])}?days=30",
    )


def _median(outcomes: Outcomes) -> str:
    """Return within which time at least half of the decisions were made, in words."""
    total, seen = sum(outcomes.times.values()), 0
    for index, limit in enumerate(LIMITS):
        seen += outcomes.times.get(index, 0)
        if total and 2 * seen >= total:
            said = gettext("Half of the decisions in the last 30 days took {length} or less.")
            return said.format(length=wording.length(limit))
    return gettext("Half of the decisions in the last 30 days took longer than a day.") if total else ""


def _shares(name: str, title: Words, head: Words, counted: Iterable[tuple[str, str, int]]) -> BarChart:
    totals: Counter[tuple[str, str]] = Counter()
    for label, query, count in counted:
        totals[label, query] += count
    listed = totals.most_common()
    bars = [Bar(label, count, f"?{query}#access" if query else "") for (label, query), count in listed[:SHOWN]]
    if others := sum(count for _key, count in listed[SHOWN:]):
        bars.append(Bar(_("Others"), others))
    return BarChart(name, title, _("Grants that are live now."), tuple(bars), head, _("No grant is live."))


def _labels(days: Iterable[date]) -> tuple[str, ...]:
    return tuple(wording.shown(day, wording.SHORT_DAY) for day in days)
