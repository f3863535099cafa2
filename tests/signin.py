"""What signing in leaves in a session, for tests that are about something else."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from access import clock, tasks
from access.models import User
from access.notifications import reset_emails


class Confirming(Client):
    """A client of somebody who uses a passkey or code each time that a page takes nothing without a new one."""

    is_confirming = False

    def generic(self, method: str, path: Any, *args: Any, **options: Any) -> Any:
        if self.is_confirming:
            confirm_for(self, path)
        return super().generic(method, path, *args, **options)


def confirm_for(client: Client, url: str) -> None:
    """Note a code of this moment in the session, asked for what is about to be done at this address, if one is."""
    path = urlsplit(url).path
    try:
        view = resolve(path).func
    except Resolver404:
        return
    if not getattr(view, "asks_for_new_factor", False):
        return
    session = client.session
    if "account_authentication_methods" not in session:
        return  # the session has ended
    once = {"for": path, "once": secrets.token_urlsafe(8)}
    code = {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True, **once}
    session["account_authentication_methods"] = [*session["account_authentication_methods"], code]
    session.save()


def sign_in(client: Client, person: User, *, confirmed: bool = True, factor_age: float | None = None) -> None:
    """Sign the person in with a password and a code, the code so many seconds ago; `confirmed`: both again just now.

    Without `confirmed`, the code is too old to confirm anything by itself.
    """
    now = time.time()
    if factor_age is None:
        factor_age = 0 if confirmed else settings.NEW_FACTOR_MAX_AGE + 1
    if isinstance(client, Confirming):
        client.is_confirming = confirmed
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": now - factor_age, "reauthenticated": confirmed},
        {"method": "mfa", "type": "totp", "at": now - factor_age, "reauthenticated": False},
        *([{"method": "password", "at": now, "reauthenticated": True}] if confirmed else []),
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def ask_for_new_password(email: str, client: Client | None = None) -> HttpResponseBase:
    """Send the form about a forgotten password, and let the worker send the email."""
    answer = (client or Client()).post(reverse("account_reset_password"), {"email": email})
    send_reset_emails()
    return answer


def send_reset_emails() -> None:
    """Do what the worker does about forgotten passwords."""
    for reset_email_id in reset_emails.due(now=clock.now()):
        tasks.send_reset_email(reset_email_id)
