"""What an identity provider says about a person, by OpenID Connect or SAML."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.rules.facts import Refused
from access.texts.text import Text

UID_MAX_LENGTH = 191  # of allauth's column
NAME_MAX_LENGTH = 150
GROUPS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Claims:
    """One person, as the provider knows them. `nonce` is what an OpenID Connect provider was asked to repeat."""

    email: str
    is_verified: bool
    name: str
    groups: frozenset[str]
    nonce: str | None = None


def read(*, email: Any, verified: Any, name: Any, groups: Any, nonce: Any = None) -> Claims:
    """Return the claims with everything that has not the right shape left out.

    An address counts as verified when the provider says so; one that says nothing is believed where the settings do.
    """
    said = settings.SSO.trusts_email if verified is None else verified is True or verified == "true"
    listed: Iterable[Any] = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return Claims(
        email=email.strip().lower() if isinstance(email, str) and email.isascii() else "",
        is_verified=said,
        name=name.strip()[:NAME_MAX_LENGTH] if isinstance(name, str) else "",
        groups=frozenset(group for group in listed if isinstance(group, str)),
        nonce=nonce if isinstance(nonce, str) else None,
    )


def uid(issuer: str, subject: Any) -> str:
    """Return the id of the account: a subject is only unique together with its issuer.

    Raises Refused when the provider sent none that can be stored.
    """
    name = f"{issuer} {subject}"
    if not (isinstance(subject, str) and subject.strip()) or len(name) > UID_MAX_LENGTH:
        raise Refused("sso_no_lasting_id")
    return name


def refused(request: HttpRequest, error: Refused | Text) -> ImmediateHttpResponse:
    """Return the exception that ends the sign-in with a page that says why."""
    page: HttpResponse = render(request, "socialaccount/refused.html", {"error": error}, status=403)
    return ImmediateHttpResponse(page)
