"""When people have access to a role, and a calendar file with a granted window."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access import clock
from access.auth.current_user import an_administrator, signed_in
from access.models import Account, Grant, Role
from access.presenters import calendar, capacity_over_time, schedule
from access.presenters.capacity import capacity_of
from access.views.requests import get_request_view_for

FIRST, LAST = date(2000, 1, 1), date(2199, 1, 1)


@require_safe
def of_role(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show the grants of a role to administrators and to its approvers."""
    user, now = signed_in(request), clock.now()
    roles = Role.objects.all() if user.is_staff else Role.objects.approved_by(user, now=now)
    role = get_object_or_404(roles.select_related("account", "state"), account__account_id=account_id, name=name)
    context = {
        "role": role,
        "name": role.name,
        "capacity": capacity_of(role),
        "back_url": reverse("role", args=[account_id, name]),
    }
    context["uses"] = capacity_over_time.build_uses(role, _period(request))
    return _page(request, schedule.grants_of_role(role), context)


@require_safe
def of_account(request: HttpRequest, account_id: str) -> HttpResponse:
    """Show the grants of all roles of an account to administrators."""
    an_administrator(request)
    account = get_object_or_404(Account, account_id=account_id)
    context = {"name": account.name, "back_url": reverse("account", args=[account_id])}
    return _page(request, Grant.objects.filter(role__account=account), context)


@require_safe
def calendar_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return the window of a grant as a file that calendars import."""
    request_view = get_request_view_for(signed_in(request), public_id)
    if request_view.grant is None:
        raise Http404("There is no such grant.")
    text = calendar.event_of(request_view.grant, request_view.request, now=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{calendar.file_name(request_view.request)}"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _page(request: HttpRequest, grants: "QuerySet[Grant]", context: Mapping[str, object]) -> HttpResponse:
    period = _period(request)
    links = {
        "earlier": period.first - period.length,
        "later": period.first + period.length,
        "today": timezone.localdate(clock.now()),
    }
    shown = schedule.build_schedule(grants, period, now=clock.now())
    return render(
        request, "access/schedule.html", {"schedule": shown, "links": links, "lengths": [*schedule.LENGTHS], **context}
    )


def _period(request: HttpRequest) -> schedule.Period:
    """Return the period that the address names; today's week where it names none that exists."""
    name = request.GET.get("length", "week")
    try:
        first = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        first = timezone.localdate(clock.now())
    first = min(max(first, FIRST + timedelta(days=28)), LAST)
    return schedule.Period.of(name if name in schedule.LENGTHS else "week", first)
