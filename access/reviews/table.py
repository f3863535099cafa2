"""The format of a list: its columns, its rows, and the text and link of a cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.reviews.scope import Scope
from access.wording import Words

PERIODS = ((30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("all time")))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a list; `note` is the smaller text below, `url` where it leads."""

    text: Words = ""
    note: Words = ""
    url: str = ""
    at: datetime | None = None
    tone: str = ""

    def __str__(self) -> str:
        """Return it as text, for a file."""
        text = self.at.isoformat(timespec="seconds") if self.at else str(self.text)
        return f"{text} ({self.note})" if text and self.note else text or str(self.note)


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What part of a list somebody wants to see: `days` back (0 for all), a word that occurs, two people's share."""

    now: datetime
    days: int = 90
    word: str = ""
    approver: str = ""
    sponsor: str = ""

    @property
    def since(self) -> datetime | None:
        return self.now - timedelta(days=self.days) if self.days else None


@dataclass(frozen=True, slots=True)
class Report:
    """One list. `rows` gives what can be cut into pages, `cells` the cells of one page with few queries."""

    name: str
    title: Words
    says: Words
    head: tuple[Words, ...]
    empty: Words
    rows: Callable[[Scope, ReportFilter], Any]
    cells: Callable[[Sequence[Any], Scope], list[list[Cell]]]
    by_period: bool = False
    by_word: bool = False
    for_administrators: bool = False
