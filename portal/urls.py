"""All URLs: the sign-in pages of allauth that Daypass uses, and the portal."""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from access import limits
from access.admin import site
from access.auth import guessing
from access.auth.confirmed import confirmed
from access.auth.guessing import PasswordResetView, limited
from access.auth.known_browsers import staying_known
from access.views.confirming import ConfirmByCode, ConfirmByPasskey, ConfirmByPassword
from access.views.factors import ActivateTOTPView, AddWebAuthnView, RemoveWebAuthnView, changing, for_codes
from access.views.sessions import forget_browser, session_end, sessions

handler500 = "access.views.errors.failed"

urlpatterns = [
    path("account/login/", limited(account.login, limits.SIGN_INS), name="account_login"),
    path(
        "account/signup/", limited(account.signup, limits.SIGN_UPS), name="account_signup"
    ),  # disabled, but emails of allauth link to it
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path(
        "account/reauthenticate/",
        limited(ConfirmByPassword.as_view(), limits.CONFIRMATIONS),
        name="account_reauthenticate",
    ),
    path(
        "account/password/",
        limited(staying_known(account.password_change), limits.PASSWORD_CHANGES),
        name="account_change_password",
    ),
    # A person who signs in by single sign-on has no password and is given none.
    path("account/password/set/", RedirectView.as_view(pattern_name="mfa_index"), name="account_set_password"),
    path("account/password/reset/", PasswordResetView.as_view(), name="account_reset_password"),
    path("account/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "account/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/\Z",
        limited(
            limited(account.password_reset_from_key, limits.RESET_LINKS), limits.RESET_PAGES, methods=guessing.READS
        ),
        name="account_reset_password_from_key",
    ),
    path("account/sessions/", sessions, name="usersessions_list"),
    path("account/session/", session_end, name="session_end"),
    path("account/browsers/<uuid:public_id>/forget/", forget_browser, name="browser_forget"),
    path(
        "account/factors/totp/activate/",
        changing(ActivateTOTPView.as_view(), _("to add an authenticator app")),
        name="mfa_activate_totp",
    ),
    path(
        "account/factors/totp/deactivate/",
        changing(totp.deactivate_totp, _("to remove your authenticator app")),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/factors/webauthn/add/",
        changing(AddWebAuthnView.as_view(), _("to add a passkey")),
        name="mfa_add_webauthn",
    ),
    path(
        "account/factors/webauthn/keys/<int:pk>/remove/",
        changing(RemoveWebAuthnView.as_view(), _("to remove a passkey")),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/factors/webauthn/keys/<int:pk>/edit/",
        confirmed(_("to rename a passkey"), reads=True)(webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/factors/recovery-codes/", for_codes(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "account/factors/recovery-codes/generate/",
        changing(recovery_codes.generate_recovery_codes, _("to create new recovery codes")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/factors/reauthenticate/",
        limited(ConfirmByCode.as_view(), limits.CONFIRMATIONS),
        name="mfa_reauthenticate",
    ),
    path(
        "account/factors/webauthn/reauthenticate/",
        limited(ConfirmByPasskey.as_view(), limits.CONFIRMATIONS),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/factors/webauthn/login/",
        limited(
            limited(webauthn.login_webauthn, limits.PASSKEY_SIGN_INS), limits.PASSKEY_CHALLENGES, methods=guessing.READS
        ),
        name="mfa_login_webauthn",
    ),
    # The other URLs of allauth change no factor, and accept a code or passkey only after a question of their own.
    path("account/factors/", include("allauth.mfa.urls")),
    path("", include("access.urls")),
]
if settings.SSO.apps:
    urlpatterns += [path("account/sso/", include("portal.sso_urls"))]
if settings.ADMIN:
    urlpatterns += [path("admin/", site.urls)]
