"""Live access and waiting requests that a new request would repeat: pointed out before it is sent."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from access.lifecycle import RequestState
from access.models import Request, Role, User
from access.presenters import request_views
from access.presenters.request_views import RequestView
from access.rules.windows import AnyWindow, Window

POINTED_OUT = "pointed_out"  # the field of a form with the ids of the requests that its page has shown


def find_duplicates(user: User, roles: Collection[Role], window: AnyWindow, *, now: datetime) -> list[RequestView]:
    """Return the person's live access and waiting requests for one of these roles in this window, the oldest first."""
    own = request_views.of_contractor(user).filter(role__in=roles, extends=None)
    live = Q(state=RequestState.APPROVED, grant__revoked_at=None, grant__ends_at__gt=now)
    rows = own.filter(live | Q(pk__in=Request.objects.waiting(now=now).filter(requester=user)))
    wanted = window.if_approved(now=now)
    views = request_views.build_views(rows.order_by("submitted_at", "pk"), now=now)
    return [view for view in views if _meets(_span(view, now=now), wanted)]


def find_other_extensions(view: RequestView, *, ends_at: datetime, reason: str, now: datetime) -> list[RequestView]:
    """Return the extensions of this access that wait already; the same form sent twice is one request."""
    waiting = request_views.requests().waiting(now=now).filter(extends=view.grant)
    others = waiting.exclude(ends_at=ends_at.replace(microsecond=0), reason=reason.strip())
    return request_views.build_views(others.order_by("submitted_at", "pk"), now=now)


def unseen(found: Sequence[RequestView], pointed_out: Iterable[str]) -> bool:
    """Return whether one of these was not pointed out yet."""
    seen = set(pointed_out)
    return any(str(view.request.public_id) not in seen for view in found)


def _span(view: RequestView, *, now: datetime) -> Window:
    """Return when the access can be in force: a length can begin with any approval until its deadline."""
    window = view.window
    return window if isinstance(window, Window) else Window(now, window.latest_end)


def _meets(one: Window, other: Window) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at
