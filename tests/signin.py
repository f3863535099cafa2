"""What signing in leaves in a session, for tests that are about something else."""

import time

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from access import clock, tasks
from access.models import User
from access.notifications import reset_emails


def sign_in(client: Client, person: User, *, confirmed: bool = True, factor_age: float = 0.0) -> None:
    """Sign the person in with a password and a code, the code so many seconds ago; `confirmed`: both again just now."""
    now = time.time()
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
