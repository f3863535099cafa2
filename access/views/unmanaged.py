"""Unmanaged statements of trust policies, for administrators: see them, and accept one that is held back."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock
from access.auth.confirmed import confirmed
from access.auth.current_user import signed_in
from access.catalogue import accepting
from access.ledger.conflicts import Conflict
from access.models import Role, UnmanagedStatement, User
from access.rules.facts import Refused
from access.rules.people import can_administer
from access.views import answers
from access.views.administering import get_role_for

MOST = 50  # rows on one page


def shown_to(user: User, role: Role) -> list[UnmanagedStatement]:
    """Return what an administrator is shown of one role and its overflow roles; nothing to others."""
    if not can_administer(user.facts()):
        return []
    rows = UnmanagedStatement.objects.reported(now=clock.now()).select_related(
        "role__account", "role__state", "accepted_by"
    )
    rows = rows.filter(Q(role=role) | Q(role__overflow_of=role))
    return list(rows.order_by("-is_urgent", "-found_at")[:MOST])


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to accept a statement"))
def accept(request: HttpRequest, account_id: str, name: str, sha256: str) -> HttpResponse:
    """Show what accepting a statement means, and with a POST accept the one with this hash."""
    role = get_role_for(request, account_id, name)
    url = reverse("role", args=[account_id, name])
    try:
        if request.method != "POST":
            return render(request, "catalogue/accept.html", _page(role, sha256))
        accepting.accept_statement(by=signed_in(request), role=role, sha256=sha256, now=clock.now())
    except (Refused, Conflict) as error:
        return answers.not_done(request, error, url=url)
    messages.success(
        request, _("Accepted. The worker removes the default-deny statement and writes the waiting grants.")
    )
    return redirect(url)


def _page(role: Role, sha256: str) -> dict[str, Any]:
    return {"role": role, "statement": accepting.waiting_statement(role, sha256)}
