"""The guards of history in the test's database: removed so that it can be emptied, and restored."""

from django.db import connection

_SQLITE = "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
_POSTGRESQL = (
    "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass), pg_get_triggerdef(oid) "
    "FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
)
_away: list[str] = []


def drops() -> dict[str, str]:
    """Return every trigger of the database: what removes it, and what restores it."""
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)
        return dict(cursor.fetchall())


def unguard() -> None:
    """Take all triggers away."""
    _run([*(found := drops())])
    _away.extend(found.values())


def guard() -> None:
    """Restore what was removed."""
    _run(_away)
    _away.clear()


def restore(triggers: dict[str, str]) -> None:
    """Restore the triggers that `drops` returned earlier, and no others."""
    _run([*drops(), *triggers.values()])


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
