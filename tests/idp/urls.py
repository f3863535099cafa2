"""The provider's pages: its sign-in, and what OpenID Connect wants."""

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("signup/", views.signup, name="account_signup"),
    path("", include("allauth.idp.urls")),
]
