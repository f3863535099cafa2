"""The database itself refuses to rewrite history, whoever connects to it.

What is asked, granted, decided, proposed and recorded keeps its content; audit events, requests, grants and decisions
are never deleted; the head of the audit chain moves forward only.

A later migration that changes a table of this file has three operations: `drop_triggers`, the change, and
`create_triggers`. To change a column on SQLite, Django creates the table again: that removes the table's triggers, and
fails while a trigger of another table mentions it. Such a migration passes `content=` with its new columns to
`create_triggers`. Do not add them to CONTENT below: in a new database, this migration runs before they exist.
docs/how-to/development.md has an example.
"""

from django.db import migrations

# Columns that never change; the rows are never deleted.
CONTENT = {
    "access_request": (
        "public_id", "session_name", "contractor_id", "requester_id", "role_id", "principal_id", "extends_id",
        "starts_at", "ends_at", "reason", "content_hash", "submitted_at", "ticket", "asks_mfa", "source_cidrs",
        "expires_at", "break_glass_policy_id", "length", "latest_start", "latest_end",
    ),
    "access_grant": (
        "request_id", "role_id", "contractor_id", "session_name", "principal_arn", "principal_unique_id",
        "portal_issued", "external_id", "requires_mfa", "starts_at", "source_cidrs", "break_glass_policy_id",
    ),
    "access_autoapprovalpolicy": (
        "public_id", "role_id", "company_id", "longest_window", "per_week", "hours_per_week", "office_days",
        "office_opens", "office_closes", "office_zone", "expires_at", "made_by_id", "made_at",
    ),
    "access_breakglasspolicy": ("public_id", "role_id", "longest", "reason", "expires_at", "made_by_id", "made_at"),
    "access_breakglassgrant": ("request_id", "break_glass_policy_id", "person_id", "used_at"),
    "access_stop": (
        "public_id", "scope", "role_id", "account_id", "company_id", "person_id", "reason", "stopped_by_id",
        "stopped_at",
    ),
    "access_factorreset": ("public_id", "person_id", "reason", "is_by_command", "proposed_by_id", "proposed_at"),
    "access_spooledevent": ("id", "key", "at", "actor", "verb", "subject", "details", "spooled_at", "mac"),
}  # fmt: skip
# Columns that never change in rows that may be deleted.
PROPOSED = {
    "access_rolechange": (
        "public_id", "role_id", "before", "after", "content_hash", "proposed_by_id", "proposed_at", "expires_at",
    ),
}  # fmt: skip
# Rows that never change at all; those of KEPT and CONTENT are never deleted either.
UNCHANGED = (
    "access_auditevent", "access_decision", "access_comment", "access_checkpoint", "access_certification",
    "access_permissionsversion", "access_auditsubject",
)  # fmt: skip
KEPT = (
    "access_auditevent", "access_auditsubject", "access_decision", "access_comment", "access_checkpoint",
    "access_audithead",
)  # fmt: skip

