"""Why am I denied?"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from access import clock, diagnose
from access.auth.client_address import address_of
from access.auth.current_user import signed_in
from access.forms.requests import DeniedForm
from access.models import User
from access.presenters import request_views
from access.rules.checks import can_see


@require_http_methods(["GET", "HEAD", "POST"])
def denied(request: HttpRequest, public_id: UUID) -> HttpResponse:
    request_view = _get_request_view_for(signed_in(request), public_id)
    form = DeniedForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        found = _reasons(
            request_view, typed["text"], typed["symptom"], address=_address_of_owner(request, request_view)
        )
    return render(request, "access/denied.html", {"request_view": request_view, "form": form, "reasons": found})


def _get_request_view_for(user: User, public_id: UUID) -> request_views.RequestView:
    """Return the request view of something that was granted, if this person can see it."""
    request = request_views.requests().filter(public_id=public_id).first()
    if request is None or not can_see(user.facts(), request.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    request_view = request_views.build_view(request, now=clock.now())
    if request_view.grant is None:
        raise Http404("Nothing was given yet.")
    return request_view


def _address_of_owner(request: HttpRequest, request_view: request_views.RequestView) -> str:
    """Return the address of the requester; the address of another viewer says nothing."""
    return address_of(request) if request_view.request.requester_id == signed_in(request).pk else ""


def _reasons(
    request_view: request_views.RequestView, text: str, symptom: str, *, address: str
) -> list[diagnose.Reason]:
    if request_view.grant is None:
        return []
    facts, role = request_view.grant.facts(), request_view.grant.role.known()
    return diagnose.reasons(text, symptom, facts, role, now=clock.now(), address=address)
