"""The one row that every audit writer locks, and the table that rate limits live in."""

from django.core.management import call_command
from django.db import migrations


def create_head(apps, schema_editor):
    apps.get_model("access", "AuditHead").objects.using(schema_editor.connection.alias).get_or_create(pk=1)


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("access", "0002_append_only_triggers")]
    operations = [
        migrations.RunPython(create_head, migrations.RunPython.noop),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
