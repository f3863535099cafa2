"""All URLs: the sign-in pages of allauth that we use, and the portal."""

from allauth.account import views as account
from django.urls import include, path

handler500 = "access.views.errors.failed"

urlpatterns = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("", include("access.urls")),
]