FORWARD = "NEW.id = OLD.id AND (NEW.sequence > OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.hash = OLD.hash))"
# table, name of the trigger, event, when it is refused
WITHIN = (
    ("access_audithead", "moves_forward", "UPDATE", f"NOT ({FORWARD})"),
    (
        "access_spooledevent", "is_settled_once", "UPDATE",
        "OLD.chained_at IS NOT NULL OR OLD.acknowledged_at IS NOT NULL OR (OLD.set_aside_at IS NOT NULL "
        "AND (NEW.chained_at IS NOT NULL OR (NEW.set_aside_at IS NOT NULL AND NEW.acknowledged_at IS NULL)))",
    ),
    (
        "access_grant", "break_glass_is_not_extended", "UPDATE",
        "OLD.break_glass_policy_id IS NOT NULL AND NEW.ends_at > OLD.ends_at",
    ),
    (
        "access_breakglassgrant", "review_is_final", "UPDATE",
        "OLD.reviewed_at IS NOT NULL AND (NEW.reviewed_at {differs} OLD.reviewed_at OR NEW.verdict <> OLD.verdict "
        "OR NEW.comment <> OLD.comment OR NEW.reviewed_by_id {differs} OLD.reviewed_by_id)",
    ),
    (
        "access_stop", "lift_is_final", "UPDATE",
        "OLD.lifted_at IS NOT NULL AND (NEW.lifted_at {differs} OLD.lifted_at "
        "OR NEW.lifted_by_id {differs} OLD.lifted_by_id "
        "OR NEW.lift_proposed_at {differs} OLD.lift_proposed_at "
        "OR NEW.lift_proposed_by_id {differs} OLD.lift_proposed_by_id)",
    ),
    (
        "access_stop", "lift_takes_two_steps", "UPDATE",
        "OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL "
        "AND (OLD.lift_proposed_by_id IS NULL OR NEW.lift_proposed_by_id {differs} OLD.lift_proposed_by_id)",
    ),
    (
        "access_factorreset", "is_settled_once", "UPDATE",
        "OLD.done_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL",
    ),
    (
        "access_breakglasspolicy", "confirmation_is_final", "UPDATE",
        "(OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at {differs} OLD.confirmed_at "
        "OR NEW.confirmed_by_id {differs} OLD.confirmed_by_id)) OR (OLD.withdrawn_at IS NOT NULL AND "
        "(NEW.withdrawn_at {differs} OLD.withdrawn_at OR NEW.withdrawn_by_id {differs} OLD.withdrawn_by_id))",
    ),
    (
        "access_breakglasspolicy_people", "stays", "UPDATE",
        "NEW.user_id <> OLD.user_id OR NEW.breakglasspolicy_id <> OLD.breakglasspolicy_id",
    ),
)  # fmt: skip
# How long a grant and its request last: intervals in PostgreSQL, microseconds in SQLite, as Django stores them.
LENGTHS = {
    "postgresql": {"granted": "NEW.ends_at - NEW.starts_at", "requested": "COALESCE(length, ends_at - starts_at)"},
    "sqlite": {
        "granted": "(strftime('%s', NEW.ends_at) - strftime('%s', NEW.starts_at)) * 1000000",
        "requested": "COALESCE(length, (strftime('%s', ends_at) - strftime('%s', starts_at)) * 1000000)",
    },
}
# table, name, event and when it is looked at, what is looked for in other tables, what is said then
ACROSS = (
    (
        "access_factorreset", "begins_as_a_proposal", "INSERT",
        "(NEW.done_at IS NOT NULL AND NOT NEW.is_by_command) OR NEW.withdrawn_at IS NOT NULL", "SELECT 1",
        "a new reset is a proposal, or made by a command",
    ),
    (
        "access_stop", "begins_in_force", "INSERT",
        "NEW.lift_proposed_at IS NOT NULL OR NEW.lifted_at IS NOT NULL", "SELECT 1",
        "a new stop is in force",
    ),
    (
        "access_request", "break_glass_is_internal", "INSERT", "NEW.break_glass_policy_id IS NOT NULL",
        "SELECT 1 FROM access_contractor WHERE user_id = NEW.requester_id",
        "contractors have no break-glass access",
    ),
    (
        "access_request", "break_glass_is_not_extended", "INSERT", "NEW.extends_id IS NOT NULL",
        "SELECT 1 FROM access_grant WHERE id = NEW.extends_id AND break_glass_policy_id IS NOT NULL",
        "break_glass_is_not_extended: of a break-glass grant",
    ),
    (
        "access_breakglassgrant", "is_internal", "INSERT", "NEW.person_id IS NOT NULL",
        "SELECT 1 FROM access_contractor WHERE user_id = NEW.person_id",
        "contractors have no break-glass access",
    ),
    (
        "access_breakglassgrant", "is_of_its_request", "INSERT", "NEW.person_id IS NOT NULL",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM access_request WHERE id = NEW.request_id "
        "AND requester_id = NEW.person_id AND break_glass_policy_id = NEW.break_glass_policy_id)",
        "a break-glass grant belongs to who requested it, and to that policy",
    ),
    (
        "access_breakglasspolicy_people", "are_fixed", "INSERT", "NEW.user_id IS NOT NULL",
        "SELECT 1 FROM access_breakglasspolicy WHERE id = NEW.breakglasspolicy_id AND confirmed_at IS NOT NULL",
        "a confirmed policy gets no other people",
    ),
    (
        "access_breakglasspolicy_people", "are_internal", "INSERT", "NEW.user_id IS NOT NULL",
        "SELECT 1 FROM access_contractor WHERE user_id = NEW.user_id",
        "contractors have no break-glass access",
    ),
    (
        "access_grant", "is_within_its_request", "INSERT", "NEW.request_id IS NOT NULL",
        "SELECT 1 FROM access_request WHERE id = NEW.request_id AND (NEW.starts_at > latest_start "
        "OR NEW.ends_at > latest_end OR NEW.starts_at < starts_at OR {granted} > {requested})",
        "a grant is within the window, or the limits and the length, of its request",
    ),
    (
        "access_grant", "is_extended_by_a_request", "UPDATE",
        "NEW.ends_at > OLD.ends_at AND OLD.break_glass_policy_id IS NULL",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM access_request WHERE extends_id = NEW.id AND state = 'approved' "
        "AND ends_at >= NEW.ends_at)",
        "only an approved request extends a grant",
    ),
)  # fmt: skip


