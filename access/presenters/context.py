"""The values that every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from access import clock, wording
from access.auth.current_user import idle_age
from access.auth.session_ends import WARN_SECONDS, end_of_session
from access.models import Contractor, Role, User
from access.presenters import break_glass_grants, worker
from access.reviews.search_text import LONGEST
from access.reviews.searching import REQUESTS

_ARGUMENTS = {"search_list": [REQUESTS]}


def nav(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation of the signed-in user, and the time of the page."""
    user, now = getattr(request, "user", None), clock.now()
    decides = isinstance(user, User) and Role.objects.approved_by(user, now=now).exists()
    entries = _links_for(user, decides=decides) if isinstance(user, User) else []
    return {
        "nav": [entry | {"current": request.path == entry["url"]} for entry in entries],
        "search_box": _search_box(request) if any(entry["name"] == "search_list" for entry in entries) else None,
        "now": now,
        "zone": {"words": wording.current_zone(now), "is_known": bool(getattr(user, "time_zone", ""))},
        "session": _session(request, user, decides=decides) if isinstance(user, User) else None,
        "sso": [] if entries else _sign_in_methods(),
        # Only pages that promise that the worker does something read this.
        "worker_outage": SimpleLazyObject(lambda: worker.outage(now=clock.now())),
    }


def branding(_request: HttpRequest) -> dict[str, Any]:
    """Return whose portal this is."""
    return {"branding": settings.BRANDING, "is_demo": settings.DEMO}


def _session(request: HttpRequest, user: User, *, decides: bool) -> dict[str, Any] | None:
    """Return when the session ends, and how many seconds before that the page warns; None of one that just began."""
    idle = idle_age(user, decides=decides)
    end = end_of_session(request, idle_age=idle)
    return {"ends_at": end.at, "warn_seconds": min(WARN_SECONDS, idle // 2)} if end else None


def _links_for(user: User, *, decides: bool) -> list[dict[str, str]]:
    """Return the title, address, icon and key of each page that is there for this person."""
    now = clock.now()
    is_contractor = Contractor.objects.filter(user=user).exists()
    is_internal = not is_contractor
    is_sponsoring = is_internal and Contractor.objects.filter(sponsor=user).exists()
    sees_break_glass = is_internal and (user.is_staff or decides or break_glass_grants.concerns(user, now=now))
    sees_reviews = is_internal and (user.is_staff or user.is_sponsor or decides or is_sponsoring)
    links = (
        (True, gettext("My access") if is_contractor else gettext("Overview"), "home", "home", "o"),
        (is_contractor, gettext("Request access"), "request_new", "plus-circle", "n"),
        (is_contractor, gettext("AWS identities"), "identities", "finger-print", "t"),
        (is_sponsoring, gettext("Vouch"), "identity_vouch", "hand-raised", "v"),
        (decides, gettext("Approvals"), "inbox", "inbox", "i"),
        (is_internal and (user.is_staff or decides), gettext("Requests"), "search_list", "document-text", "r"),
        (True, gettext("Roles"), "roles", "shield-check", "l"),
        (user.is_staff or user.is_sponsor, gettext("People"), "people", "user-group", "p"),
        (sees_break_glass, gettext("Break-glass"), "break_glass", "bolt", "b"),
        (sees_reviews, gettext("Reviews"), "reviews", "clipboard-document-check", "w"),
        (sees_reviews, gettext("Audit log"), "audit", "document-magnifying-glass", "a"),
        (user.is_staff and is_internal, gettext("Accounts"), "accounts", "cloud", "c"),
        (user.is_staff and is_internal, gettext("Stops"), "stops", "no-symbol", "s"),
    )
    return [
        {"title": title, "name": name, "url": reverse(name, args=_ARGUMENTS.get(name)), "icon": icon, "key": key}
        for is_there, title, name, icon, key in links
        if is_there
    ]


def _search_box(request: HttpRequest) -> dict[str, str]:
    """Return the text of the search box: on the pages of a search what was searched for."""
    typed = request.GET.get("q", "") if request.path.startswith(reverse("search")) else ""
    return {"text": "".join(sign for sign in typed if sign.isprintable())[:LONGEST]}


def _sign_in_methods() -> list[dict[str, str]]:
    """Return the ways of single sign-on, for pages on which nobody is signed in."""
    return [
        {"name": button.name, "url": reverse(button.url_name, args=[button.argument])}
        for button in settings.SSO.buttons
    ]
