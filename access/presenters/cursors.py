"""Pages of lists that grow: the cursor in an address, and the addresses of the pages beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.http import urlencode

from access.reviews.paging import Cursor, Keys, Order, read_keys


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one page, and the addresses of the pages beside it; empty where there is none."""

    rows: Sequence[Any]
    earlier_url: str
    later_url: str


def list_rows(request: HttpRequest, url: str, rows: QuerySet[Any], order: Order, *, size: int) -> Listed:
    """Return the page of these rows that the address names; raises Http404 for a cursor that no page wrote."""
    keys = read_keys(rows, order, size=size, **read_cursors(request, order))
    found = rows.in_bulk(keys.keys)
    return Listed([found[key] for key in keys.keys if key in found], **page_urls(url, {}, keys))


def read_cursors(request: HttpRequest, order: Order) -> dict[str, Cursor]:
    """Return the cursor in the address; raises Http404 for text that no page wrote."""
    try:
        return {name: Cursor.read(text, order) for name in ("after", "before") if (text := request.GET.get(name, ""))}
    except ValueError as error:
        raise Http404("There is no such page.") from error


def page_urls(url: str, query: dict[str, str], keys: Keys) -> dict[str, str]:
    """Return the addresses of the pages beside this one; empty where there is none."""

    def page(name: str, cursor: Cursor | None) -> str:
        return f"{url}?{urlencode(query | {name: str(cursor)})}" if cursor else ""

    return {"earlier_url": page("before", keys.before), "later_url": page("after", keys.after)}
