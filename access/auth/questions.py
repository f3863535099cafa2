"""The question who it is: what is being confirmed, and with what it can be answered."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.urls import reverse

from access.auth.current_user import signed_in

_KEY = "questions"
MOST = 5  # questions that are kept of one session: in so many tabs one can be open


@dataclass(frozen=True, slots=True)
class Question:
    """What is being confirmed: the rest of a sentence, as in "Use your passkey to approve Richard's request.".

    `is_new`: only a passkey or code used for this action will do. `factor_age`: how many seconds old the factor beside
    a password can be; None stands for the usual age.
    """

    purpose: str
    is_new: bool = False
    factor_age: float | None = None

    @property
    def age(self) -> timedelta | None:
        return None if self.factor_age is None else timedelta(seconds=self.factor_age)


def keep(request: HttpRequest, question: Question) -> None:
    """Keep the question in the session, under the address that asks it."""
    kept = {address: one for address, one in request.session.get(_KEY, {}).items() if address != request.path}
    request.session[_KEY] = dict([*kept.items(), (request.path, asdict(question))][-MOST:])


def address_asked_about(request: HttpRequest) -> str | None:
    """Return the path to which the page of a question leads back."""
    url = get_next_redirect_url(request)
    return unquote(urlsplit(url).path) if url else None


def asked(request: HttpRequest) -> Question | None:
    """Return the question that the page at hand asks, or None when it was opened without one."""
    kept = request.session.get(_KEY, {}).get(address_asked_about(request))
    return Question(**kept) if kept else None


def first_page(request: HttpRequest, question: Question) -> str:
    """Return the address of the page that asks first: for a passkey, then for a code, then for the password."""
    kinds = factor_kinds(request)
    if Authenticator.Type.WEBAUTHN in kinds:
        return reverse("mfa_reauthenticate_webauthn")
    if Authenticator.Type.TOTP in kinds or question.is_new or not signed_in(request).has_usable_password():
        return reverse("mfa_reauthenticate")
    return reverse("account_reauthenticate")


def factor_kinds(request: HttpRequest) -> frozenset[str]:
    """Return the kinds of factors that the signed-in person has, recovery codes among them."""
    return frozenset(Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True))
