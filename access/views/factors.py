"""Second factors at the pages: what changes is on record, and a session that set one up has used it."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from access import clock, ledger
from access.models import User
from access.views import visitors

View = Callable[..., HttpResponse]


def recorded(view: View) -> View:
    """Compare the factors before and after a POST, and record in the same transaction what came and what went."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = request.user
        if request.method != "POST" or not isinstance(person, User):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            before = _factors(person)
            answer = view(request, *args, **kwargs)
            ledger.change_factors(
                person,
                before=before,
                after=_factors(person),
                address=visitors.address_of(request),
                now=clock.now(),
            )
        return answer

    return inner


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
