"""A request and what became of it, as the pages show it; read with few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from access import rules
from access.lifecycle import RequestState
from access.models import Decision, Deputy, Grant, Request, RequestQuerySet, Role, Stage, User

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
        return Story(request, None, RequestState.LAPSED if request.is_overdue(now=now) else request.state)
    return Story(request, grant, grant.state(now=now))


def tell_all(requests: Iterable[Request], *, now: datetime) -> list[Story]:
    return [tell(request, now=now) for request in requests]


def requests() -> RequestQuerySet:
    """Give requests with everything that a list row shows."""
    return Request.objects.select_related(*RELATED, "grant__role__account", "extends__role__account")


def of_contractor(user: User) -> RequestQuerySet:
    return requests().filter(requester=user)


def waiting_for(user: User, *, now: datetime, at_most: int = 100) -> list[Request]:
    """Give the undecided requests that this person can decide now, the oldest first.

    The rules are asked one by one only where more matters than who the approvers are: stages, deputies, what was said.
    """
    waiting = requests().waiting(now=now).filter(role__in=Role.objects.approved_by(user, now=now))
    others = waiting.exclude(requester=user).exclude(principal__vouched_by=user).order_by("submitted_at")
    others = others.annotate(
        in_stages=Exists(Stage.objects.filter(role=OuterRef("role"))),
        somebody_decided=Exists(Decision.objects.filter(request=OuterRef("pk"))),
        as_deputy=Exists(Deputy.objects.in_force(now=now).filter(deputy=user)),
    )
    return [request for request in others[:at_most] if _is_for(user, request, now=now)]


def _is_for(user: User, request: Any, *, now: datetime) -> bool:
    plain = not (request.in_stages or request.as_deputy or request.somebody_decided)
    return plain or rules.can_decide(user.facts(), request.facts(), now=now)


def open_grants() -> Q:
    """Give the filter for requests whose grant is not known to have ended."""
    return Q(state=RequestState.APPROVED, extends=None, grant__removed_at=None)
