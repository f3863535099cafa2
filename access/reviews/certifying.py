"""What access reviews certify: live grants, imported roles, contracts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.models import Certification, Contractor, Grant, Role
from access.reviews.history import grants, request_cell, role_cell
from access.reviews.scope import Scope
from access.reviews.table import Cell
from access.wording import Words

DUE_AFTER = {"access": timedelta(days=7), "roles": timedelta(days=90), "contractors": timedelta(days=90)}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing; `rejects` is what the button says that does not let it stay."""

    name: str
    title: Words
    says: Words
    rejects: Words
    warns: Words
    subject: str
    rows: Callable[[Scope, datetime], Any]
    describe: Callable[[Any], tuple[Cell, str]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item, its last certification, and whether another is due."""

    key: str
    cell: Cell
    says: str
    last: Certification | None
    is_due: bool

    @property
    def is_rejected(self) -> bool:
        return self.last is not None and self.last.verdict == Certification.Verdict.REJECT


def items(kind: Kind, rows: Sequence[Any], *, now: datetime) -> list[Item]:
    """Return the rows of one page with the last certification of each, with one more query."""
    certifications = Certification.objects.filter(**{f"{kind.subject}__in": [row.pk for row in rows]}).select_related(
        "by"
    )
    last = {
        getattr(certification, f"{kind.subject}_id"): certification
        for certification in certifications.order_by("at", "pk")
    }
    found = []
    for row in rows:
        cell, says = kind.describe(row)
        due = row.certified_at is None or row.certified_at <= now - DUE_AFTER[kind.name]
        found.append(Item(str(_key(row)), cell, says, last.get(row.pk), due))
    return found


def due_count(kind: Kind, scope: Scope, *, now: datetime) -> int:
    """Return how many things of this kind are due for a look."""
    due = Q(certified_at=None) | Q(certified_at__lte=now - DUE_AFTER[kind.name])
    return int(kind.rows(scope, now).filter(due).count())


def _key(row: Any) -> Any:
    if isinstance(row, Grant):
        return row.request.public_id
    return row.pk if isinstance(row, Role) else row.public_id


def _last_certification(subject: str) -> Subquery:
    certifications = Certification.objects.filter(**{subject: OuterRef("pk")}).order_by("-at", "-pk")
    return Subquery(certifications.values("at")[:1])


def _live(scope: Scope, now: datetime) -> QuerySet[Any]:
    """Return live grants of other people. A grant counts as reviewed when it began, since somebody approved it then."""
    open_now = grants(scope).filter(revoked_at=None, ends_at__gt=now).exclude(request__requester=scope.user)
    certified_at = Coalesce(_last_certification("grant"), F("starts_at"), output_field=DateTimeField())
    return open_now.annotate(certified_at=certified_at).order_by("certified_at", "pk")


def _imported(scope: Scope, _now: datetime) -> QuerySet[Any]:
    roles = scope.roles().filter(is_managed=False, is_active=True).annotate(certified_at=_last_certification("role"))
    return roles.order_by(F("certified_at").asc(nulls_first=True), "name")


def _contracts(scope: Scope, _now: datetime) -> QuerySet[Any]:
    here = scope.contractors().filter(is_active=True).annotate(certified_at=_last_certification("contractor"))
    return here.prefetch_related("roles").order_by(F("certified_at").asc(nulls_first=True), "user__name", "pk")


def _describe_grant(grant: Grant) -> tuple[Cell, str]:
    return request_cell(grant), gettext("{role}, until {moment}").format(
        role=grant.role.name, moment=wording.moment(grant.ends_at)
    )


def _describe_role(role: Role) -> tuple[Cell, str]:
    return role_cell(role), role.description


def _describe_contractor(contractor: Contractor) -> tuple[Cell, str]:
    names = wording.listed(role.name for role in contractor.roles.all()) or gettext("no role")
    cell = Cell(str(contractor.user), contractor.company.name, reverse("contractor", args=[contractor.public_id]))
    day = wording.day(contractor.contract_ends_at)
    return cell, gettext("Can request {roles} until {day}").format(roles=names, day=day)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "access",
            _("Live grants"),
            _("The grants that have gone longest without a review come first. A review is due every 7 days."),
            _("End access"),
            _("Daypass ends the access immediately, and AWS denies open sessions. Enter a reason."),
            "grant",
            _live,
            _describe_grant,
        ),
        Kind(
            "roles",
            _("Imported roles"),
            _("Roles that existed before Daypass. Every 90 days, check that each role is still needed as it is."),
            _("Reject"),
            _(
                "The role stays flagged until someone certifies it. Describe what must change, then make the "
                "change on the role's page."
            ),
            "role",
            _imported,
            _describe_role,
        ),
        Kind(
            "contractors",
            _("Contracts"),
            _("Every 90 days, check that each contractor still needs these roles until this date."),
            _("Reject"),
            _(
                "This item stays flagged until someone certifies it. Describe what must change, then make the "
                "change on the contractor's page."
            ),
            "contractor",
            _contracts,
            _describe_contractor,
        ),
    )
}
