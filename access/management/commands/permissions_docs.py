"""Write docs/reference/permissions.md from the rules, or check that it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.management.permissions import PEOPLE, table

HEAD = """# Who may do what

Made by `manage.py permissions_docs` from `access/rules/`; do not edit. The tests try every cell at the real pages.

Nobody decides his own request, nor one he vouched for, superusers included. Whoever may not see something is told that
it does not exist. Everybody needs a second factor before anything else.

"""


class Command(BaseCommand):
    help = "Write docs/reference/permissions.md; with --check only say whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when the file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(settings.BASE_DIR) / "docs" / "reference" / "permissions.md"
        lines = [["what", "state", *PEOPLE], ["---"] * (len(PEOPLE) + 2)]
        lines += [[what, state, *("yes" if may else "-" for may in cells)] for what, state, cells in table()]
        text = HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)
        if not options["check"]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            raise CommandError("docs/reference/permissions.md is not up to date. Run: manage.py permissions_docs")
