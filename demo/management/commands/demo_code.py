"""Print the one-time code that the app of one of the demo's people shows now."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from access.management.refusing import RefusedCommand
from demo import cast, codes
from demo.guard import check_is_demo


class Command(BaseCommand):
    help = "Print a one-time code for a demo user (make run prints the demo users)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        check_is_demo()
        seed = cast.read_notes().get("seeds", {}).get(email)
        if seed is None:
            raise RefusedCommand("demo_person_unknown", email=email, known=[person.email for person in cast.PEOPLE])
        self.stdout.write(codes.code_at(seed, time.time()))
