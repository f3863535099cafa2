"""The personal data export: what the portal stores about the signed-in person, as a page and as a file."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock, personal_data
from access.auth.confirmed import confirmed_download
from access.auth.current_user import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_download(lambda _request: reverse("personal_data"), _("to download your personal data"))
def personal_data_page(request: HttpRequest) -> HttpResponse:
    """Show it in short; with a POST give all of it as a file."""
    known = personal_data.export_of(signed_in(request), now=clock.now())
    if request.method != "POST":
        return render(request, "people/personal_data.html", {"known": known})
    name = 'attachment; filename="daypass-my-data.json"'
    return JsonResponse(known, json_dumps_params={"indent": 2}, headers={"Content-Disposition": name})
