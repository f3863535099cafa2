"""Second factors: changes are recorded, the last one cannot be removed, and a new one must be used once."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from access import clock
from access.auth import client_address, confirmed
from access.ledger.sessions import change_factors, lock_person
from access.models import User

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
    messages.error(request, get_adapter().error_messages["cannot_delete_authenticator"])
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


def _has_strong(factors: Mapping[int, str]) -> bool:
    return not confirmed.STRONG.isdisjoint(factors.values())


def _factors(person: User) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user=person).values_list("pk", "type"))


class ActivateTOTPView(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth ships no types
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type=Authenticator.Type.TOTP.value)
        return answer


class AddWebAuthnView(webauthn.AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type=Authenticator.Type.WEBAUTHN.value)
        return answer


class RemoveWebAuthnView(webauthn.RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Asks, as the page for the app does, whether this is the only factor; allauth's own view asks nobody."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            return refuse_last(self.request)
        answer: HttpResponse = super().form_valid(form)
        return answer