def triggers(vendor, content):
    """Yield the table, name, event and condition of each trigger that refuses; the condition is empty for always."""
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    kept = (*content, *KEPT)
    for table, columns in (content | PROPOSED).items():
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
        yield table, "content_never_changes", "UPDATE", changed
    for table in UNCHANGED:
        yield table, "never_changes", "UPDATE", ""
    for table in kept:
        yield table, "never_deleted", "DELETE", ""
    # TRUNCATE deletes all rows and calls no trigger of a row. Nothing in Daypass uses it.
    for table in sorted({*kept, *UNCHANGED, *PROPOSED}) if vendor != "sqlite" else ():
        yield table, "never_truncated", "TRUNCATE", ""
    for table, name, event, refused in WITHIN:
        yield table, name, event, refused.format(differs=differs)


def create_triggers(apps, schema_editor, *, content=CONTENT):
    """Create all of them; those that exist are replaced. `content` is a longer CONTENT of a later migration."""
    vendor = schema_editor.connection.vendor
    statements = list(_sqlite(content) if vendor == "sqlite" else _postgresql(content))
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps, schema_editor, *, content=CONTENT):
    """Drop all of them; pass `content` if it has more tables than CONTENT."""
    vendor = schema_editor.connection.vendor
    names = [(table, name) for table, name, *_ in (*triggers(vendor, content), *ACROSS)]
    for table, name in names:
        on = "" if vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}", params=None)
    if vendor != "sqlite":
        for table, name, *_ in ACROSS:
            schema_editor.execute(f"DROP FUNCTION {table}_{name}()", params=None)
        schema_editor.execute("DROP FUNCTION access_refuse_change()", params=None)


def _sqlite(content):
    for table, name, event, refused in triggers("sqlite", content):
        when = f"WHEN {refused}" if refused else ""
        yield f"DROP TRIGGER IF EXISTS {table}_{name}"
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: {event} is refused ({name})'); END"
        yield f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when} {refuse}"
    for table, name, event, when, found, says in ACROSS:
        yield f"DROP TRIGGER IF EXISTS {table}_{name}"
        met, refuse = found.format(**LENGTHS["sqlite"]), f"BEGIN SELECT RAISE(ABORT, '{table}: {says}'); END"
        yield f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} WHEN ({when}) AND EXISTS ({met}) {refuse}"


def _postgresql(content):
    yield (
        "CREATE OR REPLACE FUNCTION access_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'%: % is refused (%)', TG_TABLE_NAME, TG_OP, TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table, name, event, refused in triggers("postgresql", content):
        each = "STATEMENT" if event == "TRUNCATE" else "ROW"
        when = f"WHEN ({refused})" if refused else ""
        acts = f"BEFORE {event} ON {table} FOR EACH {each} {when} EXECUTE FUNCTION access_refuse_change('{name}')"
        yield f"CREATE OR REPLACE TRIGGER {table}_{name} {acts}"
    for table, name, event, when, found, says in ACROSS:
        met = found.format(**LENGTHS["postgresql"])
        yield (
            f"CREATE OR REPLACE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({met}) THEN RAISE EXCEPTION '{table}: {says}' USING ERRCODE = 'restrict_violation'; "
            "END IF; RETURN NEW; END $$"
        )
        acts = f"BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {table}_{name}()"
        yield f"CREATE OR REPLACE TRIGGER {table}_{name} {acts}"


def create_head(apps, schema_editor):
    """Create the one row that everybody who writes to the audit log locks."""
    apps.get_model("access", "AuditHead").objects.using(schema_editor.connection.alias).get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [
        migrations.RunPython(create_head, migrations.RunPython.noop),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
