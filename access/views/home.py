"""The home page: the person's own access, pending approvals, and all open access for administrators."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access import clock, skew
from access.auth.current_user import signed_in
from access.ledger.chaining import audit_state
from access.models import Contractor, Role, User
from access.presenters import audit, break_glass_grants, own_roles, request_views, worker
from access.presenters import inbox as inbox_rows
from access.views import unmanaged

PAGE, INBOX_PAGE, LIVE_PAGE = 20, 100, 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    is_contractor = Contractor.objects.filter(user=user).exists()
    context = {
        "mine": _mine(user, request.GET.get("page"), now=now) if is_contractor else None,
        "inbox": None,
        "live_grants": _live(request.GET.get("open"), now=now) if user.is_staff else None,
        "break_glass_grants": [] if is_contractor else break_glass_grants.flagged_for(user, now=now),
        "audit": audit.problems(audit_state(now=now)) if user.is_staff else [],
        "unmanaged": unmanaged.shown_to(user),
        "aws_read_at": worker.roles_read_at() if user.is_staff else None,
        "clocks": skew.open_episode() if user.is_staff and not is_contractor else None,
    }
    if Role.objects.approved_by(user, now=now).exists():
        context |= _inbox(user, {}, request.GET.get("page"), now=now)
    return render(request, "access/home.html", context)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    if not Role.objects.approved_by(user, now=now).exists():
        raise Http404("You are not an approver of any role.")
    context = {
        "mine": None,
        "live_grants": None,
        "break_glass_grants": break_glass_grants.flagged_for(user, now=now),
        **_inbox(user, request.GET, request.GET.get("page"), now=now),
    }
    return render(request, "access/home.html", context)


def _mine(user: User, page: str | None, *, now: datetime) -> dict[str, Any]:
    own, ranking = request_views.of_contractor(user).order_by("-submitted_at"), own_roles.Ranking(user)
    live = own.filter(request_views.open_grants())
    waiting = own.waiting(now=now)
    past = Paginator(own.exclude(pk__in=live).exclude(pk__in=waiting), PAGE).get_page(page)
    past.object_list = request_views.build_views(past.object_list, now=now)  # type: ignore[assignment]  # shown, not queried
    return {
        "live": own_roles.open_access(request_views.build_views(live, now=now), ranking),
        "roles": own_roles.own_roles(ranking),
        "waiting": request_views.build_views(waiting, now=now),
        "past": past,
    }


def _inbox(user: User, asked: Mapping[str, str], page: str | None, *, now: datetime) -> dict[str, Any]:
    """Return a page of the requests that this person can decide, the oldest first, and the filter of the list."""
    waiting = inbox_rows.waiting_for(user, asked, now=now)
    shown: Page[Any] = Paginator(waiting.found, INBOX_PAGE).get_page(page)
    views = inbox_rows.views_of_keys([one.key for one in shown.object_list], now=now)
    shown.object_list = inbox_rows.build_rows(views, now=now, query=waiting.query)
    return {"inbox": shown, "waiting": waiting}


def _live(page: str | None, *, now: datetime) -> Page[Any]:
    """Return a page of all open access; what ends first comes first."""
    rows = request_views.requests().filter(request_views.open_grants()).order_by("grant__ends_at", "pk")
    shown: Page[Any] = Paginator(rows, LIVE_PAGE).get_page(page)
    shown.object_list = request_views.build_views(shown.object_list, now=now)
    return shown
