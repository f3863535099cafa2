"""What a session has proven about its person, and pages that ask for more proof before an action.

The form is sent again to the address of the question, so a form that can come back names its own address.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required, suspend_request
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _

from access import clock, pauses
from access.models import Role
from access.rules.deciding import longest_factor_age

View = Callable[..., HttpResponse]

STRONG = frozenset({Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value})


def confirmed(view: View) -> View:
    """Ask who it is once more before the view takes a POST: by password, passkey or a new code."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Otherwise allauth first checks which methods the person has, with a query for each of them.
        if request.method == "POST" and not _has_just_confirmed(request):
            raise_if_reauthentication_required(request, app="access")
        return view(request, *args, **kwargs)

    return inner


def confirmed_download(form_page: Callable[..., str]) -> Callable[[View], View]:
    """As `confirmed`, for a view that answers a POST with a file; `form_page` returns the address of its form's page.

    A file that came after the question would leave the browser on the question. So the person is led back to the form,
    and starts the download there.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _was_asked_before(request):
                return view(request, *args, **kwargs)
            messages.success(request, _("Confirmed. Start the download again on this page."))
            return redirect(form_page(request, *args, **kwargs))

        return confirmed(inner)

    return decorate


def _was_asked_before(request: HttpRequest) -> bool:
    """Return whether the question's own address answers, with what was sent before it. [allauth resume_request]"""
    asked = request.resolver_match
    return asked is not None and asked.view_name != resolve(request.path_info).view_name


def confirmed_by_factor(view: View) -> View:
    """Ask as `confirmed` does, and for a passkey or code no older than FACTOR_MAX_AGE: for what grants access."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not has_fresh_factor(request):
            return ask_for_factor(request)
        return confirmed(view)(request, *args, **kwargs)

    return inner


def confirmed_by_new_factor(view: View) -> View:
    """Ask for a passkey or a code of the last minutes before a POST: for actions that no second person approves."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not has_new_factor(request):
            return ask_for_factor(request)
        return view(request, *args, **kwargs)

    return inner


def ask_for_factor(request: HttpRequest) -> HttpResponse:
    """Lead to the page that takes a passkey or code, and from there back to what was about to be done."""
    answer: HttpResponse = suspend_request(request, reverse("mfa_reauthenticate"))
    return answer


def has_used_factor(request: HttpRequest) -> bool:
    """Return whether this session was opened, or confirmed later, with a second factor."""
    return bool(_factors(request))


def has_new_factor(request: HttpRequest) -> bool:
    """Return whether a passkey or code was used in this session in the last minutes."""
    return _is_newer_than(request, timedelta(seconds=settings.NEW_FACTOR_MAX_AGE))


def has_fresh_factor(request: HttpRequest, *, role: Role | None = None) -> bool:
    """Return whether the last passkey or code of this session is new enough to decide with, about this role."""
    usual = timedelta(seconds=settings.FACTOR_MAX_AGE)
    longest = longest_factor_age(role.factor_age() if role else None, usual=usual)
    return _is_newer_than(request, longest)


def _is_newer_than(request: HttpRequest, age: timedelta) -> bool:
    used = [record["at"] for record in _factors(request) if record.get("type") in STRONG]
    return bool(used) and _is_recent(max(used), seconds=age.total_seconds())


def _has_just_confirmed(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    confirmed_at = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(confirmed_at) and _is_recent(confirmed_at[-1], seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def _is_recent(at: float, *, seconds: float) -> bool:
    """Return whether it was less than so many seconds ago by the database's clock; the future is not."""
    return -pauses.LARGEST_SKEW.total_seconds() <= clock.now().timestamp() - at < seconds


def _factors(request: HttpRequest) -> list[dict[str, Any]]:
    return [record for record in get_authentication_records(request, request.user) if record["method"] == "mfa"]
