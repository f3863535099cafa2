"""What signing in leaves in a session, for tests that are about something else."""

import time

from django.test import Client

from access.models import User


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
