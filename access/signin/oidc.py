"""OpenID Connect: authorization code with PKCE and a nonce; the identity is issuer and subject, never the address."""

import secrets
from typing import Any

import requests
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from access.signin import claims


class OidcProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth ships no types
    def redirect_from_request(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the provider, ignoring any scope, process or parameters in the URL of this page."""
        nonce = secrets.token_urlsafe(24)
        try:
            answer: HttpResponse = self.redirect(
                request,
                AuthProcess.LOGIN,
                next_url=get_next_redirect_url(request),
                auth_params={**self.get_auth_params(), "nonce": nonce},
                nonce=nonce,
            )
        except (requests.RequestException, KeyError) as error:
            answer = render_authentication_error(request, self, exception=error)
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        """Return allauth's login with our claims on it; raises OAuth2Error when the two answers are not of one person.

        OpenID Connect Core 5.3.2: the subject of the user info must be that of the id token.
        """
        token, info = response.get("id_token"), response.get("userinfo") or {}
        if not token or info.get("sub", token["sub"]) != token["sub"]:
            raise OAuth2Error("There is no id token, or the user info is somebody else's.")
        login = super().sociallogin_from_response(request, response)
        said = {**token, **info}
        login.claims = claims.read(
            email=said.get("email"),
            verified=said.get("email_verified"),
            name=said.get("name"),
            groups=said.get(settings.SSO.groups_claim),
            nonce=token.get("nonce"),
        )
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return issuer and subject of the id token."""
        return claims.uid(data["id_token"]["iss"], data["id_token"]["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the signature is allauth's
        """Keep nothing: the rights are set at each sign-in, and the rest is not needed."""
        return {}
