"""A contractor's roles and open access by account, with favourites and recently used roles first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse

from access import uploads
from access.lifecycle import RequestState
from access.models import Account, Issuance, Request, Role, User
from access.presenters.request_views import RequestView

T = TypeVar("T")
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class InAccount(Generic[T]):
    """What belongs to one account."""

    account: Account
    entries: list[T]


@dataclass(frozen=True, slots=True)
class OpenAccess:
    """A grant that is open, and what can be done with it without another page."""

    request_view: RequestView
    methods: Mapping[str, bool]
    page: str  # the console page to open first


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that the contractor can request."""

    role: Role
    is_favourite: bool

    @property
    def ask_url(self) -> str:
        query = urlencode({"role": f"{self.role.account.account_id}/{self.role.name}"})
        return f"{reverse('request_new')}?{query}"


class Ranking:
    """The order of one contractor's roles, and the roles that they can request, read with one query."""

    def __init__(self, user: User) -> None:
        mine = Request.objects.filter(requester=user, role=OuterRef("pk")).order_by("-submitted_at")
        used = Issuance.objects.filter(by=user, grant__request__role=OuterRef("pk")).order_by("-started_at")
        favourites = Role.favourite_of.through.objects.filter(user=user, role=OuterRef("pk"))
        roles = Role.objects.filter(contractors__user=user, is_active=True, overflow_of=None).select_related("account")
        self.roles = list(
            roles.annotate(
                asked_at=Subquery(mine.values("submitted_at")[:1]),
                used_at=Subquery(used.values("started_at")[:1]),
                is_favourite=Exists(favourites),
            )
        )
        # django-stubs does not know the annotations of a custom query set.
        listed: list[Any] = list(self.roles)
        self._favourites = {role.pk for role in listed if role.is_favourite}
        self._last = {role.pk: max(role.asked_at or NEVER, role.used_at or NEVER) for role in listed}

    def is_favourite(self, role: Role) -> bool:
        return role.pk in self._favourites

    def __call__(self, role: Role) -> tuple[Any, ...]:
        last = self._last.get(role.pk, NEVER)
        return (not self.is_favourite(role), datetime.max.replace(tzinfo=UTC) - last, role.name)


def open_access(views: Iterable[RequestView], ranking: Ranking) -> list[InAccount[OpenAccess]]:
    """Return open access by account."""
    found = sorted(views, key=lambda view: ranking(view.request.role))
    return by_account([_usable(view) for view in found], lambda entry: entry.request_view.request.role)


def own_roles(ranking: Ranking) -> list[InAccount[OwnRole]]:
    """Return by account the roles that this contractor can request."""
    found = [OwnRole(role, ranking.is_favourite(role)) for role in sorted(ranking.roles, key=ranking)]
    return by_account(found, lambda entry: entry.role)


def _usable(view: RequestView) -> OpenAccess:
    role, grant = view.request.role, view.grant
    is_active = grant is not None and view.state == "active" and view.request.state == RequestState.APPROVED
    issued = is_active and grant is not None and grant.portal_issued
    methods = {
        "console": issued and role.allows_console,
        "credentials": issued and role.allows_portal_issued,
        "snippets": is_active and not issued,
    }
    return OpenAccess(view, methods, "bucket" if issued and uploads.only_bucket_in(role.permissions) else "console")


def by_account(entries: Iterable[T], role_of: Callable[[T], Role]) -> list[InAccount[T]]:
    """Return the entries by account, in their order."""
    found: dict[int, InAccount[T]] = {}
    for entry in entries:
        account = role_of(entry).account
        found.setdefault(account.pk, InAccount(account, [])).entries.append(entry)
    return list(found.values())
