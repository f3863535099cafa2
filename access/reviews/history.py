"""Who has requested access, and who has been granted access."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from access import wording
from access.lifecycle import RequestState
from access.models import Contractor, Decision, Grant, Issuance, Role
from access.reviews.scope import Scope
from access.reviews.table import Cell, ReportFilter

NOT_GRANTED = (RequestState.DENIED, RequestState.WITHDRAWN, RequestState.EXPIRED)


def asked(scope: Scope, report_filter: ReportFilter) -> QuerySet[Any]:
    """Return a row for each person and role: how often it was asked for, and what became of it."""
    found = _filtered(scope.requests(), report_filter, "")
    if report_filter.since:
        found = found.filter(submitted_at__gte=report_filter.since)
    rows: QuerySet[Any] = (
        found.values("requester", "contractor", "role", name=F("requester__name"), email=F("requester__email"))
        .annotate(
            times=Count("pk"),
            given=Count("pk", filter=Q(state=RequestState.APPROVED)),
            refused=Count("pk", filter=Q(state__in=NOT_GRANTED)),
            waiting=Count("pk", filter=Q(state=RequestState.PENDING)),
            last=Max("submitted_at"),
        )
        .order_by("-times", "-last", "requester", "role")
    )
    return rows


def asked_cells(rows: Sequence[Any], scope: Scope) -> list[list[Cell]]:
    roles = Role.objects.select_related("account").in_bulk({row["role"] for row in rows})
    people = Contractor.objects.select_related("company").in_bulk({row["contractor"] for row in rows})
    return [_asked(row, roles[row["role"]], people.get(row["contractor"]), scope) for row in rows]


def _asked(row: Any, role: Role, contractor: Contractor | None, scope: Scope) -> list[Cell]:
    return [
        person(row["name"] or row["email"], contractor, scope),
        role_cell(role),
        Cell(str(row["times"])),
        Cell(str(row["given"])),
        Cell(str(row["refused"])),
        Cell(str(row["waiting"])),
        Cell(at=row["last"]),
    ]


def granted(scope: Scope, report_filter: ReportFilter) -> QuerySet[Grant]:
    """Return every grant, the latest first."""
    found: QuerySet[Grant] = _filtered(grants(scope), report_filter, "request__")
    if report_filter.since:
        found = found.filter(starts_at__gte=report_filter.since)
    if report_filter.approver:
        approvals = Decision.objects.filter(
            approver__public_id=report_filter.approver, verdict=Decision.Verdict.APPROVE
        )
        found = found.filter(request__in=approvals.values("request"))
    if report_filter.sponsor:
        found = found.filter(contractor__sponsor__public_id=report_filter.sponsor)
    return found.order_by("-starts_at", "-pk")


def grants(scope: Scope) -> QuerySet[Grant]:
    """Return the grants of this scope with what their rows show."""
    related = ("role__account", "request__requester", "request__contractor__company")
    found = Grant.objects.select_related(*related).defer("role__permissions")
    return found if scope.is_everything else found.filter(request__in=scope.requests())


def granted_cells(rows: Sequence[Grant], _scope: Scope) -> list[list[Cell]]:
    opened = openings(rows)
    approvals = Decision.objects.filter(
        request__in=[grant.request_id for grant in rows], verdict=Decision.Verdict.APPROVE
    ).values_list("request", "approver__name", "approver__email")
    approvers: dict[int, list[str]] = {}
    for request, name, email in approvals:
        approvers.setdefault(request, []).append(name or email or gettext("an auto-approval policy"))
    return [
        [
            request_cell(grant),
            Cell(grant.role.name, grant.role.account.name, _role_url(grant.role)),
            Cell(at=grant.starts_at),
            Cell(at=grant.ends_at, note=gettext("ended early") if grant.revoked_at else ""),
            Cell(
                gettext("a break-glass policy")
                if grant.break_glass_policy_id
                else wording.listed(approvers.get(grant.request_id, []))
            ),
            _opened(grant, opened.get(grant.pk)),
        ]
        for grant in rows
    ]


def openings(rows: Iterable[Grant]) -> dict[int, dict[str, Any]]:
    """Return for each grant how many sessions the portal opened and when the last one, in one query."""
    issued = Issuance.objects.filter(grant__in=[grant.pk for grant in rows], outcome=Issuance.Outcome.ISSUED)
    counted = issued.values("grant").annotate(times=Count("pk"), last=Max("started_at"))
    return {row["grant"]: dict(row) for row in counted}


def _opened(grant: Grant, found: dict[str, Any] | None) -> Cell:
    if not grant.portal_issued:
        return Cell(gettext("from their own AWS identity"))
    if not found:
        return Cell(gettext("never"), tone="warning")
    return Cell(at=found["last"], note=gettext("{count} in total").format(count=found["times"]))


def request_cell(grant: Grant) -> Cell:
    """Return the person behind a grant; it leads to the page on which the grant can be reviewed and ended."""
    return Cell(
        str(grant.request.requester), grant.request.company_name, reverse("request", args=[grant.request.public_id])
    )


def role_cell(role: Role) -> Cell:
    return Cell(role.name, role.account.name, _role_url(role))


def person(name: str, contractor: Contractor | None, scope: Scope) -> Cell:
    """Return the cell of a contractor, with a link to the contract for people who can change it."""
    url = reverse("contractor", args=[contractor.public_id]) if contractor and scope.manages(contractor) else ""
    return Cell(name, contractor.company.name if contractor else "", url)


def _role_url(role: Role) -> str:
    return reverse("role", args=[role.account.account_id, role.name])


def _filtered(rows: Any, report_filter: ReportFilter, to_request: str) -> Any:
    """Return the rows with the word in a person's name or address, their company, or the role's name."""
    if not report_filter.word:
        return rows
    places = ("requester__name", "requester__email", "contractor__company__name", "role__name")
    occurs = Q()
    for place in places:
        occurs |= Q(**{f"{to_request}{place}__icontains": report_filter.word})
    return rows.filter(occurs)
