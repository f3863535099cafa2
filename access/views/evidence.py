"""Download the evidence of one grant as a file."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock
from access.auth.confirmed import confirmed_download
from access.auth.current_user import signed_in
from access.evidence import packing
from access.models import Grant, User
from access.presenters import request_views
from access.rules.checks import can_take_evidence
from access.rules.facts import Refused
from access.views.access import only_by_post


@require_http_methods(["GET", "HEAD", "POST"])
@only_by_post
@confirmed_download(lambda _request, public_id: reverse("request", args=[public_id]), _("to download the evidence"))
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = signed_in(request)
    grant = _get_grant_for(user, public_id)
    try:
        packed = packing.pack(grant, by=user, now=clock.now())
    except Refused as error:
        raise Http404(str(error)) from error
    name = f'attachment; filename="daypass-{grant.session_name}.zip"'
    return HttpResponse(packed, content_type="application/zip", headers={"Content-Disposition": name})


def _get_grant_for(user: User, public_id: UUID) -> Grant:
    """Return the grant if this person can download its evidence; for anyone else it does not exist."""
    request = request_views.requests().filter(public_id=public_id).first()
    if request is None or not can_take_evidence(user.facts(), request.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    request_view = request_views.build_view(request, now=clock.now())
    if request_view.grant is None:
        raise Http404("Nothing was given yet.")
    return request_view.grant
