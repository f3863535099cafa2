"""Search by administrators and approvers. Every query contains what the person can see, by the same measure as pages.

So an object of others and one that does not exist match nothing alike, after the same queries. Nothing is counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Upper

from access.models import Account, Company, Contractor, Principal, Request, Role, User
from access.reviews.paging import Cursor, Keys, Order, read_keys
from access.reviews.scope import Scope
from access.reviews.search_text import SearchText

REQUESTS, PEOPLE, COMPANIES, ROLES, ACCOUNTS = KINDS = ("requests", "people", "companies", "roles", "accounts")
RECENT = 5_000  # requests: in older ones, reasons and parts of ticket numbers are not searched
NAMED = 1_000  # people, companies, roles and identities whose requests are found
_ROLE_NAMES = ("name", "account__name")  # the page of a request shows these of its role
_NAME = Case(When(name="", then=F("email")), default=F("name"), output_field=CharField())
ORDERS: Mapping[str, Order] = {
    REQUESTS: Order(is_descending=True),
    PEOPLE: Order(_NAME),
    COMPANIES: Order("name"),
    ROLES: Order("name"),
    ACCOUNTS: Order("name"),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person can find: everything, or what concerns the roles that they approve now, the contractors whom
    they sponsor, and their own use of break-glass.
    """

    scope: Scope
    roles_approved: frozenset[int]

    @classmethod
    def of(cls, scope: Scope) -> "Sight":
        """Return what this person can find now."""
        if scope.is_everything:
            return cls(scope, frozenset())
        return cls(scope, frozenset(Role.objects.approved_by(scope.user, now=scope.now).values_list("pk", flat=True)))

    @property
    def everything(self) -> bool:
        return self.scope.is_everything

    @property
    def now(self) -> datetime:
        return self.scope.now

    def manages(self, contractor: Contractor) -> bool:
        """Return whether this person can open the contractor's page."""
        return self.scope.manages(contractor)

    def requests(self) -> QuerySet[Request]:
        own = Q(break_glass_policy__isnull=False, requester=self.scope.user)
        return Request.objects.filter(Q() if self.everything else self._overseen() | own)

    def people(self) -> QuerySet[User]:
        """Return those who requested what this person can see, and contractors whom they sponsor."""
        found = User.objects.all()
        return found if self.everything else self._concerned(found, "requester", self._managed())

    def companies(self) -> QuerySet[Company]:
        """Return the companies of the contractors whom this person can find."""
        seen = self._concerned(Contractor.objects.all(), "contractor", Q(pk__in=self._sponsored()))
        found = Company.objects.all()
        return found if self.everything else found.filter(pk__in=seen.values("company"))

    def roles(self) -> QuerySet[Role]:
        """Return the roles, with their overflow roles."""
        mine = Q(pk__in=self.roles_approved) | Q(overflow_of__in=self.roles_approved)
        return Role.objects.select_related("account").filter(Q() if self.everything else mine)

    def accounts(self) -> QuerySet[Account]:
        found = Account.objects.all()
        return found if self.everything else found.filter(pk__in=self.roles().values("account"))

    def with_identity(self, asked: SearchText) -> Q:
        """Return the filter for people by an AWS identity: only their sponsor and administrators see all of these."""
        proven = Q(contractor__in=Contractor.objects.filter(principals__arn__iexact=asked.text))
        return proven if self.everything else proven & self._managed()

    def _overseen(self) -> Q:
        return Q(role__in=self.roles_approved) | Q(contractor__in=self._sponsored())

    def _managed(self) -> Q:
        return Q(contractor__in=self._sponsored())

    def _sponsored(self) -> QuerySet[Any]:
        return Contractor.objects.filter(sponsor=self.scope.user).values("pk")

    def _concerned(self, rows: QuerySet[Any], field: str, otherwise: Q) -> QuerySet[Any]:
        """Return the rows that a request which they oversee names in this field, and those that are visible otherwise.

        The limit makes PostgreSQL look for one request of each row, by the index of the field, instead of reading all.
        """
        one = Request.objects.filter(self._overseen(), **{field: OuterRef("pk")}).values("pk")[:1]
        found: QuerySet[Any] = rows.annotate(visible_request=Subquery(one))
        return found.filter(otherwise | Q(visible_request__isnull=False))


def find_exact(sight: Sight, asked: SearchText) -> Any:
    """Return the one object of which the text is an id: a request, person, company, role or account; None otherwise."""
    for rows in _by_id(sight, asked):
        found = list(rows[:2])
        if len(found) == 1:
            return found[0]
    return None


