"""What a search found, by kind: each hit with the page that it leads to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import Account, Company, Contractor, Request, Role, User
from access.presenters import request_views
from access.presenters.events import url_of
from access.reviews import searching
from access.reviews.paging import Cursor, Keys
from access.reviews.search_text import SearchText
from access.reviews.searching import Sight
from access.wording import Words

TITLES: Mapping[str, Words] = {
    searching.REQUESTS: _("Requests"),
    searching.PEOPLE: _("People"),
    searching.COMPANIES: _("Companies"),
    searching.ROLES: _("Roles"),
    searching.ACCOUNTS: _("Accounts"),
}
AT_ONCE, SUGGESTED = 8, 3  # of each kind


@dataclass(frozen=True, slots=True)
class Hit:
    """One object that was found, and the smaller text beside it."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one kind: `request_views` of requests, `hits` of everything else.

    The addresses are empty where there is nothing else to show.
    """

    kind: str
    title: Words
    hits: list[Hit]
    request_views: list[request_views.RequestView]
    all_url: str = ""
    earlier_url: str = ""
    later_url: str = ""


def find_url(sight: Sight, asked: SearchText) -> str:
    """Return the page of the one object of which the text is an id; empty if there is none."""
    found = searching.find_exact(sight, asked)
    if isinstance(found, Request):
        return reverse("request", args=[found.public_id])
    return _url(sight, found) if found else ""


def build_sections(sight: Sight, asked: SearchText, *, size: int = AT_ONCE) -> list[Section]:
    """Return the first hits of each kind that has any."""
    if not asked.text:
        return []
    found = {kind: searching.read_matches(sight, kind, asked, size=size) for kind in searching.KINDS}
    return [_section(sight, kind, asked, keys) for kind, keys in found.items() if keys.keys]


def build_list(
    sight: Sight, kind: str, asked: SearchText, *, size: int, after: Cursor | None = None, before: Cursor | None = None
) -> Section:
    """Return one page of what was found of one kind."""
    return _section(
        sight, kind, asked, searching.read_matches(sight, kind, asked, size=size, after=after, before=before)
    )


def search_url(asked: SearchText) -> str:
    """Return the address of the search of all kinds; empty without a text."""
    return f"{reverse('search')}?{urlencode({'q': asked.text})}" if asked.text else ""


def list_url(kind: str, asked: SearchText, **cursor: Cursor) -> str:
    """Return the address of the list of one kind, at a cursor if there is one."""
    query = ({"q": asked.text} if asked.text else {}) | {name: str(place) for name, place in cursor.items()}
    return reverse("search_list", args=[kind]) + (f"?{urlencode(query)}" if query else "")


def _section(sight: Sight, kind: str, asked: SearchText, keys: Keys) -> Section:
    is_of_requests = kind == searching.REQUESTS
    views = request_views.list_views_of_keys(keys.keys, now=sight.now) if is_of_requests else {}
    rows = {} if is_of_requests else _read(kind, keys.keys)
    return Section(
        kind,
        TITLES[kind],
        [_hit(sight, rows[key]) for key in keys.keys if key in rows],
        [views[key] for key in keys.keys if key in views],
        all_url=list_url(kind, asked) if keys.after else "",
        earlier_url=list_url(kind, asked, before=keys.before) if keys.before else "",
        later_url=list_url(kind, asked, after=keys.after) if keys.after else "",
    )


def _read(kind: str, keys: Iterable[int]) -> Mapping[int, Any]:
    """Return the rows by key with what their hits show."""
    rows: Mapping[str, Any] = {
        searching.PEOPLE: User.objects.select_related("contractor__company"),
        searching.COMPANIES: Company.objects.all(),
        searching.ROLES: Role.objects.select_related("account", "overflow_of__account").defer("permissions"),
        searching.ACCOUNTS: Account.objects.all(),
    }
    found: Mapping[int, Any] = rows[kind].in_bulk(list(keys))
    return found


def _hit(sight: Sight, row: Any) -> Hit:
    return Hit(str(row.name) or str(row), _url(sight, row), _NOTES[type(row)](row))


def _note_of_person(person: User) -> str:
    contractor: Contractor | None = getattr(person, "contractor", None)
    return f"{contractor.company} · {person.email}" if contractor else person.email


_NOTES: Mapping[type, Callable[[Any], str]] = {
    User: _note_of_person,
    Company: lambda company: "" if company.is_active else gettext("disabled"),
    Role: lambda role: f"{role.account.name} · {role.description}" if role.description else role.account.name,
    Account: lambda account: account.account_id,
}


def _url(sight: Sight, row: User | Company | Role | Account) -> str:
    """Return the page of an object that this person can open."""
    match row:
        case User():
            contractor = getattr(row, "contractor", None)
            if contractor is not None and sight.manages(contractor):
                return reverse("contractor", args=[contractor.public_id])
            return url_of("person", str(row.public_id))
        case Company():
            return f"{reverse('home')}?{urlencode({'company': row.public_id})}#access"
        case Role():
            shown = row if sight.everything else row.overflow_of or row
            return reverse("role", args=[shown.account.account_id, shown.name])
    if sight.everything:
        return reverse("account", args=[row.account_id])
    return f"{reverse('home')}?{urlencode({'account': row.account_id})}#access"
