"""Middleware: checks that run for every request, such as the host, the session and the second factor."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.middleware.security import SecurityMiddleware
from django.shortcuts import redirect, resolve_url
from django.template import loader
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRefresh

from access import clock, languages, pauses, wording, zones
from access.actions.preferences import keep_browser_language
from access.actions.zones import keep_zone
from access.auth import client_address, confirmed
from access.auth import current_user as auth
from access.auth.background import is_in_background, is_poll
from access.ledger.counters import counting_untranslated
from access.ledger.spool import noticing
from access.models import User
from access.texts.text import Text
from access.views import answers

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

# Load balancers and orchestrators call these by IP address, by another host name, or without a host name.
PROBES = frozenset({"/healthz", "/readyz"})

# Pages that people can open before they have used a second factor, or have set one up.
PROVING = frozenset({"account_logout", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"})
ENROLMENT = frozenset(
    {"account_logout", "account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn", "mfa_index"}
)
METHODS = ("GET", "HEAD", "POST")
REFUSALS = frozenset({403, 404, 409, 410, 429})
ZONE_COOKIE = "time_zone"  # set by static/zone.js
STEP = 60  # seconds; store the last click only this often, so that not every page writes


class HostMiddleware:
    """Answer 400 to a request for another host than DAYPASS_URL's, before anything redirects, counts or links.

    Whatever comes later, allauth included, finds DAYPASS_URL's host in the request and not what was sent. A health
    check can name any host.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._security = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own, asked = urlsplit(settings.BASE_URL).netloc, _asked_host(request)
        if asked != own and request.path_info not in PROBES:
            log.warning("host.refused", asked=asked[:255], own=own)
            page = HttpResponseBadRequest(loader.get_template("400.html").render())
            answer: HttpResponse = self._security.process_response(request, page)
            return answer
        request.META["HTTP_HOST"] = own
        return self.get_response(request)


class MethodsMiddleware:
    """Answer 405 to methods that no page has, before anything else reads the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)


class LanguageMiddleware:
    """Show pages in the language that the browser asks for, and tell caches so; count what has no translation."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = languages.of_browser(request.headers.get("Accept-Language", ""))
        with translation.override(languages.first_known(asked)), counting_untranslated():
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        return response


class SessionLimitsMiddleware:
    """A session ends a while after its last click, and in any case some hours after it began."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._limit(request, now=clock.now().timestamp())
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest, *, now: float) -> None:
        began, clicked = request.session.get("began_at"), request.session.get("clicked_at")
        if began is None or clicked is None:
            request.session["began_at"] = request.session["clicked_at"] = now
        elif max(began, clicked) > now + pauses.LARGEST_SKEW.total_seconds():
            logout(request)  # a wrong clock wrote it, so the session would last too long
        elif now - began >= settings.SESSION_COOKIE_AGE or _was_idle_too_long(request, now - clicked):
            logout(request)
        elif now - clicked >= STEP and not is_in_background(request):
            request.session["clicked_at"] = now


class ZoneMiddleware:
    """Show and read times in the time zone of the person; the browser says which one, until it is kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = self._zone_of(request.user, zones.find(unquote(request.COOKIES.get(ZONE_COOKIE, ""))))
        with timezone.override(zones.place(zone)):
            return self.get_response(request)

    @staticmethod
    def _zone_of(person: Any, guess: str) -> str:
        if not isinstance(person, User) or person.time_zone or not guess:
            return getattr(person, "time_zone", "") or guess
        try:
            keep_zone(by=person, zone=guess, now=clock.now(), is_guess=True)
        except DatabaseError:
            log.warning("zone.not_kept", exc_info=True)  # the next page tries again
        return guess


class PersonLanguageMiddleware:
    """Show pages in the language that the person chose; else keep the one of their browser, for emails."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, User):
            return self.get_response(request)
        asked = languages.of_browser(request.headers.get("Accept-Language", ""))
        if asked not in ("", person.browser_language) and not is_in_background(request):
            self._keep(person, asked)
        with translation.override(languages.first_known(person.language, asked)):
            return self.get_response(request)

    @staticmethod
    def _keep(person: User, asked: str) -> None:
        try:
            keep_browser_language(by=person, language=asked)
        except DatabaseError:
            log.warning("language.not_kept", exc_info=True)  # the next page tries again


class RefusalsMiddleware:
    """A page that exists and was refused is counted, and comes into the audit chain by the sweep."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSALS and request.resolver_match:
            client_address.note_refused_page(request, response.status_code)
        return response


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Lead people who are not signed in to the sign-in page. What they sent there is discarded, and the page says so:
    their session has most likely ended.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        said = Text("form_discarded")
        if is_in_background(request) or "HX-Request" in request.headers:
            return HttpResponse(str(said), content_type="text/plain; charset=utf-8", status=401)
        query = {REDIRECT_FIELD_NAME: request.get_full_path(), answers.DISCARDED: "1"}
        return redirect(f"{resolve_url(self.get_login_url(view_func))}?{urlencode(query)}")


class SpooledMiddleware:
    """Show a person who ended something that its audit event is spooled, because the audit chain did not accept it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with noticing() as places:
            response = self.get_response(request)
        if places and request.user.is_authenticated and response.status_code < 400:
            messages.warning(request, wording.coded(Text("event_spooled")))
        return response


class SecondFactorMiddleware:
    """Redirect people who have not used a second factor in this session to the page where they set one up or use it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        is_open = not getattr(view, "login_required", True)
        if is_open or not request.user.is_authenticated or confirmed.has_used_factor(request):
            return None
        has_one = Authenticator.objects.filter(user_id=request.user.pk, type__in=confirmed.STRONG).exists()
        if request.resolver_match and request.resolver_match.url_name in (PROVING if has_one else ENROLMENT):
            return None
        if not has_one:
            return redirect("mfa_index")
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


class FormsOnlyMiddleware:
    """An address that takes only a form, or no form, says so on a page with a way back; nothing was done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return response if response.status_code != 405 else answers.not_allowed(request, allowed=response["Allow"])


class PersonalPagesMiddleware:
    """Pages of signed-in people are stored by no browser or proxy, and signing out clears what the browser keeps."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_in = request.user.is_authenticated
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        elif was_in:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        elif is_poll(request) and 300 <= response.status_code < 400:
            # If the session has ended when a page asks for its state, reload the page, which leads to the sign-in page.
            return HttpResponseClientRefresh()
        return response


def _asked_host(request: HttpRequest) -> str:
    """Return the host that the request names. HTTP/1.0 can name none; then it is the address of the server."""
    server, port = request.META["SERVER_NAME"], request.META["SERVER_PORT"]
    is_usual = port == ("443" if request.scheme == "https" else "80")
    return str(request.META.get("HTTP_HOST", server if is_usual else f"{server}:{port}"))


def _was_idle_too_long(request: HttpRequest, seconds: float) -> bool:
    """Return whether the session was idle too long. Approvers have less time, so only in between a query is needed."""
    person, longest = request.user, float(settings.SESSION_IDLE_AGE)
    if not settings.APPROVER_IDLE_AGE <= seconds < longest:
        return seconds >= longest
    return isinstance(person, User) and seconds >= auth.idle_age(person)
