"""The inbox of an approver: the requests that they can decide, the filter of the list, and what comes next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from access.explain import Weight
from access.models import Decision, Delegation, Grant, Request, Role, Stage, User, settings_of
from access.presenters import permissions, request_views
from access.presenters.request_views import RequestView
from access.rules.checks import can_decide
from access.rules.windows import AnyWindow, Window

FILTERS = ("company", "role", "account")
DONE = "done"  # in an address: how many requests the approver has decided in this round
MOST_DONE = 999

# What each filter is about: its value in the address, and its text.
_COLUMNS = (
    "pk",
    "public_id",
    "submitted_at",
    "contractor__company__public_id",
    "contractor__company__name",
    "role__account__account_id",
    "role__account__name",
    "role__name",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A waiting request, and the value and text of each filter that finds it."""

    key: int
    public_id: UUID
    submitted_at: datetime
    found_by: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The requests that somebody can decide now, the oldest first, and the filter that was asked for."""

    entries: Sequence[Entry]
    chosen: Mapping[str, str]

    @property
    def found(self) -> list[Entry]:
        """Return the requests that the filter finds."""
        chosen = self.chosen.items()
        return [one for one in self.entries if all(one.found_by[name][0] == value for name, value in chosen)]

    @property
    def query(self) -> str:
        """Return the filter as an address has it."""
        return urlencode(self.chosen)

    @property
    def fields(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Return the name, the chosen value and the options of each filter: only what occurs in the list."""
        return [(name, self.chosen.get(name, ""), self._options(name)) for name in FILTERS]

    def _options(self, name: str) -> list[tuple[str, str]]:
        return sorted({one.found_by[name] for one in self.entries}, key=lambda option: (option[1], option[0]))


def waiting_for(
    user: User, asked: Mapping[str, str], *, now: datetime, approved: Collection[int] | None = None
) -> Waiting:
    """Return what waits for this person. A value of the filter that is unknown to them is as if it were not there.

    `approved` are the roles that they approve now, where these are known already.
    The rules are asked one by one only where more matters than who the approvers are: stages, delegates, what was said.
    """
    roles = Role.objects.approved_by(user, now=now) if approved is None else approved
    waiting = Request.objects.waiting(now=now).filter(role__in=roles)
    possible = waiting.filter(
        Q(extends=None) | Q(extends__revoked_at=None, extends__ends_at__gt=now, extends__ends_at=F("starts_at"))
    )
    others = possible.exclude(requester=user).exclude(principal__vouched_by=user).order_by("submitted_at", "pk")
    in_doubt = (
        Exists(Stage.objects.filter(role=OuterRef("role")))
        | Exists(Decision.objects.filter(request=OuterRef("pk")))
        | Exists(Delegation.objects.in_force(now=now).filter(delegate=user))
    )
    found = list(others.annotate(in_doubt=in_doubt).values_list(*_COLUMNS, "in_doubt"))
    mine = _decidable(user, [row[0] for row in found if row[-1]], now=now)
    entries = [_entry(row[:-1]) for row in found if not row[-1] or row[0] in mine]
    known = {name: {one.found_by[name][0] for one in entries} for name in FILTERS}
    values = {name: asked.get(name, "") for name in FILTERS}
    return Waiting(entries, {name: value for name, value in values.items() if value in known[name]})


def _decidable(user: User, keys: list[int], *, now: datetime) -> set[int]:
    """Return those of these requests of which the rules say that this person can decide them now."""
    if not keys:
        return set()
    person, asked = user.facts(), Request.objects.filter(pk__in=keys)
    known = settings_of(Role.objects.select_related("account").filter(pk__in=asked.values("role")))
    rows = asked.select_related("requester", "contractor__company", "contractor__sponsor", "principal")
    rows = rows.prefetch_related("decisions")
    return {one.pk for one in rows if can_decide(person, one.facts(role=known[one.role_id]), now=now)}


