"""What every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from access.models import Contractor, Role
from access.views import emergencies


def nav(request: HttpRequest) -> dict[str, Any]:
    """Give the navigation of whoever is signed in, and the time of the page."""
    user = getattr(request, "user", None)
    links: list[tuple[str, str, str]] = []
    if user is not None and user.is_authenticated:
        is_contractor = Contractor.objects.filter(user=user).exists()
        links = [("My access" if is_contractor else "Overview", reverse("home"), "home")]
        if is_contractor:
            links.append(("Ask for access", reverse("request_new"), "plus-circle"))
            links.append(("AWS identities", reverse("identities"), "finger-print"))
        looks_after = not is_contractor and Contractor.objects.filter(sponsor=user).exists()
        decides = Role.objects.approved_by(user, now=timezone.now()).exists()
        if looks_after:
            links.append(("Vouch", reverse("identity_vouch"), "hand-raised"))
        if decides:
            links.append(("Approvals", reverse("inbox"), "inbox"))
        links.append(("Roles", reverse("roles"), "shield-check"))
        if user.is_staff or user.is_sponsor:
            links.append(("People", reverse("people"), "user-group"))
        if not is_contractor and (user.is_staff or decides or emergencies.concerns(user, now=timezone.now())):
            links.append(("Break-glass", reverse("emergencies"), "bolt"))
        if not is_contractor and (user.is_staff or user.is_sponsor or decides or looks_after):
            links.append(("Reviews", reverse("reviews"), "clipboard-document-check"))
        if user.is_staff and not is_contractor:
            links.append(("Accounts", reverse("accounts"), "cloud"))
    entries = [{"title": title, "url": url, "icon": icon, "current": request.path == url} for title, url, icon in links]
    return {"nav": entries, "now": timezone.now(), "sso": [] if links else _ways_in()}


def _ways_in() -> list[dict[str, str]]:
    """Give the ways of single sign-on, for pages on which nobody is signed in."""
    return [
        {"name": button.name, "url": reverse(button.url_name, args=[button.argument])}
        for button in settings.SSO.buttons
    ]
