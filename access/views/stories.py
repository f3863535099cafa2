"""A request and what became of it, as the pages show it; read with few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from access.lifecycle import RequestState
from access.models import Grant, Request, Role, User

RELATED = (
    "role__account",
    "contractor__user",
    "contractor__company",
    "contractor__sponsor",
    "principal__vouched_by",
    "requester",
    "extends__request",
)


@dataclass(frozen=True, slots=True)
class Story:
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
    def starts_when_approved(self) -> bool:
        """Whether no start was asked for, so that it is the yes that opens the window."""
        soon = self.request.starts_at - self.request.submitted_at < timedelta(seconds=1)
        return soon and self.grant is None and self.request.extends_id is None

    @property
    def starts_at(self) -> datetime:
        return self.grant.starts_at if self.grant else self.request.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.grant.ends_at if self.grant else self.request.ends_at


def tell(request: Request, *, now: datetime) -> Story:
    """Give one story; an approved extension shares the grant of the request that it extends."""
    grant = request.extends or getattr(request, "grant", None)
    if grant is None or request.state != RequestState.APPROVED:
        return Story(request, None, request.state)
    return Story(request, grant, grant.state(now=now))


def tell_all(requests: Iterable[Request], *, now: datetime) -> list[Story]:
    return [tell(request, now=now) for request in requests]


def requests() -> QuerySet[Request]:
    """Give requests with everything that a list row shows."""
    return Request.objects.select_related(*RELATED, "grant__role__account", "extends__role__account")


def of_contractor(user: User) -> QuerySet[Request]:
    return requests().filter(requester=user)


def waiting_for(user: User) -> QuerySet[Request]:
    """Give the undecided requests that this person may decide, the oldest first."""
    waiting = requests().filter(state=RequestState.PENDING, role__in=Role.objects.approved_by(user))
    return waiting.exclude(requester=user).exclude(decisions__approver=user).order_by("submitted_at")


def open_grants() -> Q:
    """Give the filter for requests whose grant is not known to have ended."""
    return Q(state=RequestState.APPROVED, extends=None, grant__removed_at=None)
