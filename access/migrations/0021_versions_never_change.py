"""The database itself refuses to rewrite what a role was permitted, and what was proposed for it."""

from django.db import migrations

PROPOSED = ("public_id", "role_id", "before", "after", "content_hash", "proposed_by_id", "proposed_at", "expires_at")


def _changed(columns, differs):
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)


def create_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'this never changes'); END"
        statements = (
            f"CREATE TRIGGER access_permissionsversion_never_changes BEFORE UPDATE ON access_permissionsversion {refuse}",
            "CREATE TRIGGER access_rolechange_content_frozen BEFORE UPDATE ON access_rolechange "
            f"WHEN {_changed(PROPOSED, 'IS NOT')} {refuse}",
        )
    else:
        refuse = "FOR EACH ROW {when} EXECUTE FUNCTION access_refuse_rewriting()"
        statements = (
            "CREATE FUNCTION access_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '%: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation'; END $$",
            "CREATE TRIGGER access_permissionsversion_never_changes BEFORE UPDATE ON access_permissionsversion "
            + refuse.format(when=""),
            "CREATE TRIGGER access_rolechange_content_frozen BEFORE UPDATE ON access_rolechange "
            + refuse.format(when=f"WHEN ({_changed(PROPOSED, 'IS DISTINCT FROM')})"),
        )
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps, schema_editor):
    on = {"access_permissionsversion_never_changes": "access_permissionsversion",
          "access_rolechange_content_frozen": "access_rolechange"}
    for name, table in on.items():
        place = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER {name}{place}", params=None)
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute("DROP FUNCTION access_refuse_rewriting()", params=None)


class Migration(migrations.Migration):
    dependencies = [("access", "0020_permissions_versions")]
    operations = [migrations.RunPython(create_triggers, drop_triggers)]
