"""Uses of standing rules as the pages show them, and whom they concern; read with few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, QuerySet, When
from django.urls import reverse

from access import rules
from access.models import Contractor, EmergencyUse, Grant, Role, StandingRule, User

RELATED = (
    "request__role__account",
    "request__requester",
    "request__contractor",
    "request__grant__role__account",
    "request__grant__revoked_by",
    "standing_rule__made_by",
    "standing_rule__confirmed_by",
    "person",
    "reviewed_by",
)
Standing = tuple[StandingRule, str, str]


@dataclass(frozen=True, slots=True)
class Use:
    """One use, its grant, and the state that this has at the moment of the page."""

    row: EmergencyUse
    grant: Grant
    state: str

    @property
    def url(self) -> str:
        return reverse("emergency", args=[self.row.request.public_id])

    @property
    def is_open(self) -> bool:
        return self.state not in {"ending", "ended"}


def tell(row: EmergencyUse, *, now: datetime) -> Use:
    grant = row.request.grant
    return Use(row, grant, grant.state(now=now))


def tell_all(rows: Iterable[EmergencyUse], *, now: datetime) -> list[Use]:
    return [tell(row, now=now) for row in rows]


def uses() -> QuerySet[EmergencyUse]:
    """Give uses with everything that a page shows of them."""
    return EmergencyUse.objects.select_related(*RELATED)


def visible_to(user: User, *, now: datetime) -> QuerySet[EmergencyUse]:
    """Give the uses that this person may see: his own, those of roles about which he decides, administrators all."""
    if user.is_staff:
        return uses()
    return uses().filter(Q(person=user) | Q(request__role__in=Role.objects.approved_by(user, now=now)))


def red_for(user: User, *, now: datetime) -> list[Use]:
    """Give what has to be looked at by somebody who answers for it: open uses, and those that nobody reviewed. Nobody
    has more than one of them, so they are few.
    """
    rows = visible_to(user, now=now).filter(reviewed_at=None).exclude(person=user).order_by("used_at")
    return tell_all(rows, now=now)


def concerns(user: User, *, now: datetime) -> bool:
    """Say whether break-glass is any concern of this person's: he decides, administers, is named, or was."""
    if Contractor.objects.filter(user=user).exists():
        return False
    decides = user.is_staff or Role.objects.approved_by(user, now=now).exists()
    return decides or is_named(user, now=now) or EmergencyUse.objects.filter(person=user).exists()


def is_named(user: User, *, now: datetime) -> bool:
    return StandingRule.objects.in_force(now=now).filter(people=user).exists()


def rules_for(user: User, *, now: datetime) -> list[tuple[StandingRule, str]]:
    """Give the rules in force that name this person, each with what keeps him from using it, or nothing."""
    named = StandingRule.objects.in_force(now=now).filter(people=user).select_related("role__account")
    unreviewed = EmergencyUse.objects.filter(person=user, reviewed_at=None).exists()
    person, found = user.facts(), []
    for rule in named.order_by("role__name", "pk"):
        try:
            rules.check_can_break_glass(person, rule.facts(), unreviewed=unreviewed, now=now)
            found.append((rule, ""))
        except rules.Refused as error:
            found.append((rule, str(error)))
    return found


def all_rules(*, now: datetime) -> QuerySet[StandingRule]:
    """Give the standing rules, those that wait first, then those in force, those that are over and those withdrawn."""
    rows = StandingRule.objects.select_related("role__account", "made_by", "confirmed_by").prefetch_related("people")
    order = Case(
        When(withdrawn_at__isnull=False, then=3),
        When(expires_at__lte=now, then=2),
        When(confirmed_at=None, then=0),
        default=1,
    )
    return rows.order_by(order, "-made_at", "-pk")


def tell_rules(rows: Iterable[StandingRule], *, now: datetime) -> list[Standing]:
    """Give each of these rules with what it is at the moment and the tone of that."""
    return [(rule, *standing(rule, now=now)) for rule in rows]


def standing(rule: StandingRule, *, now: datetime) -> tuple[str, str]:
    """Give what a rule is at the moment, in a word, and the tone of it."""
    if rule.withdrawn_at is not None:
        return "withdrawn", ""
    if now >= rule.expires_at:
        return "over", ""
    return ("waits", "pending") if rule.confirmed_at is None else ("in force", "active")
