"""`python -m tests.idp PORT`: lays the database, registers the portal and the people, says so, and serves."""

import os
import sys

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main(port: int) -> None:
    """Serve until the process is ended."""
    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    register()
    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.set_app(application)
    print("ready", flush=True)
    server.serve_forever()


def register() -> None:
    """Make the portal known, and the people."""
    apps.get_model("allauth_idp_oidc", "Client").objects.create(  # type: ignore[misc]  # the portal has no such model
        id="daypass",
        name="Daypass",
        secret=make_password(os.environ["IDP_CLIENT_SECRET"]),
        scopes="openid\nprofile\nemail",
        redirect_uris=os.environ["IDP_REDIRECT_URI"],
        skip_consent=True,
    )
    for name in os.environ["IDP_PEOPLE"].split(","):
        get_user_model().objects.create_user(name, password=os.environ["IDP_PASSWORD"])


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.idp.settings"
    main(int(sys.argv[1]))
