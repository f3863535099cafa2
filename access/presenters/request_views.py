"""A request and its grant, as pages show them; read with few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from access.lifecycle import RequestState
from access.models import Grant, Request, RequestQuerySet, User
from access.rules.windows import AnyWindow

RELATED = (
    "role__account",
    "role__state",
    "contractor__user",
    "contractor__company",
    "contractor__sponsor",
    "principal__vouched_by",
    "requester",
    "extends__request",
)

CANCELLED = "cancelled"  # what pages show of a request that ended because its requester was disabled
WITHOUT_A_GAP = timedelta(minutes=2)  # an approval that comes so long before the end reaches AWS in time


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with its grant, and the state that both amount to at the moment of the page."""

    request: Request
    grant: Grant | None
    state: str

    @property
    def url(self) -> str:
        return reverse("request", args=[self.request.public_id])

    @property
    def decide_url(self) -> str:
        return reverse("approval", args=[self.request.public_id])

    @property
    def is_extension(self) -> bool:
        return self.request.extends_id is not None

    @property
    def starts_when_approved(self) -> bool:
        """Return whether no start was chosen, so that the window starts with the approval."""
        return self.grant is None and self.request.starts_on_approval

    @property
    def window(self) -> AnyWindow:
        """Return the window of the grant, or the requested one while there is none."""
        return self.grant.window if self.grant else self.request.window()

    @property
    def starts_at(self) -> datetime | None:
        return self.grant.starts_at if self.grant else self.request.starts_at

    @property
    def ends_at(self) -> datetime | None:
        return self.grant.ends_at if self.grant else self.request.ends_at


def build_view(request: Request, *, now: datetime) -> RequestView:
    """Return one request view; an approved extension shares the grant of the request that it extends."""
    grant = request.extends or getattr(request, "grant", None)
    if grant is None or request.state != RequestState.APPROVED:
        return RequestView(request, None, _undecided_state(request, now=now))
    return RequestView(request, grant, grant.state(now=now))


def _undecided_state(request: Request, *, now: datetime) -> str:
    """Return the state of a request without a grant; one that ended before its time ran out was cancelled."""
    if request.is_overdue(now=now):
        return RequestState.EXPIRED
    settled = request.settled_at if request.state == RequestState.EXPIRED else None
    return CANCELLED if settled and settled < request.expires_at else request.state


def build_views(requests: Iterable[Request], *, now: datetime) -> list[RequestView]:
    return [build_view(request, now=now) for request in requests]


def requests() -> RequestQuerySet:
    """Return requests with everything that a list row shows."""
    return Request.objects.select_related(
        *RELATED, "grant__role__account", "grant__role__state", "extends__role__account", "extends__role__state"
    )


def list_views_of_keys(keys: Iterable[int], *, now: datetime) -> dict[int, RequestView]:
    """Return the request views of these requests by key, with what rows of long lists show and no policies."""
    paths = ("role", "grant__role", "extends__role")
    rows = Request.objects.select_related("requester", "contractor__company", *(f"{path}__account" for path in paths))
    rows = rows.defer(*(f"{path}__permissions" for path in paths))
    return {key: build_view(row, now=now) for key, row in rows.in_bulk(list(keys)).items()}


def of_contractor(user: User) -> RequestQuerySet:
    return requests().filter(requester=user)


def open_grants() -> Q:
    """Return the filter for requests whose grant is not known to have ended."""
    return Q(state=RequestState.APPROVED, extends=None, grant__removed_at=None)
