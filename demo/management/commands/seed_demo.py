"""Make the demo: both AWS accounts, the portal's identities, the people and the role. Running it again fixes it."""

from typing import Any

from django.core.management.base import BaseCommand

from access import clock
from demo import aws_side, cast, portal_side
from demo.guard import check_is_demo


class Command(BaseCommand):
    help = (
        "Create the demo's AWS resources and portal data, and print the demo users with their passwords. You can "
        "run the command again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        check_is_demo()
        notes = aws_side.seed(cast.read_notes())
        notes = portal_side.seed(notes, now=clock.now())
        cast.write_notes(notes)
        for person in cast.PEOPLE:
            self.stdout.write(f"{person.email:28} {notes['passwords'][person.email]}   {person.part}")
