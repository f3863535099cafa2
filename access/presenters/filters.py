"""The filter of open access and waiting requests as the page shows it: what can be chosen, and links that sort."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from access import wording
from access.reviews.current_access import ENDING_SOON, STATES, WAITING, AccessFilter, Share
from access.wording import Words

Option = tuple[str, Words]
_OWN = {"": _("All live grants"), ENDING_SOON: _("Ending within an hour"), WAITING: _("Waiting for a decision")}


@dataclass(frozen=True, slots=True)
class Field:
    """One list of the filter: its name in the address, its title, what can be chosen and what is."""

    name: str
    title: Words
    options: Sequence[Option]
    chosen: str


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: its title, the address that sorts by it, and how the list is sorted by it now, as ARIA says it."""

    title: Words
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class FilterView:
    """The filter, its fields, and the heading of each column."""

    asked: AccessFilter
    fields: Sequence[Field]
    headings: Sequence[Heading]

    @property
    def word(self) -> str:
        return self.asked.word

    @property
    def is_narrow(self) -> bool:
        return self.asked.is_narrow


def build_filter(asked: AccessFilter, shares: Iterable[Share]) -> FilterView:
    """Return the filter for a page; `shares` are all that its reader could find, and nothing else can be chosen."""
    listed = list(shares)
    roles = {f"{share.account_id}/{share.role}": f"{share.role} ({share.account})" for share in listed}
    accounts = {share.account_id: share.account for share in listed}
    companies = {share.company_id: share.company for share in listed if share.company_id}
    states = [(state, _OWN.get(state) or capfirst(wording.state(state))) for state in STATES]
    fields = [
        Field("state", _("State"), states, asked.state),
        Field("role", _("Role"), _options(roles, asked.role), asked.role),
        Field("account", _("Account"), _options(accounts, asked.account), asked.account),
        Field("company", _("Company"), _options(companies, asked.company), asked.company),
    ]
    return FilterView(asked, fields, _headings(asked))


def list_url(asked: AccessFilter, **cursor: object) -> str:
    """Return the address of the list, at a cursor if there is one."""
    query = urlencode(asked.query() | {name: str(value) for name, value in cursor.items()})
    return f"{reverse('home')}{'?' if query else ''}{query}#access"


def _options(found: dict[str, str], chosen: str) -> list[Option]:
    """Return what can be chosen, in the order of the titles; what is chosen stays, also when it matches nothing."""
    kept = {chosen: chosen} if chosen and chosen not in found else {}
    named = sorted((found | kept).items(), key=lambda option: (option[1].casefold(), option[0]))
    return [("", _("All")), *named]


def _headings(asked: AccessFilter) -> list[Heading]:
    first = ("submitted", _("Requested")) if asked.is_waiting else ("start", _("Starts"))
    last = ("expiry", _("Expires")) if asked.is_waiting else ("end", _("Ends"))
    columns = (("person", _("Person")), ("company", _("Company")), ("role", _("Role")), first, last)
    return [*(_heading(asked, name, title) for name, title in columns), Heading(_("State"))]


def _heading(asked: AccessFilter, name: str, title: Words) -> Heading:
    """Return the heading of a column: sorted by it already, it leads to the opposite order."""
    current = asked.sort or next(iter(asked.orders()))
    is_current = current.removeprefix("-") == name
    is_up = is_current and not current.startswith("-")
    url = list_url(replace(asked, sort=f"-{name}" if is_up else name))
    return Heading(title, url, ("ascending" if is_up else "descending") if is_current else "")
