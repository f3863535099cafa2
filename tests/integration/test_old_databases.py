"""A database from before 0.2.0 is refused with one sentence; one of this version or a later one is not."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from access.schema import TooOld

pytestmark = pytest.mark.django_db
FORMER = ("0002_append_only_triggers", "0003_audit_head_and_cache_table", "0038_counter")


def record(*names: str) -> None:
    """Let the database say that these migrations of `access`, and no others, were applied to it."""
    rows = MigrationRecorder(connection).migration_qs
    rows.filter(app="access").delete()
    for name in names:
        MigrationRecorder(connection).record_applied("access", name)


def migrate() -> None:
    call_command("migrate", verbosity=0)


def codes_at_readyz() -> dict[str, str]:
    codes: dict[str, str] = Client().get(reverse("readyz")).json()["codes"]
    return codes


@pytest.mark.parametrize(
    "names",
    [
        ("0001_initial", *FORMER),
        ("0001_initial", FORMER[0]),
        ("0001_initial", FORMER[-1]),
        ("0001_initial", *FORMER, "0002_guards"),
    ],
    ids=["all", "the first two", "the last", "this version's beside them"],
)
def test_databases_with_removed_migrations_are_refused(names: tuple[str, ...]) -> None:
    record(*names)
    with pytest.raises(TooOld) as refused:
        migrate()
    assert str(refused.value).endswith("(database_too_old)")
    assert "\n" not in str(refused.value)
    assert codes_at_readyz()["database"] == "database_too_old"
    assert Client().get(reverse("readyz")).status_code == 503


@pytest.mark.parametrize(
    "change", ["ALTER TABLE access_role RENAME COLUMN path TO former_path", "DROP TABLE access_heartbeat"]
)
@pytest.mark.parametrize("names", [("0001_initial",), ("0001_initial", "0002_guards")])
def test_tables_of_a_former_initial_migration_are_refused(names: tuple[str, ...], change: str) -> None:
    record(*names)
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(TooOld):
        migrate()


def test_this_version_and_later_ones_are_accepted() -> None:
    migrate()
    assert "database" not in codes_at_readyz()
    applied = sorted(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "access")
    record(*applied, "9999_of_a_later_version")
    migrate()
    assert "database" not in codes_at_readyz()
