"""An audit chain with signed checkpoints, and an owner of the database who forges it."""

import io
import json
import re
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from access import housekeeping
from access.ledger.chain import event_hash
from access.models import AuditEvent, AuditHead
from access.signatures import new_private_key
from tests.factories import NOON, SECOND
from tests.integration.test_ledger import unguarded, written

KEY, OTHER_KEY = new_private_key(), new_private_key()
MINUTE = 60 * SECOND
ZERO = "0" * 64
FIRST = re.compile(r"(.+) \((chain_[a-z_]+)\)\n", re.ASCII)
EVENT = re.compile(r"\b[Ee]vent ([0-9]+)(?![0-9a-f-])", re.ASCII)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def verify(*words: str) -> tuple[int, str]:
    """Return the exit code of `audit_verify`, and all that it says."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("audit_verify", *words, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue() + err.getvalue()


def first_bad(said: str) -> tuple[int, str]:
    """Return the event of the first finding, 0 when it is not about one, and the code."""
    found = FIRST.match(said)
    assert found is not None, said
    assert f"The audit chain is broken: {found[1]} To find the cause, see docs/reference/audit.md." in said
    event = EVENT.search(found[1])
    return int(event[1]) if event else 0, found[2]


def forge(start: int, **facts: Any) -> None:
    """Change an event as the owner of the database could, and compute all hashes again, the head's as well."""
    with unguarded():
        AuditEvent.objects.filter(sequence=start).update(**facts)
        event = AuditEvent.objects.get(sequence=start)
        previous = event.previous_hash
        for event in AuditEvent.objects.filter(sequence__gte=start).order_by("sequence"):
            event.previous_hash = previous
            previous = event.hash = event_hash(event)
            AuditEvent.objects.filter(pk=event.pk).update(previous_hash=event.previous_hash, hash=event.hash)
        AuditHead.objects.update(hash=previous)


def cut(last: int) -> None:
    """Cut the tail as the owner of the database could, and move the head back."""
    with unguarded():
        AuditEvent.objects.filter(sequence__gt=last).delete()
        kept = AuditEvent.objects.filter(sequence=last).first()
        AuditHead.objects.update(sequence=last, hash=kept.hash if kept else ZERO)


def sign_nine(file: Path) -> Path:
    """Return the file of nine events, of which the fifth and the seventh are signed."""
    written()
    housekeeping.run(now=NOON)
    written(2)
    housekeeping.run(now=NOON + MINUTE)
    written(2)
    return file
