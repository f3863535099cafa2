"""Create the invitation of an installation's first administrator."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from access import clock
from access.actions import invitations
from access.management.refusing import RefusedCommand
from access.rules.facts import Refused


class Command(BaseCommand):
    help = (
        "Print a link that creates the first administrator's account. Run the command again if the link "
        "was lost or has expired."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        email = email.strip()
        try:
            validate_email(email)
            invitation = invitations.invite_first_administrator(email=email, now=clock.now())
        except ValidationError:
            raise RefusedCommand("command_address_invalid", email=email) from None
        except Refused as error:
            raise RefusedCommand(error.code, **error.text.facts) from error
        self.stdout.write(settings.BASE_URL + reverse("invitation", args=[invitations.link_of(invitation)]))
