"""Single sign-on for internal users: who can sign in with it, and with which rights."""

from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from access import clock
from access.ledger.people import SSO, join, record_rights
from access.models import Contractor, User
from access.rules.facts import Refused
from access.signin import claims
from access.signin.claims import Claims
from access.texts.text import Text

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SECONDS = 5.0  # that the provider can take to answer


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse people who are not allowed to sign in this way; set the rights of the others by their groups."""
        try:
            check_answer(sociallogin.claims, sociallogin.state)
            check_address(sociallogin.claims)
            if sociallogin.is_existing:
                _admit(sociallogin.user, sociallogin.claims)
            else:
                check_free(sociallogin.claims.email)
        except Refused as refusal:
            raise claims.refused(request, refusal) from None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002 - as allauth calls it
        """Return True: people who are not allowed to sign in were refused before."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:  # noqa: ARG002
        """Return the person whom a first sign-in will store."""
        user: User = sociallogin.user
        user.email = data.get("email") or ""
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: None = None) -> User:
        """Store a person at their first sign-in, without a password, with the rights of their groups."""
        said: Claims = sociallogin.claims
        sociallogin.user.email, sociallogin.user.name = said.email, said.name
        sociallogin.email_addresses = [EmailAddress(email=said.email, verified=True, primary=True)]
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                join(user, by=SSO, now=clock.now())
                _admit(user, said)
        except IntegrityError:
            raise claims.refused(request, Text("sso_account_exists")) from None
        return user

    def get_requests_session(self) -> requests.Session:
        """Return the session in which the provider is asked."""
        return GuardedSession()


class GuardedSession(requests.Session):
    """Uses only https and follows no redirects, so that no answer of a provider leads the portal to another service."""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (settings.DEMO and parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise requests.exceptions.InvalidURL("Identity providers are only called over https.")
        return super().request(method, url, *args, **options | {"allow_redirects": False, "timeout": SECONDS})


def check_answer(said: Claims, state: dict[str, Any]) -> None:
    """Raise Refused unless the answer is to the question that this browser asked, and the question was to sign in."""
    if state.get("process") != AuthProcess.LOGIN or state.get("nonce") != said.nonce:
        raise Refused("sso_answer_not_ours")


def check_address(said: Claims) -> None:
    """Raise Refused unless the provider confirms the email address, and it is in a domain of internal users."""
    if not said.email:
        raise Refused("sso_no_email")
    if not said.is_verified:
        raise Refused("sso_email_unverified", email=said.email)
    if said.email.rpartition("@")[2] not in settings.SSO.email_domains:
        raise Refused("sso_email_domain", email=said.email)


def check_free(email: str) -> None:
    """Raise Refused when anybody has this address already, in whatever case."""
    taken = User.objects.filter(email__iexact=email), EmailAddress.objects.filter(email__iexact=email)
    if any(rows.exists() for rows in taken):
        raise Refused("sso_account_exists")


def _admit(user: User, said: Claims) -> None:
    """Set the rights. Disabled people keep theirs, and allauth tells them that they are disabled."""
    if Contractor.objects.filter(user=user).exists():
        raise Refused("sso_contractor")
    if user.is_active:
        sso = settings.SSO
        record_rights(
            user,
            groups={local for theirs, local in sso.approver_groups.items() if theirs in said.groups},
            mapped=set(sso.approver_groups.values()),
            is_administrator=bool(sso.admin_groups & said.groups) if sso.admin_groups else user.is_staff,
            by=SSO,
            now=clock.now(),
        )
