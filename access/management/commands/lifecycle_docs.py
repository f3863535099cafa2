"""Write docs/reference/lifecycle.md from the tables in `lifecycle.py`, or check that it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access import lifecycle

HEAD = """# The life of a request and of a grant

Made by `manage.py lifecycle_docs` from the tables in `access/lifecycle.py`; do not edit.

A request moves by decisions. A grant stores facts (`starts_at`, `ends_at`, `revoked_at`, `applied_at`, `removed_at`,
`problem`), and its state is computed from them and the clock, so that "ended" is right even when nothing ran.

"""


class Command(BaseCommand):
    help = "Write docs/reference/lifecycle.md; with --check only say whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when the file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(settings.BASE_DIR) / "docs" / "reference" / "lifecycle.md"
        text = (HEAD + lifecycle.mermaid()).rstrip() + "\n"
        if not options["check"]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            raise CommandError("docs/reference/lifecycle.md is not up to date. Run: manage.py lifecycle_docs")
