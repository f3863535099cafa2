"""Open access and waiting requests: filtered, searched, ordered, and cut into pages that one person can see."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from access.lifecycle import GrantState, RequestState
from access.models import Request
from access.models.grants import in_state
from access.reviews.oversight import Oversight
from access.reviews.paging import Cursor, Keys, Order, read_keys

PAGE = 50
SOON = timedelta(hours=1)
WAITING, ENDING_SOON = "waiting", "ending-soon"
STATES = (
    "",
    ENDING_SOON,
    *(state.value for state in GrantState if state is not GrantState.ENDED),
    WAITING,
)
_LONGEST_WORD = 150
_NAME = Case(
    When(requester__name="", then=F("requester__email")), default=F("requester__name"), output_field=CharField()
)


def _time(field: str) -> Order:
    return Order(field, is_of_time=True)


_BY_NAME = {
    "person": Order(_NAME),
    "role": Order("role__name"),
    "company": Order(Coalesce("contractor__company__name", Value(""))),
}
_OF_OPEN = {"end": _time("grant__ends_at"), "start": _time("grant__starts_at"), **_BY_NAME}
_OF_WAITING = {"submitted": _time("submitted_at"), "expiry": _time("expires_at"), **_BY_NAME}
_SEARCHED = (
    "requester__name",
    "requester__email",
    "contractor__company__name",
    "role__name",
    "reason",
    "ticket",
    "session_name",
    "principal__arn",
)


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """What part of the list is asked for. Everything is as the address has it; what makes no sense matches nothing.

    `state` is one of STATES: "" for all open access. `sort` is the name of an order, after "-" if it is reversed.
    """

    state: str = ""
    word: str = ""
    role: str = ""
    account: str = ""
    company: str = ""
    sort: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "AccessFilter":
        """Return the filter that the parameters of an address name."""
        names = ("state", "q", "role", "account", "company", "sort")
        state, word, role, account, company, sort = (asked.get(name, "").strip().replace("\0", "") for name in names)
        found = cls(state if state in STATES else "", word[:_LONGEST_WORD], role, account, company)
        return cls(**found.columns(), sort=sort if sort.removeprefix("-") in found.orders() else "")

    def columns(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("state", "word", "role", "account", "company")}

    def query(self) -> dict[str, str]:
        """Return the parameters of the address, without empty ones."""
        named = {name: value for name, value in self.columns().items() if name != "word"}
        return {name: value for name, value in ({"q": self.word} | named | {"sort": self.sort}).items() if value}

    @property
    def is_waiting(self) -> bool:
        return self.state == WAITING

    @property
    def is_narrow(self) -> bool:
        """Return whether the filter leaves out anything of all open access."""
        return any(self.columns().values())

    def orders(self) -> Mapping[str, Order]:
        return _OF_WAITING if self.is_waiting else _OF_OPEN

    def order(self) -> Order:
        """Return the order of the list: what ends first, or has waited longest, comes first unless asked otherwise."""
        name = self.sort or next(iter(self.orders()))
        found = self.orders()[name.removeprefix("-")]
        return found.reversed() if name.startswith("-") else found


@dataclass(frozen=True, slots=True)
class Share:
    """How many requests there are of one company for one role; the company is empty for break-glass."""

    account_id: str
    account: str
    role: str
    company_id: str
    company: str
    count: int


def read_page(
    oversight: Oversight, asked: AccessFilter, *, after: Cursor | None = None, before: Cursor | None = None
) -> Keys:
    """Return the keys of the requests of one page."""
    return read_keys(found(oversight, asked), asked.order(), size=PAGE, after=after, before=before)


def found(oversight: Oversight, asked: AccessFilter) -> QuerySet[Request]:
    """Return the requests that match, without an order."""
    rows = oversight.waiting() if asked.is_waiting else _open(oversight).filter(_state(oversight, asked.state))
    return rows.filter(_role(asked.role), _account(asked.account), _company(asked.company), _word(asked.word))


def read_shares(oversight: Oversight, *, waiting: bool = False) -> list[Share]:
    """Return how much of all open access, or of what waits, each company has of each role."""
    rows = oversight.waiting() if waiting else _open(oversight)
    columns = ("role__account__account_id", "role__account__name", "role__name")
    company = ("contractor__company__public_id", "contractor__company__name")
    grouped = rows.order_by().values_list(*columns, *company).annotate(count=Count("pk"))
    return [
        Share(account_id, account, role, str(key or ""), name or "", count)
        for account_id, account, role, key, name, count in grouped
    ]


def _open(oversight: Oversight) -> QuerySet[Request]:
    """Return the requests whose grant is not known to have ended; an extension shares the grant of another one."""
    is_open = Q(state=RequestState.APPROVED, grant__isnull=False, grant__removed_at=None)
    return Request.objects.filter(oversight.of_roles("role"), is_open)


def _state(oversight: Oversight, state: str) -> Q:
    now = oversight.now
    if state == ENDING_SOON:
        return Q(grant__revoked_at=None, grant__ends_at__gt=now, grant__ends_at__lte=now + SOON)
    return in_state(GrantState(state), now=now, prefix="grant__") if state else Q()


def _role(value: str) -> Q:
    account_id, _, name = value.partition("/")
    return Q(role__account__account_id=account_id, role__name=name) if value else Q()


def _account(value: str) -> Q:
    return Q(role__account__account_id=value) if value else Q()


def _company(value: str) -> Q:
    key = _uuid(value)
    return Q(contractor__company__public_id=key) if key else Q(pk__in=()) if value else Q()


def _word(word: str) -> Q:
    if not word:
        return Q()
    occurs = Q()
    for place in _SEARCHED:
        occurs |= Q(**{f"{place}__icontains": word})
    key = _uuid(word)
    return occurs | Q(public_id=key) if key else occurs


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
