"""Explain why AWS denies access to a person with a grant."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from access import clock, diagnose
from access.management.refusing import RefusedCommand
from access.models import Grant


class Command(BaseCommand):
    help = "Read AWS's error message from standard input and print the possible reasons, the most likely first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("session_name", help="the session name of the grant: dp and 14 letters and digits")
        parser.add_argument(
            "--symptom", choices=sorted(diagnose.SYMPTOMS), default="", help="if there is no error message"
        )

    def handle(self, *args: Any, session_name: str, symptom: str, **options: Any) -> None:
        grant = Grant.objects.select_related("role__account", "role__state").filter(session_name=session_name).first()
        if grant is None:
            raise RefusedCommand("command_grant_unknown", session=repr(session_name))
        text = "" if symptom or sys.stdin.isatty() else sys.stdin.read()
        found = diagnose.reasons(text, symptom, grant.facts(), grant.role.known(), now=clock.now())
        for reason in found:
            self.stdout.write(f"{reason.weight:9} {reason.why.english}\n{'':9} {reason.fix.english}")
