"""Rita at the running portal: an HTTP connection, signed in and confirmed, that receives sessions as JSON."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from access.models import Grant
from demo.browser import Visitor
from demo.cast import used_codes_file

PATIENCE = 30  # seconds for one answer


class Caller:
    """One connection that is kept open, as a program's is."""

    def __init__(self, cookies: dict[str, str]) -> None:
        address = urlsplit(_portal())
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
        self._headers = {
            "Accept": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies[settings.CSRF_COOKIE_NAME],
        }

    def hang_up(self) -> None:
        """Close the connection, which the server does too when nothing comes for a while; the next call opens it."""
        self._connection.close()

    def look(self, grant: Grant) -> None:
        """Open an address at which the portal sees who comes, and does nothing else."""
        path = reverse("credentials", args=[grant.request.public_id])
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != http.client.FOUND:
            raise RuntimeError(f"The portal answered {answer.status} where nothing is to be had.")

    def issue(self, grant: Grant) -> dict[str, Any]:
        """Return the session that the portal answers with; RuntimeError when it answers anything else."""
        path = reverse("credentials", args=[grant.request.public_id])
        self._connection.request("POST", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"The portal answered {answer.status}: {body.decode(errors='replace')[:500]}")
        found: dict[str, Any] = json.loads(body)
        return found


def signed_in(email: str, password: str, seed: str) -> dict[str, str]:
    """Sign in, confirm with the password, and return the cookies."""
    visitor = Visitor(_portal())
    visitor.sign_in(email, password, seed, notebook=used_codes_file())
    visitor.open(reverse("account_reauthenticate"))
    visitor.send(password=password)
    return {str(name): str(value) for name, value in visitor.http.cookies.items()}


def _portal() -> str:
    return str(json.loads((settings.VAR_DIR / "run.json").read_text())["portal"])
