"""Grants that were not used, and roles that nobody requests."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext

from access import wording
from access.models import Contractor, Grant, Issuance, Request, Role
from access.reviews.history import grants, request_cell, role_cell
from access.reviews.scope import Scope
from access.reviews.table import Cell, ReportFilter

UNASKED = timedelta(days=90)
LATE = timedelta(hours=4)  # so late IAM may still learn of a use [IAM "last accessed information"]


def unused(scope: Scope, report_filter: ReportFilter) -> QuerySet[Grant]:
    """Return the grants that were in AWS and of which it is certain that nobody used them.

    For portal-issued ones the portal knows; for the others IAM knows only when the role was last used by anybody.
    """
    opened = Issuance.objects.filter(grant=OuterRef("pk"), outcome=Issuance.Outcome.ISSUED)
    by_portal = Q(portal_issued=True) & ~Exists(opened)
    last = "role__snapshot__last_used_at"
    by_iam = Q(portal_issued=False, role__snapshot__read_at__gte=F("starts_at") + LATE) & (
        Q(**{last: None}) | Q(**{f"{last}__lt": F("starts_at")})
    )
    found = grants(scope).filter(by_portal | by_iam, starts_at__lte=report_filter.now, applied_at__isnull=False)
    if report_filter.since:
        found = found.filter(starts_at__gte=report_filter.since)
    return found.select_related("role__snapshot").order_by("-starts_at", "-pk")


def unused_cells(rows: Sequence[Grant], _scope: Scope) -> list[list[Cell]]:
    return [
        [request_cell(grant), role_cell(grant.role), Cell(at=grant.starts_at), Cell(at=grant.ends_at), _why(grant)]
        for grant in rows
    ]


def _why(grant: Grant) -> Cell:
    if grant.portal_issued:
        return Cell(gettext("Daypass issued no session"))
    snapshot = grant.role.snapshot
    if snapshot.last_used_at is None:
        read = gettext("as read on {moment}").format(moment=wording.moment(snapshot.read_at))
        return Cell(gettext("IAM reports no use of the role"), read)
    used = gettext("on {moment}, before the start").format(moment=wording.moment(snapshot.last_used_at))
    return Cell(gettext("IAM reports the last use of the role"), used)


def unasked(scope: Scope, report_filter: ReportFilter) -> QuerySet[Role]:
    """Return the roles that can be asked for and that nobody asked for in 90 days, those first that nobody ever did."""
    last = Request.objects.filter(role=OuterRef("pk")).order_by("-submitted_at").values("submitted_at")[:1]
    found = scope.roles().filter(is_active=True).annotate(last_asked=Subquery(last))
    old = Q(last_asked=None) | Q(last_asked__lt=report_filter.now - UNASKED)
    return found.filter(old).select_related("snapshot").order_by(F("last_asked").asc(nulls_first=True), "name")


def unasked_cells(rows: Sequence[Role], _scope: Scope) -> list[list[Cell]]:
    through = Contractor.roles.through.objects.filter(role__in=[role.pk for role in rows])
    counted = dict(through.values_list("role").annotate(Count("pk")))
    return [
        [
            role_cell(role),
            Cell(at=role.last_asked) if role.last_asked else Cell(gettext("never")),  # type: ignore[attr-defined]  # annotated
            Cell(str(counted.get(role.pk, 0))),
            _last_used(role),
        ]
        for role in rows
    ]


def _last_used(role: Role) -> Cell:
    snapshot = getattr(role, "snapshot", None)
    if snapshot is None:
        return Cell(gettext("not read yet"))
    if snapshot.last_used_at is None:
        read = gettext("as read on {moment}").format(moment=wording.day(snapshot.read_at))
        return Cell(gettext("not used in 400 days"), read)
    return Cell(at=snapshot.last_used_at)
