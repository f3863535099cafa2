"""Break-glass grants as pages show them, and who can see them; read with few queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db.models import Case, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from access.models import BreakGlassGrant, BreakGlassPolicy, Contractor, Grant, Role, User
from access.rules.break_glass import check_can_use_break_glass
from access.rules.facts import Refused
from access.texts.text import Text
from access.wording import Words

RELATED = (
    "request__role__account",
    "request__role__state",
    "request__requester",
    "request__contractor",
    "request__grant__role__account",
    "request__grant__role__state",
    "request__grant__revoked_by",
    "break_glass_policy__made_by",
    "break_glass_policy__confirmed_by",
    "person",
    "reviewed_by",
)
PolicyStatus = tuple[BreakGlassPolicy, Words, str]


@dataclass(frozen=True, slots=True)
class BreakGlassView:
    """One break-glass grant, its grant row, and its state at the moment of the page."""

    row: BreakGlassGrant
    grant: Grant
    state: str

    @property
    def url(self) -> str:
        return reverse("break_glass_grant", args=[self.row.request.public_id])

    @property
    def is_open(self) -> bool:
        return self.state not in {"ending", "ended"}


def build_view(row: BreakGlassGrant, *, now: datetime) -> BreakGlassView:
    grant = row.request.grant
    return BreakGlassView(row, grant, grant.state(now=now))


def build_views(rows: Iterable[BreakGlassGrant], *, now: datetime) -> list[BreakGlassView]:
    return [build_view(row, now=now) for row in rows]


def grants_with_related() -> QuerySet[BreakGlassGrant]:
    """Return break-glass grants with everything that a page shows of them."""
    return BreakGlassGrant.objects.select_related(*RELATED)


def visible_to(user: User, *, now: datetime, approved: Collection[int] | None = None) -> QuerySet[BreakGlassGrant]:
    """Return the grants that this person can see: their own, those of roles they approve, all for administrators."""
    if user.is_staff:
        return grants_with_related()
    roles = Role.objects.approved_by(user, now=now) if approved is None else approved
    return grants_with_related().filter(Q(person=user) | Q(request__role__in=roles))


def flagged_for(user: User, *, now: datetime, approved: Collection[int] | None = None) -> list[BreakGlassView]:
    """Return the break-glass grants that need attention: open ones, and those that nobody reviewed. Nobody
    has more than one of them, so they are few. `approved` are the roles that this person approves, where these are
    known already.
    """
    rows = (
        visible_to(user, now=now, approved=approved).filter(reviewed_at=None).exclude(person=user).order_by("used_at")
    )
    return build_views(rows, now=now)


def concerns(user: User, *, now: datetime) -> bool:
    """Return whether this person sees the break-glass page: as an approver, an administrator, or named in a policy."""
    if Contractor.objects.filter(user=user).exists():
        return False
    decides = user.is_staff or Role.objects.approved_by(user, now=now).exists()
    return decides or is_named(user, now=now) or BreakGlassGrant.objects.filter(person=user).exists()


def is_named(user: User, *, now: datetime) -> bool:
    return BreakGlassPolicy.objects.in_force(now=now).filter(people=user).exists()


def policies_for(user: User, *, now: datetime) -> list[tuple[BreakGlassPolicy, Text | None]]:
    """Return the policies in force that name this person, each with what prevents its use, or None."""
    naming = (
        BreakGlassPolicy.objects.in_force(now=now).filter(people=user).select_related("role__account", "role__state")
    )
    unreviewed = BreakGlassGrant.objects.filter(person=user, reviewed_at=None).exists()
    person = user.facts()
    found: list[tuple[BreakGlassPolicy, Text | None]] = []
    for policy in naming.order_by("role__name", "pk"):
        try:
            check_can_use_break_glass(person, policy.facts(), unreviewed=unreviewed, now=now)
            found.append((policy, None))
        except Refused as error:
            found.append((policy, error.text))
    return found


def all_policies(*, now: datetime) -> QuerySet[BreakGlassPolicy]:
    """Return the break-glass policies, those that wait first, then those in force, those that are over and those
    withdrawn.
    """
    rows = BreakGlassPolicy.objects.select_related(
        "role__account", "role__state", "made_by", "confirmed_by"
    ).prefetch_related("people")
    order = Case(
        When(withdrawn_at__isnull=False, then=3),
        When(expires_at__lte=now, then=2),
        When(confirmed_at=None, then=0),
        default=1,
    )
    return rows.order_by(order, "-made_at", "-pk")


def with_status(rows: Iterable[BreakGlassPolicy], *, now: datetime) -> list[PolicyStatus]:
    """Return each of these policies with its status and the tone of that."""
    return [(policy, *status_of(policy, now=now).value) for policy in rows]


class Status(Enum):
    """The status of a policy: its word and its tone."""

    WITHDRAWN = (_("withdrawn"), "")
    EXPIRED = (_("expired"), "")
    UNCONFIRMED = (_("unconfirmed"), "pending")
    IN_FORCE = (_("in force"), "active")


def status_of(policy: BreakGlassPolicy, *, now: datetime) -> Status:
    """Return the status of a policy."""
    if policy.withdrawn_at is not None:
        return Status.WITHDRAWN
    if now >= policy.expires_at:
        return Status.EXPIRED
    return Status.UNCONFIRMED if policy.confirmed_at is None else Status.IN_FORCE
