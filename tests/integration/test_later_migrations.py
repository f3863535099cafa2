"""A later migration changes a table with triggers: it is written as the recipe in the development guide shows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from dev.options import ROOT
from tests import factories, history
from tests.factories import Cast
from tests.integration.test_constraints import sql

GUIDE = ROOT / "docs" / "how-to" / "development.md"
EXAMPLE = re.compile(r"^```python\n(.*?^class Migration.*?)^```", re.DOTALL | re.MULTILINE)


def example() -> Migration:
    """Return the migration that the guide shows."""
    (source,) = EXAMPLE.findall(GUIDE.read_text())
    module: dict[str, Any] = {}
    exec(compile(source, str(GUIDE), "exec"), module)  # noqa: S102 - our own page
    made = module["Migration"]("9999_example", "access")
    assert isinstance(made, Migration)
    return made


@pytest.fixture
def triggers(commits: None) -> Iterator[dict[str, str]]:
    """Return the triggers of the database; they are restored afterwards, with the columns of all real migrations."""
    found = history.drops()
    yield found
    history.restore(found)


@pytest.fixture
def migrated(triggers: dict[str, str], cast: Cast) -> Iterator[Migration]:
    """Apply the migration of the guide to a database with a request and a grant; reverse it afterwards."""
    factories.create_grant(cast)
    migration, before = example(), MigrationLoader(connection).project_state()
    with connection.schema_editor(atomic=migration.atomic) as editor:
        migration.apply(before.clone(), editor)
    yield migration
    with connection.schema_editor(atomic=migration.atomic) as editor:
        migration.unapply(before.clone(), editor)


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        sql(statement)
    return str(refusal.value)


@pytest.mark.usefixtures("migrated")
def test_the_database_protects_the_new_column() -> None:
    assert "content_never_changes" in refused("UPDATE access_request SET your_column = 'changed'")


@pytest.mark.usefixtures("migrated")
def test_the_database_still_protects_the_other_columns_and_tables() -> None:
    assert "content_never_changes" in refused("UPDATE access_request SET reason = 'Because.'")
    assert "content_never_changes" in refused("UPDATE access_grant SET session_name = 'dpanotheranother'")
    assert "never_deleted" in refused("DELETE FROM access_request")


def test_the_migration_can_be_reversed(triggers: dict[str, str], cast: Cast) -> None:
    migration, before = example(), MigrationLoader(connection).project_state()
    for change in (migration.apply, migration.unapply):
        with connection.schema_editor(atomic=migration.atomic) as editor:
            change(before.clone(), editor)
    assert history.drops().keys() == triggers.keys()
    with pytest.raises(DatabaseError, match="your_column"), transaction.atomic():
        sql("UPDATE access_request SET your_column = 'changed'")
