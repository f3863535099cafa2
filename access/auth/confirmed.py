"""What a session has proven about its person, and pages that ask for more proof before an action.

The form is sent again to the address of the question, so a form that can come back names its own address. ADR 59 says
what confirms an action.
"""

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext_lazy as _

from access import clock, limits
from access.auth import questions
from access.auth.current_user import signed_in
from access.auth.questions import Question
from access.models import Role
from access.rules import confirming
from access.rules.confirming import Check, Proof, has_recent
from access.rules.deciding import longest_factor_age
from access.wording import Words

View = Callable[..., HttpResponse]
# What is being confirmed, as the rest of a sentence: "to invite a contractor".
Purpose = Words | Callable[..., Question]

STRONG = frozenset({Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value})
READS = frozenset({"GET", "HEAD"})
SET_UP_WITHIN = timedelta(minutes=15)  # after the password: an app has to be installed first
_DONE = "_access_newly_confirmed"
_ASKED = "_access_asked"


@dataclass(frozen=True, slots=True)
class _Bound:
    """The check of a passkey or code for one address, which confirms one action there."""

    address: str
    key: str
    at: datetime


def confirmed(purpose: Purpose, *, reads: bool = False) -> Callable[[View], View]:
    """Take a POST, and with `reads` also show the page, once a passkey or code of the last five minutes confirms it.

    Any check in the session counts, that of the sign-in too; using it does not make it last longer.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _is_asked_for(request, reads=reads):
                if not is_confirmed(request):
                    return ask(request, _question(purpose, request, *args, **kwargs))
                return let_pass(view, request, *args, **kwargs)
            return view(request, *args, **kwargs)

        return inner

    return decorate


def newly_confirmed(purpose: Purpose, *, reads: bool = False) -> Callable[[View], View]:
    """Take a POST once a passkey or code was used for it, and for nothing else: the check is bound to this address.

    One check does one action. A form that comes back with an error can be sent again within the five minutes.
    With `reads`, the page itself is shown only with such a check.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _is_asked_for(request, reads=reads):
                return view(request, *args, **kwargs)
            bound, now = _bound_to(request, now=clock.now()), clock.now()
            if bound is None or (request.method == "POST" and not _spend(bound, now=now)):
                return ask(request, _question(purpose, request, *args, is_new=True, **kwargs))
            return _run(view, request, bound, *args, **kwargs)

        inner.asks_for_new_factor = True  # type: ignore[attr-defined]  # tests use a factor before they post there
        return inner

    return decorate


def confirmed_download(form_page: Callable[..., str], purpose: Purpose) -> Callable[[View], View]:
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

        return confirmed(purpose)(inner)

    return decorate


def ask(request: HttpRequest, question: Question) -> HttpResponse:
    """Lead to the page that takes a passkey, code or password, and from there back to what was about to be done."""
    questions.keep(request, question)
    setattr(request, _ASKED, True)
    answer: HttpResponse = suspend_request(request, questions.first_page(request, question))
    return answer


def was_asked(request: HttpRequest) -> bool:
    """Return whether this request was answered with the question, so that what was sent is not done yet."""
    return hasattr(request, _ASKED)


