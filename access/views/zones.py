"""Choose the time zone of the pages and emails."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions.zones import keep_zone
from access.auth.current_user import signed_in
from access.forms.times import ZoneForm


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    form = ZoneForm(request.POST or None)
    back = _back(request)
    if request.method == "POST" and form.is_valid():
        keep_zone(by=signed_in(request), zone=form.cleaned_data["time_zone"], now=clock.now())
        messages.success(request, _("Time zone saved."))
        return redirect(back)
    return render(request, "access/time_zone.html", {"form": form, "next": back})


def _back(request: HttpRequest) -> str:
    """Return the page of ours that led here, or the first page."""
    typed = (request.POST if request.method == "POST" else request.GET).get("next", "")
    own = typed.startswith("/") and url_has_allowed_host_and_scheme(typed, allowed_hosts=None)
    return typed if own else reverse("home")
