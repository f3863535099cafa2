"""Limit how often somebody can guess: count each attempt before checking it, and forget it if it was right."""

import functools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.fields import EmailField
from allauth.core.ratelimit import respond_429
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from access import clock, limits, tasks
from access.auth import client_address, known_browsers
from access.ledger.browsers import count_failure, forget_worn_out, uncount_failure
from access.limits import Limit
from access.models import KnownBrowser, User
from access.notifications import reset_emails
from access.recipients import account_of

View = Callable[..., HttpResponse]
READS, FORMS, ANY = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")  # the portal has no other methods
Counted = tuple[Limit, str]  # what Daypass limits, and for which account or address


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was counted, with all that it counts against: limits, or a browser that the account knows."""

    counted: tuple[Counted, ...]
    at: datetime
    browser: KnownBrowser | None = None

    def refund(self) -> None:
        """Count it no longer: it was right."""
        for limit, whose in self.counted:
            limits.refund(limit, whose, at=self.at)
        if self.browser:
            uncount_failure(self.browser)

    def fail(self, request: HttpRequest) -> None:
        """Leave it counted: it was wrong. A browser that has no try left is forgotten."""
        if self.browser:
            forget_worn_out(self.browser, address=client_address.address_of(request), now=self.at)


def begin(request: HttpRequest, limit: Limit, accounts: Sequence[str]) -> Attempt:
    """Count a try at a password or code of these accounts.

    A browser that the account knows has a count of its own, as long as that lasts: strangers at the same account, or at
    the same address, do not use it up. Everybody else counts against their address and the account. Raises allauth's
    ValidationError when one of these had too many. The address comes first: a stranger who types the emails of many
    accounts makes no more rows than its limit allows.
    """
    known = [one for one in known_browsers.of_request(request) if account_of(one.person) in accounts]
    if known and count_failure(known[0]):
        return Attempt((), clock.now(), known[0])
    return _counted((limits.FAILED_SIGN_INS, address(request)), *((limit, whose) for whose in accounts))


def begin_passkey(request: HttpRequest, person: User | None) -> Attempt:
    """Count an attempt with a passkey of a person who has entered their password or is signed in.

    Without a person, the client says whose passkey it is, and a stranger could lock anybody out. Such an attempt is
    limited only by client address, and there is nothing to guess. A browser that the account knows is counted by itself
    here too, but loses no attempts: a passkey that was not at hand is no guess.
    """
    if person is None:
        return _counted()
    browser = known_browsers.of_person(request, person)
    return _counted((limits.FAILED_PASSKEYS, f"browser:{browser.pk}" if browser else account_of(person)))


def _counted(*counted: Counted) -> Attempt:
    now = clock.now()
    if not all(limits.take(limit, whose, now=now) for limit, whose in counted):
        raise get_adapter().validation_error("too_many_login_attempts")
    return Attempt(counted, now)


def address(request: HttpRequest) -> str:
    """Return the name under which everything from one address is counted."""
    return f"address:{client_address.network_of(request)}"


def source(request: HttpRequest) -> str:
    """Return the name under which everything from this visitor is counted: a browser that is known, by the account that
    signed in there last, or the address.
    """
    known = known_browsers.of_request(request)
    return f"browser:{known[0].pk}" if known else address(request)


def limited(view: View, limit: Limit, *, methods: Collection[str] = FORMS) -> View:
    """Answer 429 beyond the limit: of somebody who is signed in by person, of everybody else by source.

    Only requests with one of these methods are counted.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = request.user
        if request.method not in methods:
            return view(request, *args, **kwargs)
        whose = account_of(person) if isinstance(person, User) else source(request)
        if not limits.take(limit, whose, now=clock.now()):
            answer: HttpResponse = respond_429(request)
            return answer
        return view(request, *args, **kwargs)

    return inner


class ForgottenPasswordForm(forms.Form):
    """An email address. It is not looked up here, so the form is as quick and as valid for every address."""

    email = EmailField(required=True)


class PasswordResetView(account.PasswordResetView):  # type: ignore[misc]  # allauth ships no types
    """Stores that somebody asked for a new password; the worker sends the email, within the limits of the recipient.

    Answer, writes and time are the same with and without an account. Beyond the limits of a network nothing is stored,
    and the answer is the same too.
    """

    form_class = ForgottenPasswordForm

    def form_valid(self, form: forms.Form) -> HttpResponse:
        now, network = clock.now(), address(self.request)
        if all(limits.take(limit, network, now=now) for limit in (limits.RESETS, limits.RESETS_A_DAY)):
            tasks.enqueue_reset_email(reset_emails.ask(form.cleaned_data["email"].lower(), now=now))
        return redirect(self.get_success_url())
