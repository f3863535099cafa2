"""Reviews: lists of requests, grants and uses, to view and to export, and items that are due for review."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import clock, languages, sheets
from access.actions import certifying
from access.auth.confirmed import confirmed, confirmed_download
from access.auth.current_user import a_reviewer
from access.forms.requests import ReasonForm
from access.ledger.conflicts import Conflict
from access.models import Contractor, Role
from access.reviews.certifying import KINDS, Kind, due_count, items
from access.reviews.lists import REPORTS
from access.reviews.paging import read_numbered
from access.reviews.scope import Scope
from access.reviews.table import PERIODS, Report, ReportFilter
from access.rules.facts import Refused
from access.views import answers

PAGE = 50
AT_ONCE = 500  # rows of a file per query


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    scope, now = a_reviewer(request), clock.now()
    kinds = [(kind, due_count(kind, scope, now=now)) for kind in KINDS.values()]
    return render(request, "reviews/index.html", {"reports": _reports_for(scope), "kinds": kinds})


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    scope, report_filter = a_reviewer(request), _report_filter(request)
    report = _get_report_for(scope, name)
    page = read_numbered(report.rows(scope, report_filter), request.GET.get("page", ""), size=PAGE)
    context = {
        "report": report,
        "report_filter": report_filter,
        "periods": PERIODS,
        "page": page,
        "rows": [list(zip(report.head, row, strict=True)) for row in report.cells(page.object_list, scope)],
        "query": _query(report_filter),
    }
    return render(request, "reviews/report.html", context)


def _page_of(request: HttpRequest, name: str) -> str:
    """Return the address of the list with the filters of the form that was sent."""
    filters = {key: request.POST.get(key, "") for key in ("days", "word", "approver", "sponsor")}
    return f"{reverse('review', args=[name])}?{urlencode(filters)}"


@require_POST
@confirmed_download(_page_of, _("to export a list"))
def export(request: HttpRequest, name: str) -> HttpResponse:
    """Return the whole list as a file, and record who took it."""
    scope, report_filter = a_reviewer(request), _report_filter(request)
    report = _get_report_for(scope, name)
    with languages.in_english():
        head = [str(title) for title in report.head]
        text = [
            [str(cell) for cell in row]
            for rows in _batches(report, scope, report_filter)
            for row in report.cells(rows, scope)
        ]
    certifying.export(by=scope.user, report=name, rows=len(text), now=report_filter.now)
    headers = {"Content-Disposition": f'attachment; filename="daypass-{name}.csv"'}
    return HttpResponse(
        sheets.csv_text(head, text),
        content_type="text/csv; charset=utf-8",
        headers=headers,
    )


@require_safe
def certifications(request: HttpRequest, kind_name: str) -> HttpResponse:
    """Show the items of an access review, those that are due first."""
    scope, kind = a_reviewer(request), _get_kind(kind_name)
    return render(request, "reviews/certify.html", _certifications_page(request, scope, kind))


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to record a review"))
def certify(request: HttpRequest, kind_name: str, key: str) -> HttpResponse:
    """Certify or reject an item; a GET redirects to the list."""
    scope, kind, now = a_reviewer(request), _get_kind(kind_name), clock.now()
    if request.method != "POST":
        return redirect(_list_of(request, kind))
    row = _get_row_for(scope, kind, key, now=now)
    keep = request.POST.get("verdict") == "keep"
    form = ReasonForm(request.POST)
    if not keep and not form.is_valid():
        context = _certifications_page(request, scope, kind) | {"form": form, "at": key}
        return render(request, "reviews/certify.html", context, status=400)
    try:
        _certify(scope, row, keep=keep, comment="" if keep else form.cleaned_data["reason"], now=now)
    except (Refused, Conflict) as error:
        return answers.conflict(request, error, url=_list_of(request, kind))
    messages.success(request, _("Certified.") if keep else _("Rejected. Your reason is recorded."))
    return redirect(_list_of(request, kind))


def _certify(scope: Scope, row: Any, *, keep: bool, comment: str, now: datetime) -> None:
    if isinstance(row, Role):
        certifying.certify_role(by=scope.user, role=row, keep=keep, comment=comment, now=now)
    elif isinstance(row, Contractor):
        certifying.certify_contractor(by=scope.user, contractor=row, keep=keep, comment=comment, now=now)
    else:
        certifying.certify_grant(by=scope.user, grant=row, keep=keep, comment=comment, now=now)


def _reports_for(scope: Scope) -> list[Report]:
    return [one for one in REPORTS.values() if scope.is_everything or not one.for_administrators]


def _get_report_for(scope: Scope, name: str) -> Report:
    found = next((report for report in _reports_for(scope) if report.name == name), None)
    if found is None:
        raise Http404("There is no such report.")
    return found


def _get_kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404("There is no such report.")
    return KINDS[name]


def _get_row_for(scope: Scope, kind: Kind, key: str, *, now: datetime) -> Any:
    """Return the thing if it is this person's to answer for; for anybody else it does not exist."""
    field = {"access": "request__public_id", "roles": "pk", "contractors": "public_id"}[kind.name]
    is_key = key.isascii() and key.isdigit() and len(key) < 19 if field == "pk" else _is_uuid(key)
    row = kind.rows(scope, now).filter(**{field: key}).first() if is_key else None
    if row is None:
        raise Http404("There is no such item.")
    return row


def _certifications_page(request: HttpRequest, scope: Scope, kind: Kind) -> dict[str, Any]:
    now = clock.now()
    page = read_numbered(kind.rows(scope, now), _page_number(request), size=PAGE)
    return {"kind": kind, "page": page, "items": items(kind, page.object_list, now=now)}


def _list_of(request: HttpRequest, kind: Kind) -> str:
    """Return the address of the list at the page from which the answer came."""
    number = _page_number(request)
    return reverse("certifications", args=[kind.name]) + (f"?{urlencode({'page': number})}" if number else "")


def _page_number(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("page", "")[:9]


def _report_filter(request: HttpRequest) -> ReportFilter:
    """Return the part of the list that is asked for; what makes no sense is left out."""
    asked = request.GET if request.method != "POST" else request.POST
    days = asked.get("days", "")
    people = {name: asked.get(name, "") for name in ("approver", "sponsor")}
    return ReportFilter(
        now=clock.now(),
        days=int(days) if days in {str(count) for count, _ in PERIODS} else 90,
        word=asked.get("word", "").strip().replace("\0", "")[:150],
        **{name: value for name, value in people.items() if _is_uuid(value)},
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _query(report_filter: ReportFilter) -> str:
    """Return the wish as the end of an address, for the pages that follow."""
    asked = {
        "days": str(report_filter.days),
        "word": report_filter.word,
        "approver": report_filter.approver,
        "sponsor": report_filter.sponsor,
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _batches(report: Report, scope: Scope, report_filter: ReportFilter) -> Iterator[list[Any]]:
    rows, first = report.rows(scope, report_filter), 0
    while found := list(rows[first : first + AT_ONCE]):
        yield found
        first += AT_ONCE
