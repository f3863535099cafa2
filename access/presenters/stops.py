"""Stops as pages show them: what will end, how much has ended, and who can see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from access import stops as access_stops
from access.actions import stopping
from access.actions.stop_targets import Target
from access.actions.stopping import Ending
from access.guarding import guarded
from access.models import Account, Company, Grant, Role, Stop, StopQuerySet, User
from access.rules.facts import refusal_of
from access.rules.people import can_administer
from access.rules.stopping import Scope
from access.texts.text import Text

log = structlog.get_logger(__name__)

SHOWN = 50  # rows of a list; the count says how many there are
RELATED = ("role__account", "account", "company", "person", "stopped_by", "lift_proposed_by", "lifted_by")


@dataclass(frozen=True, slots=True)
class StopPreview:
    """What pressing a button ends, with the people who get an email."""

    ending: Ending
    people: list[User]

    @property
    def grants(self) -> list[Grant]:
        return list(self.ending.grants[:SHOWN])

    @property
    def more_grants(self) -> int:
        return max(0, len(self.ending.grants) - SHOWN)

    @property
    def more_people(self) -> int:
        return max(0, len(self.ending.people) - SHOWN)

    @property
    def policies(self) -> int:
        return len(self.ending.auto_approvals) + len(self.ending.break_glass)


@dataclass(frozen=True, slots=True)
class StopProgress:
    """How far the ending of a stop's grants is in AWS."""

    total: int
    ended: int
    waiting: list[Grant]

    @property
    def left(self) -> int:
        return self.total - self.ended

    @property
    def more(self) -> int:
        return self.left - len(self.waiting)


def build_preview(target: Target, *, now: datetime) -> StopPreview | None:
    """Return what ends, or None when it cannot be computed: the button works without it."""

    def compute() -> StopPreview:
        with transaction.atomic():
            ending = stopping.what_ends(target, now=now)
            people = User.objects.filter(pk__in=ending.people).order_by("name", "email")[:SHOWN]
            return StopPreview(ending, list(people))

    found = guarded(partial(compute))
    if isinstance(found, Exception):
        log.error("stop.preview_failed", exc_info=found)
        return None
    return found


def progress_of(stop: Stop) -> StopProgress:
    """Return how many of the grants are gone from AWS, and the first of the others."""
    left = stop.grants.filter(removed_at=None).select_related("role__account", "request__requester").order_by("pk")
    total, waiting = stop.grants.count(), left.count()
    return StopProgress(total, total - waiting, list(left[:SHOWN]))


def visible_to(user: User, *, now: datetime) -> StopQuerySet:
    """Return the stops that this internal user can see: their own, of roles that they approve, and of people whom they
    sponsor; administrators all.
    """
    rows, facts = Stop.objects.select_related(*RELATED).order_by("-stopped_at", "-pk"), user.facts()
    if can_administer(facts):
        return rows
    if facts.contractor_id is not None or not facts.is_active:
        return rows.none()
    mine = Q(stopped_by=user) | Q(role__in=Role.objects.approved_by(user, now=now))
    return rows.filter(mine | Q(scope="sponsor", person=user) | Q(scope="person", person__contractor__sponsor=user))


def open_stop_of(target: Target) -> Stop | None:
    """Return the stop in force with exactly this scope."""
    found = target.open_stop()
    return Stop.objects.select_related(*RELATED).get(pk=found.pk) if found else None


def on_role(role: Role) -> Text | None:
    """Return the sentence about a stop in force that covers every grant of the role; None without one."""
    return refusal_of(lambda: access_stops.check(role=role))


def name_to_type(target: Target) -> str:
    """Return what confirms a stop when it is typed."""
    match target.named:
        case Role() | Company():
            return target.named.name
        case Account():
            return target.named.account_id
        case User():
            return target.named.email
    return "everything"


def url_of(target: Target) -> str:
    """Return the address of the page with the button."""
    match target.named:
        case Role():
            return reverse("stop_role", args=[target.named.account.account_id, target.named.name])
        case Account():
            return reverse("stop_account", args=[target.named.account_id])
        case Company():
            return reverse("stop_company", args=[target.named.public_id])
        case User():
            name = "stop_sponsor" if target.scope is Scope.SPONSOR else "stop_person"
            return reverse(name, args=[target.named.public_id])
    return reverse("stop_everything")
