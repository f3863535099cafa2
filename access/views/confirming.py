"""The pages that ask who it is before something is done, and say what that is."""

from typing import Any

from allauth.account.views import BaseReauthenticateView
from allauth.account.views import ReauthenticateView as PasswordView
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView as PasskeyView
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from access.auth import confirmed, questions


class _Asking(BaseReauthenticateView):  # type: ignore[misc]  # allauth ships no types
    """Shows what is being confirmed, and binds a passkey or code to it."""

    def get_context_data(self, **facts: Any) -> dict[str, Any]:
        question = questions.asked(self.request)
        shown: dict[str, Any] = super().get_context_data(**facts)
        return shown | {"purpose": question.purpose if question else _("to continue")}

    def get_reauthentication_alternatives(self) -> list[dict[str, Any]]:
        """Return the other ways in the order in which they are asked for; allauth sorts them by their labels."""
        ways = super().get_reauthentication_alternatives()
        order = ["mfa_reauthenticate:webauthn", "mfa_reauthenticate", "reauthenticate"]
        return sorted(ways, key=lambda way: order.index(way["id"]))

    def _continue(self, form: Any) -> HttpResponse:
        confirmed.bind_last_check(self.request)
        answer: HttpResponse = BaseReauthenticateView.form_valid(self, form)
        return answer


class ConfirmByPassword(_Asking, PasswordView):  # type: ignore[misc]
    """Asks for the password."""


class ConfirmByCode(_Asking, CodeView):  # type: ignore[misc]
    """Asks for a code of the authenticator app."""

    def form_valid(self, form: Any) -> HttpResponse:
        post_authentication(self.request, form.authenticator, reauthenticated=True)
        return self._continue(form)


class ConfirmByPasskey(_Asking, PasskeyView):  # type: ignore[misc]
    """Asks for a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        flows.reauthenticate(self.request, form.cleaned_data["credential"])
        return self._continue(form)

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 - the page builds it again
        """Show the page again; allauth leads away from what was about to be confirmed."""
        messages.error(self.request, _("Daypass does not accept this passkey. Try again, or confirm in another way."))
        page: HttpResponse = self.render_to_response(self.get_context_data())
        return page
