"""Choose the time zone and the language of the pages and emails."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from access import clock, languages
from access.actions.preferences import keep_language
from access.actions.zones import keep_zone
from access.auth.current_user import signed_in
from access.forms.times import ZoneForm


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    person, now = signed_in(request), clock.now()
    form = ZoneForm(request.POST or None, initial={"language": person.language})
    back = _back(request)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        keep_zone(by=person, zone=chosen["time_zone"], now=now)
        keep_language(by=person, language=chosen["language"], now=now)
        with translation.override(languages.first_known(person.language, person.browser_language)):
            messages.success(request, gettext("Time zone and language saved."))
        return redirect(back)
    return render(request, "access/time_zone.html", {"form": form, "next": back})


def _back(request: HttpRequest) -> str:
    """Return the page of ours that led here, or the first page."""
    typed = (request.POST if request.method == "POST" else request.GET).get("next", "")
    own = typed.startswith("/") and url_has_allowed_host_and_scheme(typed, allowed_hosts=None)
    return typed if own else reverse("home")