def let_pass(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Run a view that was confirmed in another way, so that allauth does not ask as well."""
    setattr(request, _DONE, False)
    return view(request, *args, **kwargs)


def is_confirmed(request: HttpRequest, *, role: Role | None = None) -> bool:
    """Return whether the checks of this session confirm an action now, about this role if any."""
    return confirming.is_confirmed(
        checks_of(request),
        within=timedelta(seconds=settings.NEW_FACTOR_MAX_AGE),
        factor_age=factor_age_for(role),
        now=clock.now(),
    )


def has_fresh_factor(request: HttpRequest, *, age: timedelta) -> bool:
    """Return whether a passkey or code was checked in this session less than so long ago."""
    return has_recent(checks_of(request), Proof.FACTOR, age=age, now=clock.now())


def has_set_up_factor(request: HttpRequest) -> bool:
    """Return whether a factor was set up or checked in this session in the last minutes."""
    age = timedelta(seconds=settings.NEW_FACTOR_MAX_AGE)
    return has_recent(checks_of(request, with_set_up=True), Proof.FACTOR, age=age, now=clock.now())


def has_new_factor(request: HttpRequest) -> bool:
    """Return whether this very request is one that a passkey or code was asked for."""
    return bool(getattr(request, _DONE, False))


def is_marked(request: HttpRequest) -> bool:
    """Return whether one of the decorators above has let this request pass, so that allauth need not ask as well."""
    return hasattr(request, _DONE)


def factor_age_for(role: Role | None) -> timedelta:
    """Return how old the factor beside a password can be, for an action about this role if any."""
    usual = timedelta(seconds=settings.FACTOR_MAX_AGE)
    return longest_factor_age(role.factor_age() if role else None, usual=usual)


def has_used_factor(request: HttpRequest) -> bool:
    """Return whether this session was opened, or confirmed later, with a second factor or a recovery code."""
    return any(record["method"] == "mfa" for record in _records(request))


def has_strong_factor(request: HttpRequest) -> bool:
    """Return whether the account of this session has a passkey or an authenticator app."""
    return bool(Authenticator.objects.filter(user_id=request.user.pk, type__in=STRONG).exists())


def checks_of(request: HttpRequest, *, with_set_up: bool = False) -> list[Check]:
    """Return the checks of this session that can confirm something.

    Setting up a factor proves nothing of the person, so it counts only `with_set_up`. A factor that was removed or
    reset in the meantime counts for nothing.
    """
    records = _records(request)
    named = {record["id"] for record in records if "id" in record}
    gone = named - set(Authenticator.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    factors = [one for one in records if one.get("type") in STRONG and (with_set_up or not one.get("set_up"))]
    passwords = [one for one in records if one["method"] == "password" and one.get("reauthenticated")]
    return [Check(Proof.FACTOR, _at(one)) for one in factors if one.get("id") not in gone] + [
        Check(Proof.PASSWORD, _at(one)) for one in passwords
    ]


def bind_last_check(request: HttpRequest) -> None:
    """Note for which address the last passkey or code was asked; it confirms one action there that needs a new one."""
    address = questions.address_asked_about(request)
    if address is not None:
        _change_last(request, {"for": address, "once": secrets.token_urlsafe(16)})


def note_set_up(request: HttpRequest, factor_id: int) -> None:
    """Note that the last check set up this factor: the session can be used now, and nothing is confirmed by it."""
    _change_last(request, {"set_up": True, "id": factor_id})


def can_set_up_first(request: HttpRequest) -> bool:
    """Return whether this person, who has no factor, can set up the first one: shortly after the password, if any."""
    if not signed_in(request).has_usable_password():
        return True
    proven = [
        Check(Proof.PASSWORD, _at(one)) for one in _records(request) if one["method"] in ("password", "invitation")
    ]
    return has_recent(proven, Proof.PASSWORD, age=SET_UP_WITHIN, now=clock.now())


def _is_asked_for(request: HttpRequest, *, reads: bool) -> bool:
    return request.method == "POST" or (reads and request.method in READS)


def _question(purpose: Purpose, request: HttpRequest, *args: Any, is_new: bool = False, **kwargs: Any) -> Question:
    asked = purpose(request, *args, **kwargs) if callable(purpose) else Question(str(purpose))
    return Question(asked.purpose, is_new=is_new, factor_age=asked.factor_age)


def _run(view: View, request: HttpRequest, bound: _Bound, *args: Any, **kwargs: Any) -> HttpResponse:
    setattr(request, _DONE, request.method == "POST")
    response = view(request, *args, **kwargs)
    if request.method == "POST" and response.status_code in (200, 400):  # the form came back, and nothing was done
        _replace_key(request, bound)
    return response


def _bound_to(request: HttpRequest, *, now: datetime) -> _Bound | None:
    """Return the last check that was made for this address and is not over, if any."""
    factors = [one for one in _records(request) if one.get("type") in STRONG and one.get("for") == request.path]
    if not factors:
        return None
    last, age = factors[-1], timedelta(seconds=settings.NEW_FACTOR_MAX_AGE)
    if not has_recent([Check(Proof.FACTOR, _at(last))], Proof.FACTOR, age=age, now=now):
        return None
    is_there = "id" not in last or Authenticator.objects.filter(pk=last["id"]).exists()
    return _Bound(request.path, last["once"], _at(last)) if is_there else None


def _spend(bound: _Bound, *, now: datetime) -> bool:
    """Return whether this is the first use of the check: of two requests at the same moment, one is."""
    return limits.spend("confirmation", bound.key, until=now + timedelta(seconds=settings.NEW_FACTOR_MAX_AGE), now=now)


def _replace_key(request: HttpRequest, bound: _Bound) -> None:
    """Let the same check be used again, from the same moment on."""
    records = [
        one | {"once": secrets.token_urlsafe(16)} if one.get("once") == bound.key else one for one in _records(request)
    ]
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records


def _change_last(request: HttpRequest, facts: dict[str, Any]) -> None:
    *before, last = _records(request)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [*before, last | facts]


def _was_asked_before(request: HttpRequest) -> bool:
    """Return whether the question's own address answers, with what was sent before it. [allauth resume_request]"""
    asked = request.resolver_match
    return asked is not None and asked.view_name != resolve(request.path_info).view_name


def _at(record: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(record["at"], tz=UTC)


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records
