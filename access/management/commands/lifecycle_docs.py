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

The state of a request changes when people decide on the request, when the requester withdraws it, or when it expires.
The database does not store the state of a grant. It stores facts (`starts_at`, `ends_at`, `revoked_at`, `applied_at`,
`removed_at`, `problem`), and Daypass computes the state from these facts and the current time. So the state is
correct even if no process of Daypass was running when it changed.

A contractor requests either a *window* (a start and an end) or a *length* (such as one hour). A length starts with the
approval: the transaction that approves the request computes the window, and checks all rules again for this window. A
pending request expires at its deadline (`expires_at`), which the role sets. A request for a window expires at the end
of the window at the latest.

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
