"""The ways in which a signed-in person can answer the question who they are."""

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from access.auth import confirmed, questions
from access.auth.current_user import signed_in

PASSKEY, CODE, PASSWORD = "mfa_reauthenticate:webauthn", "mfa_reauthenticate", "reauthenticate"  # allauth's names


def ways_of(request: HttpRequest) -> list[str]:
    """Return them in the order in which they are offered: a passkey, a code, the password."""
    kinds = questions.factor_kinds(request)
    offered = {
        PASSKEY: Authenticator.Type.WEBAUTHN in kinds,
        CODE: Authenticator.Type.TOTP in kinds or takes_recovery_code(request, kinds),
        PASSWORD: signed_in(request).has_usable_password() and _takes_password(request, kinds),
    }
    return [way for way, is_offered in offered.items() if is_offered]


def takes_recovery_code(request: HttpRequest, kinds: frozenset[str]) -> bool:
    """Return whether a recovery code will do: it opens a session without a used factor, and confirms nothing."""
    return Authenticator.Type.RECOVERY_CODES in kinds and not confirmed.has_used_factor(request)


def _takes_password(request: HttpRequest, kinds: frozenset[str]) -> bool:
    """Return whether the password will do: where there is no factor yet, or beside one that is fresh enough."""
    if confirmed.STRONG.isdisjoint(kinds):
        return True
    question = questions.asked(request)
    if question is not None and question.is_new:
        return False
    age = (question.age if question else None) or confirmed.factor_age_for(None)
    return confirmed.has_fresh_factor(request, age=age)
