"""What must never be of break-glass and spans tables: no contractor uses it, nothing of it grows, nothing is rewritten.

SQLite makes a table anew for a column and forgets its triggers, so all of these tables' triggers are made again.
"""

import importlib

from django.db import migrations

guards = importlib.import_module("access.migrations.0014_terms_never_change")
before = importlib.import_module("access.migrations.0019_terms_of_rules_never_change")
STANDING_RULE = ("public_id", "role_id", "longest", "reason", "expires_at", "made_by_id", "made_at")
USE = ("request_id", "standing_rule_id", "person_id", "used_at")
AFTER = {
    **before.AFTER,
    "access_request": (*before.AFTER["access_request"], "standing_rule_id"),
    "access_grant": (*before.AFTER["access_grant"], "standing_rule_id"),
    "access_standingrule": STANDING_RULE,
    "access_emergencyuse": USE,
}
# name, table, when it acts, condition, what is refused
ACROSS = (
    (
        "access_request_break_glass_is_for_people_inside", "access_request", "INSERT",
        "NEW.standing_rule_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM access_contractor WHERE user_id = NEW.requester_id)",
        "contractors never break the glass",
    ),
    (
        "access_emergencyuse_is_for_people_inside", "access_emergencyuse", "INSERT", "NEW.person_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM access_contractor WHERE user_id = NEW.person_id) OR NOT EXISTS (SELECT 1 FROM "
        "access_request WHERE id = NEW.request_id AND requester_id = NEW.person_id AND "
        "standing_rule_id = NEW.standing_rule_id)",
        "a use is of the person inside who asked by that rule",
    ),
    (
        "access_grant_break_glass_is_not_extended", "access_grant", "UPDATE",
        "OLD.standing_rule_id IS NOT NULL AND NEW.ends_at > OLD.ends_at", "1 = 1", "break-glass is not extended",
    ),
    (
        "access_request_break_glass_is_not_extended", "access_request", "INSERT", "NEW.extends_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM access_grant WHERE id = NEW.extends_id AND standing_rule_id IS NOT NULL)",
        "break-glass is not extended",
    ),
    (
        "access_emergencyuse_review_stands", "access_emergencyuse", "UPDATE",
        "OLD.reviewed_at IS NOT NULL AND (NEW.reviewed_at {differs} OLD.reviewed_at OR NEW.verdict <> OLD.verdict "
        "OR NEW.remark <> OLD.remark OR NEW.reviewed_by_id {differs} OLD.reviewed_by_id)", "1 = 1",
        "a review stands as it was written",
    ),
    (
        "access_standingrule_confirmation_stands", "access_standingrule", "UPDATE",
        "(OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at {differs} OLD.confirmed_at "
        "OR NEW.confirmed_by_id {differs} OLD.confirmed_by_id)) OR (OLD.withdrawn_at IS NOT NULL AND "
        "(NEW.withdrawn_at {differs} OLD.withdrawn_at OR NEW.withdrawn_by_id {differs} OLD.withdrawn_by_id))",
        "1 = 1", "a confirmation and a withdrawal stand",
    ),
    (
        "access_standingrule_people_are_fixed", "access_standingrule_people", "INSERT", "NEW.user_id IS NOT NULL",
        "EXISTS (SELECT 1 FROM access_standingrule WHERE id = NEW.standingrule_id AND confirmed_at IS NOT NULL) OR "
        "EXISTS (SELECT 1 FROM access_contractor WHERE user_id = NEW.user_id)",
        "a confirmed rule names nobody else, and no contractor",
    ),
    (
        "access_standingrule_people_stay", "access_standingrule_people", "UPDATE",
        "NEW.user_id <> OLD.user_id OR NEW.standingrule_id <> OLD.standingrule_id", "1 = 1",
        "a rule goes on naming those whom it named",
    ),
)  # fmt: skip


def guard(apps, schema_editor):
    guards._guard(schema_editor, AFTER)
    vendor = schema_editor.connection.vendor
    for name, table, event, acts, refused, says in ACROSS:
        acts = acts.format(differs="IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM")
        if vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN ({acts}) AND ({refused}) "
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END",
                params=None,
            )
            continue
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN "
            f"RAISE EXCEPTION '{says}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
            params=None,
        )
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({acts}) EXECUTE FUNCTION {name}()",
            params=None,
        )


def unguard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, *_ in ACROSS:
        on = "" if vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)
        if on:
            schema_editor.execute(f"DROP FUNCTION {name}()", params=None)
    for table in ("access_standingrule", "access_emergencyuse"):
        on = "" if vendor == "sqlite" else f" ON {table}"
        for name, _ in guards._triggers(table, AFTER[table], vendor):
            schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)
    guards._guard(schema_editor, before.AFTER)


class Migration(migrations.Migration):
    dependencies = [("access", "0024_standing_rules")]
    operations = [migrations.RunPython(guard, unguard)]