def _entry(row: tuple[Any, ...]) -> Entry:
    key, public_id, submitted_at, company, company_name, account_id, account, role = row
    found_by = {
        "company": (str(company), company_name or ""),
        "role": (f"{account_id}/{role}", f"{role} ({account})"),
        "account": (account_id, f"{account} ({account_id})"),
    }
    return Entry(key, public_id, submitted_at, found_by)


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting request as the list shows it: its present window, and what an approver should know before they open
    it.
    """

    request_view: RequestView
    window: AnyWindow
    left: timedelta
    is_first: bool
    has_high_finding: bool
    overlapping: Sequence[Grant]
    query: str = ""

    @property
    def request(self) -> Request:
        return self.request_view.request

    @property
    def decide_url(self) -> str:
        return f"{self.request_view.decide_url}?{self.query}" if self.query else self.request_view.decide_url


def build_rows(views: Sequence[RequestView], *, now: datetime, query: str = "") -> list[Row]:
    """Return the rows of these requests, whose decisions are prefetched, with a fixed number of queries."""
    people = {view.request.requester_id for view in views}
    grants = list(
        Grant.objects.filter(request__requester__in=people, revoked_at=None, ends_at__gt=now).select_related("request")
    )
    had = Grant.objects.filter(request__requester__in=people).values_list("request__requester", "request__role")
    known = frozenset(had.distinct())
    high = _with_high_findings(views)
    return [
        Row(
            request_view=view,
            window=(window := current_window(view.request)),
            left=_last_moment(view.request) - now,
            is_first=(view.request.requester_id, view.request.role_id) not in known,
            has_high_finding=view.request.role_id in high,
            overlapping=_overlapping(view.request, window.if_approved(now=now), grants),
            query=query,
        )
        for view in views
    ]


def views_of_keys(keys: Iterable[int], *, now: datetime) -> list[RequestView]:
    """Return the request views of these requests in the order of the keys, with what the rows need."""
    rows = request_views.requests().select_related("role__snapshot").prefetch_related("decisions")
    found = rows.in_bulk(list(keys))
    return [request_views.build_view(found[key], now=now) for key in keys if key in found]


def current_window(asked: Request) -> AnyWindow:
    """Return the requested window, or the one to which an approver has reduced it."""
    decisions = sorted(asked.decisions.all(), key=lambda one: one.pk, reverse=True)
    return next((one.terms().window for one in decisions if one.reduces_terms), asked.window())


def _last_moment(asked: Request) -> datetime:
    """Return when a request expires; an extension is withdrawn with the access that it extends."""
    return min(asked.expires_at, asked.extends.ends_at) if asked.extends else asked.expires_at


def _with_high_findings(views: Iterable[RequestView]) -> Collection[int]:
    """Return the keys of the roles whose permissions have a finding of the highest weight."""
    roles = {view.request.role_id: view.request.role for view in views}
    return {key for key, role in roles.items() if permissions.weightiest(role) is Weight.HIGH}


def _overlapping(asked: Request, window: Window, grants: Iterable[Grant]) -> list[Grant]:
    """Return the requester's other access in this window."""
    return [
        one
        for one in grants
        if one.request.requester_id == asked.requester_id
        and one.pk != asked.extends_id
        and one.starts_at < window.ends_at
        and window.starts_at < one.ends_at
    ]


def others_waiting(asked: Request, *, now: datetime) -> list[RequestView]:
    """Return the other waiting requests of the same person for the same role, the oldest first."""
    same = request_views.requests().waiting(now=now).filter(requester=asked.requester_id, role=asked.role_id)
    return request_views.build_views(same.exclude(pk=asked.pk).order_by("submitted_at", "pk"), now=now)


@dataclass(frozen=True, slots=True)
class Next:
    """The request to decide after another one: its number in this round, and how many there are."""

    url: str
    query: str
    number: int
    total: int


def round_of(asked: Mapping[str, str]) -> dict[str, str]:
    """Return what an address or a form says about the round: the filter, and how many requests are decided."""
    done = asked.get(DONE, "")
    is_number = done.isascii() and done.isdecimal() and len(done) <= len(str(MOST_DONE))
    said = {name: value for name in FILTERS if (value := asked.get(name, ""))}
    return said | ({DONE: str(int(done))} if is_number else {})


def list_url(current: Mapping[str, str]) -> str:
    """Return the address of the inbox with the filter of this round."""
    query = urlencode({name: value for name, value in current.items() if name in FILTERS})
    return f"{reverse('inbox')}?{query}" if query else reverse("inbox")


def place_in(user: User, current: Mapping[str, str], *, now: datetime) -> tuple[int, int] | None:
    """Return the number of the present request and the total of the round; None where no round has begun."""
    if DONE not in current:
        return None
    done = int(current[DONE])
    return done + 1, done + len(waiting_for(user, current, now=now).found)


def next_after(user: User, asked: Request, current: Mapping[str, str], *, now: datetime) -> Next | None:
    """Return the request that waits after this one, else the first one; None when no other one waits."""
    waiting = waiting_for(user, current, now=now)
    others = [one for one in waiting.found if one.key != asked.pk]
    if not others:
        return None
    place = (asked.submitted_at, asked.pk)
    following = next((one for one in others if (one.submitted_at, one.key) > place), others[0])
    done = int(current.get(DONE, "0"))
    query = urlencode({**waiting.chosen, DONE: done})
    url = f"{reverse('approval', args=[following.public_id])}?{query}"
    return Next(url, query, number=done + 1, total=done + len(others))
