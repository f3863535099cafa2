"""What a request asks and a grant gives never changes, conditions included; what was remarked stays as it was said.

SQLite makes a table anew for a column and forgets its triggers, so all of these tables' triggers are made again.
"""

import importlib

from django.db import migrations

first = importlib.import_module("access.migrations.0002_append_only_triggers")
BEFORE = {
    "access_request": first.REQUEST_CONTENT,
    "access_grant": first.GRANT_TERMS,
    "access_decision": (),
}
AFTER = {
    "access_request": (*first.REQUEST_CONTENT, "ticket", "asks_mfa", "source_cidrs"),
    "access_grant": (*first.GRANT_TERMS, "source_cidrs"),
    "access_decision": (),
    "access_remark": (),
}


def _triggers(table, columns, vendor):
    """Give the triggers of one table: by name, when each acts. Without columns no row of it may change at all."""
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
    when = f"WHEN ({changed})" if changed else ""
    each = "FOR EACH ROW"
    yield f"{table}_{'content_frozen' if columns else 'never_changes'}", f"BEFORE UPDATE ON {table} {each} {when}"
    yield f"{table}_never_deleted", f"BEFORE DELETE ON {table} {each}"
    if vendor != "sqlite":
        yield f"{table}_never_truncated", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"


def _guard(editor, tables):
    vendor = editor.connection.vendor
    for table, columns in tables.items():
        on = "" if vendor == "sqlite" else f" ON {table}"
        for name, acts in _triggers(table, columns, vendor):
            does = (
                f"BEGIN SELECT RAISE(ABORT, '{table} never changes: its content is frozen'); END"
                if vendor == "sqlite"
                else "EXECUTE FUNCTION access_refuse_change()"
            )
            editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)
            editor.execute(f"CREATE TRIGGER {name} {acts} {does}", params=None)


def guard_conditions_too(apps, schema_editor):
    _guard(schema_editor, AFTER)


def guard_as_before(apps, schema_editor):
    on = "" if schema_editor.connection.vendor == "sqlite" else " ON access_remark"
    for name, _ in _triggers("access_remark", (), schema_editor.connection.vendor):
        schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)
    _guard(schema_editor, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("access", "0013_conditions_and_remarks")]
    operations = [migrations.RunPython(guard_conditions_too, guard_as_before)]
