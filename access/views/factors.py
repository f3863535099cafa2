"""Second factors: changes are recorded, the last one cannot be removed, and a new one must be used once."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from access import clock, wording
from access.auth import client_address, confirmed
from access.auth.known_browsers import staying_known
from access.auth.questions import Question
from access.ledger.sessions import change_factors, lock_person
from access.models import User
from access.wording import Words

View = Callable[..., HttpResponse]


def recorded(view: View) -> View:
    """Compare the factors before and after a POST, and record in the same transaction what came and what went.

    The POSTs of one person come one after the other. One that leaves a person without any passkey or app who had one
    before is undone: no page takes the last one away, whatever it asks itself.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = request.user
        if request.method != "POST" or not isinstance(person, User):
            return view(request, *args, **kwargs)
        try:
            return _change(request, person, lambda: view(request, *args, **kwargs))
        except _LastFactor:
            list(messages.get_messages(request))  # that it was removed: it was not
            return refuse_last(request)

    return inner


def refuse_last(request: HttpRequest) -> HttpResponse:
    """Explain that the only passkey or app cannot be removed, and where to add another one."""
    messages.error(request, wording.coded(get_adapter().validation_error("cannot_delete_authenticator")))
    return redirect("mfa_index")


class _LastFactor(Exception):
    """The last strong factor would go."""


@transaction.atomic
def _change(request: HttpRequest, person: User, change: Callable[[], HttpResponse]) -> HttpResponse:
    lock_person(person)
    before = _factors(person)
    answer = change()
    after = _factors(person)
    if _has_strong(before) and not _has_strong(after):
        raise _LastFactor
    change_factors(person, before=before, after=after, address=client_address.address_of(request), now=clock.now())
    return answer


def _note_set_up(request: HttpRequest, kind: Authenticator.Type) -> None:
    """Let the session be used with the factor that was just added; it confirms nothing by that."""
    added = Authenticator.objects.filter(user_id=request.user.pk, type=kind).latest("pk")
    record_authentication(request, request.user, "mfa", type=kind.value)
    confirmed.note_set_up(request, added.pk)


def _has_strong(factors: Mapping[int, str]) -> bool:
    return not confirmed.STRONG.isdisjoint(factors.values())


def _factors(person: User) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user=person).values_list("pk", "type"))


def for_change(purpose: Words) -> Callable[[View], View]:
    """Ask for a new passkey or code before a page that changes factors is shown, and before it does so.

    Somebody who has no factor yet sets up the first one shortly after their password.
    """

    def decorate(view: View) -> View:
        asking = confirmed.newly_confirmed(purpose, reads=True)(view)

        @functools.wraps(asking)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or confirmed.has_strong_factor(request):
                return asking(request, *args, **kwargs)
            if not confirmed.can_set_up_first(request):
                return confirmed.ask(request, Question(str(purpose)))
            return confirmed.let_pass(view, request, *args, **kwargs)

        return inner

    return decorate


def changing(view: View, purpose: Words) -> View:
    """Return a view that changes factors, with what belongs to it: a new passkey or code, and the record."""
    return staying_known(recorded(for_change(purpose)(view)))


def for_codes(view: View) -> View:
    """Show recovery codes after a passkey or code of the last minutes, and right after a factor was set up."""
    asking = confirmed.confirmed(_("to see your recovery codes"), reads=True)(view)

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        setattr(request, "is_setting_up", request.session.pop("setting_up", False))  # noqa: B010 - the page asks for it
        if request.user.is_authenticated and confirmed.has_set_up_factor(request):
            return confirmed.let_pass(view, request, *args, **kwargs)
        return asking(request, *args, **kwargs)

    return inner


class ActivateTOTPView(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth ships no types
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _note_set_up(self.request, Authenticator.Type.TOTP)
        return answer


class AddWebAuthnView(webauthn.AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Adds a passkey that the device can find without being told whose it is."""

    def get_context_data(self, **facts: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().get_context_data(**facts)
        options = auth.begin_registration(self.request.user, passwordless=True)
        return shown | {"js_data": {"creation_options": options}}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _note_set_up(self.request, Authenticator.Type.WEBAUTHN)
        return answer


class RemoveWebAuthnView(webauthn.RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Asks, as the page for the app does, whether this is the only factor; allauth's own view asks nobody."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            return refuse_last(self.request)
        answer: HttpResponse = super().form_valid(form)
        return answer
