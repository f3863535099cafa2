"""Pages of a list that grows: each begins at a cursor, and nothing counts the rows or reads those before it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

MOST_PAGES = 99_999
COUNTED = 999  # a number on a page is counted no further than this
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CURSOR = 300  # characters


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a list: by a field or an expression that is never null, if any, and then by primary key."""

    by: str | Combinable = ""
    is_of_time: bool = False
    is_descending: bool = False

    def reversed(self) -> "Order":
        return Order(self.by, self.is_of_time, not self.is_descending)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the value by which the list is ordered, and the primary key."""

    value: datetime | str
    key: int

    def __str__(self) -> str:
        value = self.value
        said = value if isinstance(value, str) else str((value - _EPOCH) // timedelta(microseconds=1))
        return f"{self.key}-{said}"

    @classmethod
    def read(cls, text: str, order: Order) -> "Cursor":
        """Return the cursor that `str` wrote in a list of this order; raises ValueError for any other text."""
        key, dash, said = text.partition("-")
        if not dash or len(text) > _LONGEST_CURSOR or not _is_number(key) or not said.isprintable():
            raise ValueError(text)
        if order.by == "" and said:
            raise ValueError(text)
        return cls(_moment(said) if order.is_of_time else said, int(key))


@dataclass(frozen=True, slots=True)
class Keys:
    """The primary keys of one page, and the cursors of the pages beside it; None where there is none."""

    keys: list[int]
    before: Cursor | None = None
    after: Cursor | None = None


def read_keys(
    rows: QuerySet[Any], order: Order, *, size: int, after: Cursor | None = None, before: Cursor | None = None
) -> Keys:
    """Return the page of `rows` that follows `after`, or that precedes `before`, or the first one."""
    is_back = before is not None
    way = order.reversed() if is_back else order
    found = _places(rows, way, before if is_back else after, size + 1)
    is_more, found = len(found) > size, found[:size]
    if not found:
        return Keys([])
    if is_back:
        found.reverse()
    has_earlier, has_later = (is_more, True) if is_back else (after is not None, is_more)
    first, last = (Cursor(value, key) for value, key in (found[0], found[-1]))
    return Keys([key for _, key in found], first if has_earlier else None, last if has_later else None)


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """One page of a report, whose rows have no key that a cursor could name. The pages are not counted."""

    number: int
    object_list: list[Any]
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1


def read_numbered(rows: Any, asked: str, *, size: int) -> NumberedPage:
    """Return the page with the number that somebody asked for; the first one if there is no such page."""
    number = int(asked) if _is_number(asked) and 0 < int(asked) <= MOST_PAGES else 1
    found = list(rows[(number - 1) * size : number * size + 1])
    if not found and number > 1:
        return read_numbered(rows, "1", size=size)
    return NumberedPage(number, found[:size], len(found) > size)


def count_some(rows: QuerySet[Any]) -> int:
    """Return how many rows there are; COUNTED + 1 when there are more."""
    return int(rows.order_by()[: COUNTED + 1].count())


def _places(rows: QuerySet[Any], order: Order, cursor: Cursor | None, most: int) -> list[tuple[Any, int]]:
    field = order.by
    if not isinstance(field, str):
        rows, field = rows.annotate(ordered_by=field), "ordered_by"
    sign, minus = ("lt", "-") if order.is_descending else ("gt", "")
    if cursor:
        beyond = Q(**{f"pk__{sign}": cursor.key})
        # The first condition follows from the second: it is what an index can be searched by.
        value = {f"{field}__{sign}e": cursor.value}, {f"{field}__{sign}": cursor.value}
        rows = rows.filter(Q(**value[0]), Q(**value[1]) | beyond) if field else rows.filter(beyond)
    if not field:
        return [("", key) for key in rows.order_by(f"{minus}pk").values_list("pk", flat=True)[:most]]
    return list(rows.order_by(f"{minus}{field}", f"{minus}pk").values_list(field, "pk")[:most])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _moment(said: str) -> datetime:
    if not _is_number(said):
        raise ValueError(said)
    try:
        return _EPOCH + timedelta(microseconds=int(said))
    except OverflowError:
        raise ValueError(said) from None
