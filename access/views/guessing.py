"""Limit how often somebody can guess: each try is counted before it is judged, and given back when it was right."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core.ratelimit import respond_429
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from access import limits
from access.limits import Limit
from access.models import User
from access.views import visitors

View = Callable[..., HttpResponse]
Counted = tuple[Limit, str]  # what is limited, and whose it is


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was counted, with all that it counts against."""

    counted: tuple[Counted, ...]
    at: datetime

    def give_back(self) -> None:
        """Count it no longer: it was right."""
        for limit, whose in self.counted:
            limits.give_back(limit, whose, at=self.at)


def begin(*counted: Counted) -> Attempt:
    """Count a try against these limits, in this order, as far as none of them is reached.

    Raises allauth's ValidationError when one is. The address comes first: a stranger who types the emails of many
    accounts makes no more rows than its limit allows.
    """
    now = timezone.now()
    if not all(limits.take(limit, whose, now=now) for limit, whose in counted):
        raise get_adapter().validation_error("too_many_login_attempts")
    return Attempt(counted, now)


def accounts_of(email: str) -> list[str]:
    """Return what tries at this email are counted under: the accounts that it opens, or the email where there is none.

    The accounts are found as a sign-in finds them, so another spelling is no other account.
    """
    found: list[User] = filter_users_by_email(email, for_login=True)
    return [account_of(user) for user in sorted(found, key=lambda user: user.pk)] or [f"email:{email.lower()}"]


def account_of(person: User) -> str:
    """Return the name under which tries at somebody's account are counted."""
    return f"person:{person.pk}"


def address(request: HttpRequest) -> str:
    """Return the name under which everything from one address is counted."""
    return f"address:{visitors.network_of(request)}"


def limited(view: View, limit: Limit) -> View:
    """Answer 429 to a POST beyond the limit: of somebody who is signed in by person, of everybody else by address."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = request.user
        whose = account_of(person) if isinstance(person, User) else address(request)
        if request.method == "POST" and not limits.take(limit, whose, now=timezone.now()):
            answer: HttpResponse = respond_429(request)
            return answer
        return view(request, *args, **kwargs)

    return inner


class PasswordResetView(account.PasswordResetView):  # type: ignore[misc]  # allauth ships no types
    """Sends so many emails for an address, and so many to an account."""

    def form_valid(self, form: object) -> HttpResponse:
        now, email = timezone.now(), self.request.POST.get("email", "").strip()
        counted = [(limits.RESETS, address(self.request))]
        counted += [(limits.RESETS_OF_ACCOUNT, whose) for whose in accounts_of(email)]
        within = all(limits.take(limit, whose, now=now) for limit, whose in counted)
        answer: HttpResponse = super().form_valid(form) if within else respond_429(self.request)
        return answer
