"""The overview of administrators and approvers, and the lists behind its numbers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access import clock, endings, skew
from access.auth.current_user import signed_in
from access.ledger.chaining import audit_state
from access.models import User
from access.presenters import audit, break_glass_grants, filters, overview, request_views, trend_charts, worker
from access.presenters.cursors import page_urls, read_cursors
from access.reviews import current_access
from access.reviews.current_access import AccessFilter
from access.reviews.oversight import Oversight
from access.reviews.paging import Order, read_keys
from access.reviews.work_lists import WorkList, lists_for

PAGE = 50
_NEWEST = Order(is_descending=True)


def render_overview(request: HttpRequest, oversight: Oversight) -> HttpResponse:
    """Return the overview of what this person oversees."""
    asked = AccessFilter.read(request.GET)
    shares = current_access.read_shares(oversight)
    waiting = current_access.read_shares(oversight, waiting=True)
    keys = current_access.read_page(oversight, asked, **read_cursors(request, asked.order()))
    extremes = overview.find_extremes(oversight)
    views = request_views.list_views_of_keys({*keys.keys, *extremes.values()}, now=oversight.now)
    approved = None if oversight.everything else oversight.roles
    context = {
        "panels": overview.build_panels(
            oversight, {name: views[key] for name, key in extremes.items() if key in views}
        ),
        "charts": trend_charts.build_charts(oversight, shares),
        "filter": filters.build_filter(asked, [*shares, *waiting]),
        "request_views": [views[key] for key in keys.keys if key in views],
        "aws": overview.aws_reading(oversight),
        "break_glass_grants": break_glass_grants.flagged_for(oversight.user, now=oversight.now, approved=approved),
        **page_urls(reverse("home"), asked.query(), keys),
        **(_for_administrators(oversight) if oversight.everything else {}),
    }
    return render(request, "overview/index.html", context)


@require_safe
def show_list(request: HttpRequest, name: str) -> HttpResponse:
    """Show the list behind one number of the overview."""
    oversight, work_list = _get_list_for(signed_in(request), name)
    rows = work_list.rows(oversight)
    keys = read_keys(rows, _NEWEST, size=PAGE, **read_cursors(request, _NEWEST))
    found = rows.in_bulk(keys.keys)
    cells = work_list.cells([found[key] for key in keys.keys if key in found])
    context = {
        "work_list": work_list,
        "rows": [list(zip(work_list.head, row, strict=True)) for row in cells],
        **page_urls(reverse("overview_list", args=[name]), {}, keys),
    }
    return render(request, "overview/list.html", context)


def _for_administrators(oversight: Oversight) -> dict[str, Any]:
    """Return what is wrong with the portal itself."""
    ended_at, is_recent = endings.last_look(now=oversight.now)
    return {
        "audit": audit.problems(audit_state(now=oversight.now)),
        "clocks": skew.open_episode(),
        "endings_outage": not is_recent,
        "ended_at": ended_at,
        "queue_dropped": worker.recently_dropped(now=oversight.now),
        "untranslated": worker.recently_untranslated(now=oversight.now),
    }


def _get_list_for(user: User, name: str) -> tuple[Oversight, WorkList]:
    """Return what this person oversees and the list; raises Http404 for one that is not for them."""
    oversight = Oversight.of(user, now=clock.now())
    for one in lists_for(oversight) if oversight else ():
        if oversight and one.name == name:
            return oversight, one
    raise Http404("There is no such page.")
