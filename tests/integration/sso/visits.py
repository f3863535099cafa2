"""How somebody comes in by single sign-on: from the portal to the provider and back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from tests.idp.process import Idp

LOGIN = reverse("openid_connect_login", args=["oidc"])
CALLBACK = reverse("openid_connect_callback", args=["oidc"])


def claims(name: str, *groups: str, **different: Any) -> dict[str, Any]:
    """Return what an honest provider says about an internal user."""
    honest = {"email": f"{name}@example.com", "email_verified": True, "name": name.capitalize(), "groups": groups}
    return honest | different


def come_in(client: Client, provider: Idp, name: str, **form: str) -> Any:
    """Press the button, sign in at the provider, and come back."""
    return client.get(back(client, provider, name, **form))


def back(client: Client, provider: Idp, name: str, **form: str) -> str:
    """Return the address with which the provider sends back."""
    address = urlsplit(provider.authorize(name, client.post(LOGIN, form)["Location"]))
    return f"{address.path}?{address.query}"


def question(client: Client, **form: str) -> dict[str, str]:
    """Return what the portal asks the provider when the button is pressed."""
    return {name: value[0] for name, value in parse_qs(urlsplit(client.post(LOGIN, form)["Location"]).query).items()}
