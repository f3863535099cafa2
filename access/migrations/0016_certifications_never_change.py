"""A look that was recorded stays as it is, whoever connects to the database."""

from django.db import migrations

TABLE = "access_certification"


def create_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_never_changes BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} never changes'); END",
            params=None,
        )
        return
    schema_editor.execute(
        "CREATE FUNCTION access_refuse_second_thought() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% never changes', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_never_changes BEFORE UPDATE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION access_refuse_second_thought()",
        params=None,
    )


def drop_trigger(apps, schema_editor):
    on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    schema_editor.execute(f"DROP TRIGGER {TABLE}_never_changes{on}", params=None)
    if on:
        schema_editor.execute("DROP FUNCTION access_refuse_second_thought()", params=None)


class Migration(migrations.Migration):
    dependencies = [("access", "0015_certifications_and_last_use")]
    operations = [migrations.RunPython(create_trigger, drop_trigger)]
