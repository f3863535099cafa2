"""The database itself refuses to rewrite history: audit events never change, submitted requests keep their content."""

from django.db import migrations

REQUEST_CONTENT = (
    "public_id", "session_name", "contractor_id", "requester_id", "role_id", "principal_id",
    "extends_id", "starts_at", "ends_at", "reason", "content_hash", "submitted_at",
)
GRANT_TERMS = (
    "request_id", "role_id", "contractor_id", "session_name", "principal_arn", "principal_unique_id", "portal_issued",
    "external_id", "requires_mfa", "starts_at",
)
FROZEN_COLUMNS = {"access_request": REQUEST_CONTENT, "access_grant": GRANT_TERMS}
KEPT_ROWS = ("access_auditevent", "access_request", "access_grant", "access_decision")
FROZEN_ROWS = ("access_auditevent", "access_decision")


def _sqlite():
    for table in FROZEN_ROWS:
        yield f"{table}_never_changes", f"BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} never changes'); END"
    for table in KEPT_ROWS:
        yield f"{table}_never_deleted", f"BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is never deleted'); END"
    for table, columns in FROZEN_COLUMNS.items():
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        yield (
            f"{table}_content_frozen",
            f"BEFORE UPDATE ON {table} WHEN {changed} BEGIN SELECT RAISE(ABORT, '{table} content is frozen'); END",
        )


def _postgresql():
    refuse = "FOR EACH {each} EXECUTE FUNCTION access_refuse_change()"
    for table in FROZEN_ROWS:
        yield f"{table}_never_changes", table, f"BEFORE UPDATE ON {table} {refuse.format(each='ROW')}"
    for table in KEPT_ROWS:
        yield f"{table}_never_deleted", table, f"BEFORE DELETE ON {table} {refuse.format(each='ROW')}"
        yield f"{table}_never_truncated", table, f"BEFORE TRUNCATE ON {table} {refuse.format(each='STATEMENT')}"
    for table, columns in FROZEN_COLUMNS.items():
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        yield (
            f"{table}_content_frozen", table,
            f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION access_refuse_change()",
        )


def create_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, body in _sqlite():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    schema_editor.execute(
        "CREATE FUNCTION access_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '%: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    for name, _table, body in _postgresql():
        schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, _body in _sqlite():
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)
        return
    for name, table, _body in _postgresql():
        schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)
    schema_editor.execute("DROP FUNCTION access_refuse_change()", params=None)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(create_triggers, drop_triggers)]
