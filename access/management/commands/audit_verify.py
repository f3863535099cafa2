"""Verify the audit chain, here or on a copy of the database elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from access.ledger.checkpoints import statement_of
from access.ledger.verification import Finding, Verified, verify_whole
from access.management.refusing import RefusedCommand
from access.models import Checkpoint
from access.signatures import BadKey, Statement, check_public_key, read
from access.texts.text import Text

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Verify the whole audit chain and compare it with the signed checkpoints of the database and of "
        "files. Exit code 0: the chain is intact. 1: the chain is not intact, and the command names the "
        "first wrong event. 2: the chain could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoints",
            action="append",
            default=[],
            metavar="FILE",
            help="copy of a checkpoint file; can be repeated",
        )
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="KEY",
            help="used instead of DAYPASS_CHECKPOINT_PUBLIC_KEYS",
        )

    def handle(self, *args: Any, checkpoints: list[str], public_key: list[str], **options: Any) -> None:
        keys = public_key or settings.CHECKPOINT_PUBLIC_KEYS
        try:
            for key in keys:
                check_public_key(key)
        except BadKey as error:
            raise RefusedCommand("command_key_invalid", returncode=2) from error
        self._unreadable: list[Text] = []
        statements = list(self._statements(checkpoints)) if keys else []
        found = verify_whole(statements, public_keys=keys)
        findings = [*found.findings, *(Finding(0, text) for text in self._unreadable)]
        if findings:
            self._report(found.first or findings[0], findings)
        self._say(found, has_keys=bool(keys))

    def _statements(self, files: list[str]) -> Iterator[tuple[str, Statement]]:
        own = Path(settings.CHECKPOINT_FILE)
        for name in files or ([str(own)] if own.exists() else []):
            yield from self._lines(Path(name))
        for row in Checkpoint.objects.order_by("pk").iterator():
            yield "database", statement_of(row)

    def _lines(self, file: Path) -> Iterator[tuple[str, Statement]]:
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise RefusedCommand("command_file_unreadable", returncode=2, file=str(file), why=error.strerror) from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield f"{file.name}:{number}", read(line)
            except ValueError:
                self._unreadable.append(Text("chain_checkpoint_unreadable", {"source": f"{file.name}:{number}"}))

    def _report(self, first: Finding, findings: list[Finding]) -> None:
        for one in sorted(findings, key=lambda one: (one.sequence == 0, one.sequence))[:SHOWN]:
            self.stdout.write(_in_words(one.text))
        if len(findings) > SHOWN:
            self.stdout.write(Text("chain_more_findings", {"count": len(findings) - SHOWN}).english)
        raise RefusedCommand("command_chain_broken", finding=first.text)

    def _say(self, found: Verified, *, has_keys: bool) -> None:
        self.stdout.write(Text("chain_intact", {"count": found.events}).english)
        if found.newest:
            newest = found.newest
            matches = Text("chain_matches", {"count": found.checkpoints, "at": newest.at, "event": newest.sequence})
            self.stdout.write(matches.english)
        elif has_keys:
            raise RefusedCommand("command_checkpoints_missing", returncode=2)
        elif found.events:
            self.stderr.write(_in_words(Text("chain_not_compared")))


def _in_words(text: Text) -> str:
    return f"{text.english} ({text.code})"
