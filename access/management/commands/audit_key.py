"""Create and replace the key with which the worker signs checkpoints of the audit chain."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from access import clock
from access.ledger.checkpoints import hand_over
from access.management.refusing import RefusedCommand
from access.signatures import BadKey, new_private_key, public_key


class Command(BaseCommand):
    help = (
        "new FILE: create a private key in a new file and print its public key. public FILE: print the "
        "public key. hand-over FILE: sign the key in FILE with the current DAYPASS_CHECKPOINT_KEY, so "
        "that the key in FILE replaces it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("new", "public", "hand-over"))
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, what: str, file: Path, **options: Any) -> None:
        try:
            if what == "new":
                _write(file, new_private_key())
            public = public_key(file.read_text().strip())
            if what == "hand-over":
                self._hand_over(public)
        except OSError as error:
            raise RefusedCommand("command_file_unreadable", file=str(file), why=error.strerror) from error
        except BadKey as error:
            raise RefusedCommand("command_key_invalid") from error
        self.stdout.write(public)

    def _hand_over(self, public: str) -> None:
        if not settings.CHECKPOINT_KEY:
            raise RefusedCommand("command_key_not_set")
        if public == public_key(settings.CHECKPOINT_KEY):
            raise RefusedCommand("command_key_current")
        hand_over(public, now=clock.now())
        self.stderr.write(
            "The new key is signed. Configure the worker with the new key, restart the worker, and delete the old key."
        )


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as held:
        held.write(f"{text}\n")
