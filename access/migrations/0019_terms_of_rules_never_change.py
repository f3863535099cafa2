"""The deadline of a request and the terms of an auto-approval rule are frozen like what they stand beside.

SQLite makes a table anew for a column and forgets its triggers, so all of these tables' triggers are made again.
"""

import importlib

from django.db import migrations

before = importlib.import_module("access.migrations.0014_terms_never_change")
TERMS = (
    "public_id", "role_id", "company_id", "longest_window", "per_week", "hours_per_week", "office_days", "office_opens",
    "office_closes", "office_zone", "expires_at", "made_by_id", "made_at",
)
AFTER = {
    **before.AFTER,
    "access_request": (*before.AFTER["access_request"], "lapses_at"),
    "access_autoapproval": TERMS,
}


def guard_deadlines_too(apps, schema_editor):
    before._guard(schema_editor, AFTER)


def guard_as_before(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    on = "" if vendor == "sqlite" else " ON access_autoapproval"
    for name, _ in before._triggers("access_autoapproval", TERMS, vendor):
        schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)
    before._guard(schema_editor, before.AFTER)


class Migration(migrations.Migration):
    dependencies = [("access", "0018_rules_per_role")]
    operations = [migrations.RunPython(guard_deadlines_too, guard_as_before)]
