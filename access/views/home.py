"""The home page of contractors, or the overview of everybody else, and the inbox of approvers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access import clock
from access.auth.current_user import signed_in
from access.models import Contractor, Role, User
from access.presenters import break_glass_grants, own_roles, request_views
from access.presenters import inbox as inbox_rows
from access.presenters.cursors import list_rows
from access.reviews.oversight import Oversight
from access.reviews.paging import Order
from access.views.overview import render_overview

PAGE, INBOX_PAGE = 20, 100
_LATEST_REQUEST = Order("submitted_at", is_of_time=True, is_descending=True)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show contractors their own access, and administrators and approvers the overview."""
    user, now = signed_in(request), clock.now()
    if Contractor.objects.filter(user=user).exists():
        return render(request, "access/my_access.html", {"mine": _mine(request, user, now=now)})
    if oversight := Oversight.of(user, now=now):
        return render_overview(request, oversight)
    return render(request, "access/welcome.html")


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    if not Role.objects.approved_by(user, now=now).exists():
        raise Http404("You are not an approver of any role.")
    context = {
        "break_glass_grants": break_glass_grants.flagged_for(user, now=now),
        **_inbox(user, request.GET, request.GET.get("page"), now=now),
    }
    return render(request, "access/inbox.html", context)


def _mine(request: HttpRequest, user: User, *, now: datetime) -> dict[str, Any]:
    own, ranking = request_views.of_contractor(user).order_by("-submitted_at"), own_roles.Ranking(user)
    live = own.filter(request_views.open_grants())
    waiting = own.waiting(now=now)
    over = own.exclude(pk__in=live).exclude(pk__in=waiting)
    past = list_rows(request, reverse("home"), over, _LATEST_REQUEST, size=PAGE)
    return {
        "live": own_roles.open_access(request_views.build_views(live, now=now), ranking),
        "roles": own_roles.own_roles(ranking),
        "waiting": request_views.build_views(waiting, now=now),
        "past": request_views.build_views(past.rows, now=now),
        "pages": past,
    }


def _inbox(user: User, asked: Mapping[str, str], page: str | None, *, now: datetime) -> dict[str, Any]:
    """Return a page of the requests that this person can decide, the oldest first, and the filter of the list."""
    waiting = inbox_rows.waiting_for(user, asked, now=now)
    shown: Page[Any] = Paginator(waiting.found, INBOX_PAGE).get_page(page)
    views = inbox_rows.views_of_keys([one.key for one in shown.object_list], now=now)
    shown.object_list = inbox_rows.build_rows(views, now=now, query=waiting.query)
    return {"inbox": shown, "waiting": waiting}
