"""SAML: a response is valid once, only in the browser that asked for it, and only with a permanent name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import httpkit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.saml import views
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from access import clock, limits
from access.rules.facts import Refused
from access.signin import claims

log = structlog.get_logger(__name__)

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
LONGEST = timedelta(days=1)
LARGEST = 128 * 1024  # characters that are kept of an answer until it is judged; with hundreds of groups it has 50,000


class SamlProvider(SAMLProvider):  # type: ignore[misc]  # allauth ships no types
    def redirect_from_request(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the provider, ignoring any process in the URL of this page."""
        next_url = get_next_redirect_url(request)
        return _or_page(request, self, lambda: self.redirect(request, AuthProcess.LOGIN, next_url=next_url))

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Return allauth's login with our claims on it, the first time that this assertion comes."""
        try:
            self._check_first(response)
            login = super().sociallogin_from_response(request, response)
        except Refused as refusal:
            raise claims.refused(request, refusal) from None
        said = self._extract(response)
        login.claims = claims.read(
            email=said.get("email"),
            verified=said.get("email_verified"),
            name=said.get("name"),
            groups=response.get_attributes().get(settings.SSO.groups_claim),
        )
        return login

    def extract_uid(self, data: Any) -> str:
        """Return the provider and the attribute that the settings name, or else a persistent NameID."""
        subject = self._extract(data).get("uid")
        if subject is None and data.get_nameid_format() == PERSISTENT:
            subject = data.get_nameid()
        return claims.uid(self.app.settings["idp"]["entity_id"], subject)

    def extract_extra_data(self, data: Any) -> dict[str, Any]:  # noqa: ARG002 - the signature is allauth's
        """Keep nothing: the rights are set at each sign-in, and the rest is not needed."""
        return {}

    def _check_first(self, response: Any) -> None:
        """Raise Refused when this assertion was there before; allauth's own state would already refuse most of them."""
        now, ends = clock.now(), response.get_last_assertion_not_on_or_after()
        last = max(now, datetime.fromtimestamp(ends, UTC)) if ends else now + LONGEST
        if not limits.spend("saml", response.get_last_assertion_id(), until=last + LONGEST, now=now):
            raise Refused("sso_answer_replayed")


@csrf_exempt
@login_not_required
@require_POST
def answer(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Keep the answer for `finish`, where the browser sends its cookies; answer 413 when it is too large.

    allauth keeps the whole request with its headers, and nobody has signed in yet.
    """
    if len(httpkit.serialize_request(request)) > LARGEST:
        return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kept: HttpResponse = views.acs(request, organization_slug=organization_slug)
    return kept


@login_not_required
def finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Judge the answer that the browser brought."""
    provider = get_adapter().get_provider(request, provider=organization_slug)
    return _or_page(request, provider, lambda: views.finish_acs(request, organization_slug=organization_slug))


def _or_page(request: HttpRequest, provider: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what `act` gives, or the page that says that the sign-in did not work.

    What strangers send, and what a provider's description holds, ends in whatever the parsers raise.
    """
    try:
        return act()
    except (ImmediateHttpResponse, PermissionDenied):
        raise
    except Exception as error:
        log.warning("saml.unreadable", error=repr(error)[:500])
        page: HttpResponse = render_authentication_error(request, provider, exception=error)
        return page
