"""The head of the audit chain moves forward only and never goes; spooled events and checkpoints stay as they are."""

from django.db import migrations

HEAD, SPOOL, CHECKPOINTS = "access_audithead", "access_spooledevent", "access_checkpoint"
FORWARD = "NEW.id = OLD.id AND (NEW.sequence > OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.hash = OLD.hash))"
SPOOLED = ("id", "key", "at", "actor", "verb", "subject", "details", "spooled_at", "mac")
IS_MARKED = "OLD.chained_at IS NOT NULL OR OLD.set_aside_at IS NOT NULL"


def _sqlite():
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in SPOOLED)
    for name, table, event, when in (
        ("moves_forward", HEAD, "UPDATE", f"WHEN NOT ({FORWARD})"),
        ("never_changes", SPOOL, "UPDATE", f"WHEN {changed} OR {IS_MARKED}"),
        ("never_changes", CHECKPOINTS, "UPDATE", ""),
        *(("never_deleted", table, "DELETE", "") for table in (HEAD, SPOOL, CHECKPOINTS)),
    ):
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: {event} is refused'); END"
        yield f"{table}_{name}", f"BEFORE {event} ON {table} {when} {refuse}"


def _postgresql():
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in SPOOLED)
    refuse = "FOR EACH {each} {when} EXECUTE FUNCTION access_refuse_change()"
    for name, table, event, each, when in (
        ("moves_forward", HEAD, "UPDATE", "ROW", f"WHEN (NOT ({FORWARD}))"),
        ("never_changes", SPOOL, "UPDATE", "ROW", f"WHEN ({changed} OR {IS_MARKED})"),
        ("never_changes", CHECKPOINTS, "UPDATE", "ROW", ""),
        *(("never_deleted", table, "DELETE", "ROW", "") for table in (HEAD, SPOOL, CHECKPOINTS)),
        *(("never_truncated", table, "TRUNCATE", "STATEMENT", "") for table in (HEAD, SPOOL, CHECKPOINTS)),
    ):
        yield f"{table}_{name}", table, f"BEFORE {event} ON {table} {refuse.format(each=each, when=when)}"


def create_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        triggers = list(_sqlite())
    else:
        triggers = [(name, body) for name, _table, body in _postgresql()]
    for name, body in triggers:
        schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, _body in _sqlite():
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)
        return
    for name, table, _body in _postgresql():
        schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)


class Migration(migrations.Migration):
    dependencies = [("access", "0037_spooled_events_and_checkpoints")]
    operations = [migrations.RunPython(create_triggers, drop_triggers)]
