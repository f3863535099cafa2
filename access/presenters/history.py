"""History: how long decisions take, and a requester's earlier requests."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from django.db.models import Count, Q, QuerySet

from access.lifecycle import RequestState
from access.models import Grant, Request, Role, User
from access.rules.windows import Window

LATELY = 20  # decisions of a role from which its usual time is computed


def usual_times(roles: Iterable[Role]) -> dict[int, timedelta]:
    """Return for each role, by its key, how long its last decisions took in whole minutes, at least one.

    A role without any decision has no entry.
    """
    decided = Request.objects.filter(role__in=[role.pk for role in roles], break_glass_policy=None)
    decided = decided.filter(state__in=[RequestState.APPROVED, RequestState.DENIED]).order_by("-settled_at")
    took: dict[int, list[float]] = defaultdict(list)
    for role_id, asked_at, settled_at in decided.values_list("role_id", "submitted_at", "settled_at")[:500]:
        if settled_at and len(took[role_id]) < LATELY:
            took[role_id].append((settled_at - asked_at).total_seconds())
    return {role_id: timedelta(minutes=max(1, ceil(median(lengths) / 60))) for role_id, lengths in took.items()}


@dataclass(frozen=True, slots=True)
class History:
    """A requester's earlier requests and their outcomes, and the requester's other open grants."""

    asked: int
    approved: int
    denied: int
    revoked: int
    since: datetime | None
    last: Grant | None
    open: list[Grant]
    overlapping: list[Grant]


def build_history(asked: Request, window: Window, *, now: datetime) -> History:
    """Return the requester's other requests and grants; `overlapping` are the grants in this window."""
    others = Request.objects.filter(requester=asked.requester).exclude(pk=asked.pk)
    counts = others.aggregate(
        asked=Count("pk"),
        approved=Count("pk", filter=Q(state=RequestState.APPROVED)),
        denied=Count("pk", filter=Q(state=RequestState.DENIED)),
    )
    first = others.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    grants = _grants_of(asked.requester).exclude(request=asked)
    beside = list(grants.filter(revoked_at=None, ends_at__gt=now).exclude(pk=asked.extends_id or 0).order_by("ends_at"))
    return History(
        asked=counts["asked"],
        approved=counts["approved"],
        denied=counts["denied"],
        revoked=grants.filter(revoked_at__isnull=False).exclude(revoked_by=asked.requester).count(),
        since=first,
        last=grants.filter(Q(ends_at__lte=now) | Q(revoked_at__isnull=False)).order_by("-ends_at").first(),
        open=beside,
        overlapping=[one for one in beside if one.starts_at < window.ends_at and window.starts_at < one.ends_at],
    )


def _grants_of(person: User) -> QuerySet[Grant]:
    return Grant.objects.filter(request__requester=person).select_related("role__account", "role__state", "request")
