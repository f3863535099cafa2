"""Write docs/reference/lifecycle.md from the tables in `lifecycle.py`, or check that it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from access import lifecycle
from access.management.refusing import RefusedCommand

HEAD = """# States of requests and grants

This page is for developers and reviewers. `manage.py lifecycle_docs` generates it from `access/lifecycle.py`. Do not
edit it here.

The state of a request changes when a person decides on the request, when the requester withdraws it, or when it
expires. A grant does not store its state. A grant stores facts (`starts_at`, `ends_at`, `revoked_at`, `applied_at`,
`removed_at`, `problem`), and Daypass computes the state from these facts and the clock. So the state is correct even
if no process was running when the state changed.

A request has either a chosen window or a length. A length starts with the approval: the transaction that decides the
request computes the window and runs all rules for it again. A pending request expires at its deadline (`expires_at`),
which the role sets. A request for a chosen window expires at the end of this window if that is earlier.

"""


class Command(BaseCommand):
    help = "Write docs/reference/lifecycle.md; with --check only check that it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when the file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(settings.BASE_DIR) / "docs" / "reference" / "lifecycle.md"
        text = (HEAD + lifecycle.mermaid()).rstrip() + "\n"
        if not options["check"]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            raise RefusedCommand(
                "command_file_outdated", file="docs/reference/lifecycle.md", command="manage.py lifecycle_docs"
            )
