"""Second factors at the pages: what changes is on record, and a session that set one up has used it; and the list of
one's sessions.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from access import ledger, rules
from access.models import User
from access.views import visitors
from access.views.people import idle_age, signed_in

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
                now=timezone.now(),
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


class ListSessionsView(usersessions.ListUserSessionsView):  # type: ignore[misc]  # allauth ships no types
    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add how long a session of this person lasts."""
        ages = (idle_age(signed_in(self.request)), settings.SESSION_COOKIE_AGE)
        idle, longest = (rules.in_words(timedelta(seconds=age)) for age in ages)
        lasts = f"A session ends {idle} after its last click, and after {longest} in any case."
        shown: dict[str, Any] = super().get_context_data(**context) | {"subtitle": lasts}
        return shown