def read_matches(
    sight: Sight,
    kind: str,
    asked: SearchText,
    *,
    size: int,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> Keys:
    """Return a page of the keys of the objects of one kind that match; without a text, of all of them."""
    if kind == REQUESTS and asked.text:
        return _merged(list(_requests(sight, asked)), size=size, after=after, before=before)
    return read_keys(rows_of(sight, kind, asked), ORDERS[kind], size=size, after=after, before=before)


def rows_of(sight: Sight, kind: str, asked: SearchText) -> QuerySet[Any]:
    """Return the objects of one kind that match, without an order; requests only as far as no text is asked for."""
    text = asked.text
    match kind:
        case "people":
            return sight.people().filter(_person(asked) | sight.with_identity(asked))
        case "companies":
            return sight.companies().filter(_company(asked))
        case "roles":
            return sight.roles().filter(_role(asked, *_ROLE_NAMES, "description") | Q(unique_id=text))
        case "accounts":
            return sight.accounts().filter(Q(name__icontains=text) | Q(account_id__contains=text))
    return sight.requests()


def _by_id(sight: Sight, asked: SearchText) -> Iterator[QuerySet[Any]]:
    """Yield the objects of which the text can be an id. What it can be is known before anything is read."""
    if key := asked.public_id:
        yield sight.requests().filter(public_id=key)
        yield sight.people().filter(Q(public_id=key) | Q(contractor__public_id=key))
        yield sight.companies().filter(public_id=key)
        return
    if asked.session_name:
        yield sight.requests().filter(session_name=asked.session_name)
    if asked.role:
        yield sight.roles().filter(account__account_id=asked.role[0], name=asked.role[1])
    if asked.is_unique_id:
        yield sight.roles().filter(unique_id=asked.text)
    if asked.is_account_id:
        yield sight.accounts().filter(account_id=asked.text)
    if asked.is_email:
        yield sight.people().filter(email__iexact=asked.text)
    if asked.text:
        yield _with_ticket(sight, asked)


def _requests(sight: Sight, asked: SearchText) -> Iterator[QuerySet[Request]]:
    """Yield the requests that match in one way, each way by an index; the last one among recent requests only."""
    seen = sight.requests()
    yield seen.filter(_id(asked))
    yield _with_ticket(sight, asked)
    yield seen.filter(requester__in=_keys(User.objects.filter(_person(asked))))
    yield seen.filter(
        contractor__in=_keys(Contractor.objects.filter(company__in=Company.objects.filter(_company(asked))))
    )
    yield seen.filter(role__in=_keys(Role.objects.filter(_role(asked, *_ROLE_NAMES))))
    yield seen.filter(principal__in=_keys(Principal.objects.filter(arn__iexact=asked.text)))
    older = seen.order_by("-pk").values_list("pk", flat=True)[RECENT : RECENT + 1]
    said = Q(reason__icontains=asked.text) | Q(ticket__icontains=asked.text)
    yield seen.filter(said, pk__gt=max(older, default=0))


def _keys(rows: QuerySet[Any]) -> list[int]:
    """Return the keys of what a request can name; with a key of nothing, so that there is always a query."""
    return [0, *rows.order_by("pk").values_list("pk", flat=True)[:NAMED]]


def _with_ticket(sight: Sight, asked: SearchText) -> QuerySet[Request]:
    numbered = sight.requests().exclude(ticket="")
    return numbered.annotate(number=Upper("ticket")).filter(number=Upper(Value(asked.text)))


def _id(asked: SearchText) -> Q:
    named = Q(session_name=asked.session_name) if asked.session_name else Q(pk__in=())
    return named | Q(public_id=asked.public_id) if asked.public_id else named


def _person(asked: SearchText) -> Q:
    named = Q(name__icontains=asked.text) | Q(email__icontains=asked.text)
    ids = Q(public_id=asked.public_id) | Q(contractor__public_id=asked.public_id)
    return named | ids if asked.public_id else named


def _company(asked: SearchText) -> Q:
    named = Q(name__icontains=asked.text)
    return named | Q(public_id=asked.public_id) if asked.public_id else named


def _role(asked: SearchText, *places: str) -> Q:
    """Return the filter for roles by account id or ARN, and by the text in any of these places."""
    found = Q(account__account_id=asked.text)
    for place in places:
        found |= Q(**{f"{place}__icontains": asked.text})
    return found | Q(account__account_id=asked.role[0], name=asked.role[1]) if asked.role else found


def _merged(
    ways: list[QuerySet[Request]], *, size: int, after: Cursor | None = None, before: Cursor | None = None
) -> Keys:
    """Return a page of the keys that are found in any way, the latest first."""
    cursor, sign, minus = (before, "gt", "") if before else (after, "lt", "-")
    found: set[int] = set()
    for rows in ways:
        beyond = rows.filter(**{f"pk__{sign}": cursor.key}) if cursor else rows
        found |= set(beyond.order_by(f"{minus}pk").values_list("pk", flat=True)[: size + 1])
    keys = sorted(found, reverse=before is None)
    is_more, keys = len(keys) > size, sorted(keys[:size], reverse=True)
    if not keys:
        return Keys([])
    has_earlier, has_later = (is_more, True) if before else (after is not None, is_more)
    first, last = Cursor("", keys[0]), Cursor("", keys[-1])
    return Keys(keys, first if has_earlier else None, last if has_later else None)
