"""The audit table accepts no events: a trigger raises immediately or at the commit, or a lock is held forever.

Each function breaks the database of the block that the caller is in, and returns what fixes it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, connection

from access.ledger.chain import AuditUnavailable

Fix = Callable[[], None]
FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_events() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
)
SLOW = (
    "CREATE OR REPLACE FUNCTION slow_events() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$"
)
TABLE, SPOOL = "access_auditevent", "access_spooledevent"


def is_refusal(error: Exception) -> bool:
    """Return whether a call failed because of what this module broke, and not for another reason.

    At the commit nobody names the audit chain as the cause: the trigger's own error is all that there is.
    """
    if isinstance(error, AuditUnavailable):
        return True
    cause = error.__cause__
    if not isinstance(error, OperationalError) or not isinstance(cause, psycopg.errors.DiskFull):
        return False
    return "refuse_events()" in (cause.diag.context or "")


@contextmanager
def accepted() -> Iterator[None]:
    """Ignore that the call was refused because no event can be stored; raise every other error."""
    try:
        yield
    except Exception as error:
        if not is_refusal(error):
            raise


def refuse(way: str) -> Fix:
    """Break the audit table in this way."""
    return WAYS[way]()


@contextmanager
def refused(way: str) -> Iterator[None]:
    """Break it for the length of the block."""
    fix = refuse(way)
    try:
        yield
    finally:
        fix()


def _trigger(table: str, *, kind: str = "BEFORE INSERT", function: str = "refuse_events") -> Fix:
    _run(FUNCTION, SLOW)
    is_late = kind.startswith("AFTER")
    words = "CONSTRAINT TRIGGER" if is_late else "TRIGGER"
    late = "DEFERRABLE INITIALLY DEFERRED" if is_late else ""
    _run(f"CREATE {words} refused {kind} ON {table} {late} FOR EACH ROW EXECUTE FUNCTION {function}()")
    return lambda: _run(f"DROP TRIGGER IF EXISTS refused ON {table}")


def _both() -> Fix:
    first, second = _trigger(TABLE), _trigger(SPOOL)

    def fix() -> None:
        first()
        second()

    return fix


def _held(statement: str) -> Fix:
    """Hold a lock in a connection of its own."""
    holder = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})
    holder.execute(statement)
    return holder.close


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


WAYS: dict[str, Callable[[], Fix]] = {
    "a trigger raises": lambda: _trigger(TABLE),
    "a trigger raises at the commit": lambda: _trigger(TABLE, kind="AFTER INSERT"),
    "the spool raises too": _both,
    "an insert takes forever": lambda: _trigger(TABLE, function="slow_events"),
    "the head is locked": lambda: _held("SELECT * FROM access_audithead FOR UPDATE"),
    "the table is locked": lambda: _held(f"LOCK TABLE {TABLE} IN EXCLUSIVE MODE"),
}
