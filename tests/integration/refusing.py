"""The audit chain or its spool refuses events, for tests of what still works."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from access.actions import requests
from access.ledger import spool_files
from access.models import AuditEvent, Grant
from tests.factories import NOON, Cast

EVENTS, SPOOL = "access_auditevent", "access_spooledevent"


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def refuse_inserts(table: str, *, deferred: bool = False) -> Callable[[], None]:
    """Let a trigger refuse every new row of a table, immediately or only at the commit; return what removes it."""
    name = f"refused_{table}"
    if connection.vendor == "sqlite":
        sql(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room left'); END")
        return lambda: sql(f"DROP TRIGGER {name}")
    sql(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room left' USING ERRCODE = 'disk_full'; END $$"
    )
    kind = "CONSTRAINT TRIGGER" if deferred else "TRIGGER"
    when = "AFTER INSERT" if deferred else "BEFORE INSERT"
    late = "DEFERRABLE INITIALLY DEFERRED" if deferred else ""
    sql(f"CREATE {kind} {name} {when} ON {table} {late} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return lambda: sql(f"DROP TRIGGER {name} ON {table}")


@contextmanager
def failing(*tables: str) -> Iterator[None]:
    heal = [refuse_inserts(table) for table in tables]
    yield
    for each in heal:
        each()


def revoke(cast: Cast, grant: Grant, *, now: datetime = NOON) -> None:
    requests.revoke(by=cast.alice, grant=grant, reason="Enough.", now=now)


def is_revoked() -> bool:
    return Grant.objects.get().revoked_at is not None


def chained() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(details__spooled=True).order_by("sequence"))


def lines(spool_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (spool_dir / spool_files.OPEN).read_text().splitlines()]
