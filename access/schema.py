"""Detect tables from before 0.2.0, which no migration can upgrade."""

from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from access.texts.text import Text

APP, FIRST = "access", frozenset({"0001_initial", "0002_guards"})
FORMER = "0002_append_only_triggers"  # the second migration of every database before 0.2.0


class TooOld(CommandError):
    """The database cannot be upgraded; `code` is stable."""

    code = "database_too_old"

    def __init__(self) -> None:
        super().__init__(f"{Text(self.code).english} ({self.code})")


def is_too_old(connection: BaseDatabaseWrapper) -> bool:
    """Return whether this version knows some of the applied migrations no more.

    Every database since 0.2.0 has 0002_guards: names that are unknown beside it are a later version's. Raises
    DatabaseError.
    """
    applied = _applied(connection)
    return FORMER in applied or (bool(applied - FIRST) and not applied >= FIRST)


def refuse_too_old(*, using: str, **_signal: Any) -> None:
    """Raise TooOld for a database from before 0.2.0; receives pre_migrate, before `migrate` changes anything."""
    connection = connections[using]
    if is_too_old(connection) or _lacks_columns(connection):
        raise TooOld


def _applied(connection: BaseDatabaseWrapper) -> set[str]:
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return set()
    return set(recorder.migration_qs.filter(app=APP).values_list("name", flat=True))


def _lacks_columns(connection: BaseDatabaseWrapper) -> bool:
    """Return whether 0001_initial was applied when it made other tables: it was regenerated until 0.2.0."""
    applied = _applied(connection)
    if not applied or applied - FIRST:
        return False
    state = MigrationLoader(connection).project_state((APP, "0001_initial"))
    models = [
        model
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.app_label == APP  # noqa: SLF001
    ]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        return any(
            model._meta.db_table not in tables or _columns(model) - _found(connection, cursor, model._meta.db_table)  # noqa: SLF001
            for model in models
        )


def _columns(model: Any) -> set[str]:
    return {field.column for field in model._meta.local_concrete_fields}  # noqa: SLF001


def _found(connection: BaseDatabaseWrapper, cursor: Any, table: str) -> set[str]:
    # Do not use Django's introspection: on SQLite it fails if the expression of a generated column contains commas.
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608  # nosec B608  # our table
    return {name for name, *_rest in cursor.description}
