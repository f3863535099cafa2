"""The first page: my access, what waits for me, and for administrators all that is open."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.models import Contractor, Role, User
from access.views import emergencies, stories
from access.views.people import signed_in

PAGE = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    is_contractor = Contractor.objects.filter(user=user).exists()
    context = {
        "mine": _mine(user, request.GET.get("page"), now=now) if is_contractor else None,
        "inbox": _inbox(user, now=now) if Role.objects.approved_by(user, now=now).exists() else None,
        "live_grants": _live(now=now) if user.is_staff else None,
        "emergencies": [] if is_contractor else emergencies.red_for(user, now=now),
    }
    return render(request, "access/home.html", context)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    if not Role.objects.approved_by(user, now=now).exists():
        raise Http404("You decide about no role.")
    context = {
        "mine": None,
        "inbox": _inbox(user, now=now),
        "live_grants": None,
        "emergencies": emergencies.red_for(user, now=now),
    }
    return render(request, "access/home.html", context)


def _mine(user: User, page: str | None, *, now: datetime) -> dict[str, Any]:
    own = stories.of_contractor(user).order_by("-submitted_at")
    live = own.filter(stories.open_grants())
    waiting = own.waiting(now=now)
    past = Paginator(own.exclude(pk__in=live).exclude(pk__in=waiting), PAGE).get_page(page)
    past.object_list = stories.tell_all(past.object_list, now=now)  # type: ignore[assignment]  # shown, not queried
    return {
        "live": stories.tell_all(live, now=now),
        "waiting": stories.tell_all(waiting, now=now),
        "past": past,
    }


def _inbox(user: User, *, now: datetime) -> list[stories.Story]:
    return stories.tell_all(stories.waiting_for(user, now=now), now=now)


def _live(*, now: datetime) -> list[stories.Story]:
    open_requests = stories.requests().filter(stories.open_grants()).order_by("grant__ends_at")
    return stories.tell_all(open_requests[:200], now=now)
