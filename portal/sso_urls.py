"""The URLs of single sign-on, only for the configured providers."""

from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from allauth.socialaccount.views import login_cancelled
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from access import limits
from access.auth.guessing import ANY, limited
from access.signin.saml import answer, finish


@login_not_required
def no_single_logout(_request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Answer that there is nothing: allauth needs the URL's name, and a signed-out portal needs no other's word."""
    raise Http404(f"There is no single logout for {organization_slug}.")


OIDC = [
    re_path(r"^(?P<provider_id>oidc)/login/\Z", limited(oidc.login, limits.SSO_STARTS), name="openid_connect_login"),
    re_path(
        r"^(?P<provider_id>oidc)/callback/\Z",
        limited(oidc.callback, limits.SSO_ANSWERS, methods=ANY),
        name="openid_connect_callback",
    ),
]
SAML = [
    re_path(r"^(?P<organization_slug>saml)/login/\Z", limited(saml.login, limits.SSO_STARTS), name="saml_login"),
    re_path(r"^(?P<organization_slug>saml)/acs/\Z", limited(answer, limits.SSO_ANSWERS, methods=ANY), name="saml_acs"),
    re_path(r"^(?P<organization_slug>saml)/acs/finish/\Z", finish, name="saml_finish_acs"),
    re_path(r"^(?P<organization_slug>saml)/metadata/\Z", saml.metadata, name="saml_metadata"),
    re_path(r"^(?P<organization_slug>saml)/logout/\Z", no_single_logout, name="saml_sls"),
]

urlpatterns: list[URLPattern] = [path("cancelled/", login_cancelled, name="socialaccount_login_cancelled")]
urlpatterns += OIDC if "openid_connect" in settings.SOCIALACCOUNT_PROVIDERS else []
urlpatterns += SAML if "saml" in settings.SOCIALACCOUNT_PROVIDERS else []
