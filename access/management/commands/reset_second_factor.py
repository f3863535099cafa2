"""Remove the second factors of somebody whom no two administrators can help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from access import clock
from access.actions import factor_resets
from access.management.refusing import RefusedCommand
from access.models import User
from access.rules.facts import Refused


class Command(BaseCommand):
    help = (
        "Remove all second factors of a person and end their sessions. The command refuses to run while two other "
        "administrators have a second factor: they can reset it in the portal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="Everyone who is notified can read this text.")

    def handle(self, *args: Any, email: str, reason: str, **options: Any) -> None:
        person = User.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            raise RefusedCommand("command_person_unknown", email=email)
        try:
            factor_resets.reset_factors_by_command(person=person, reason=reason, now=clock.now())
        except Refused as error:
            raise RefusedCommand(error.code, **error.text.facts) from error
        self.stdout.write(f"The second factors of {person.email} are removed. They cannot decide for 24 hours.")
