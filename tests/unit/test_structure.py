"""The cut of `access/` into modules, as docs/explanation/architecture.md has it."""

import ast
import re
from pathlib import Path

import pytest

from dev.options import ROOT

ACCESS = Path(__file__).parents[2] / "access"
# Packages that are used as one thing: what they offer is named at their top, and how they are cut is their own affair.
FACADES = {"aws", "bypass", "diagnose", "explain", "models", "proof", "trust", "verify", "workload_identities"}


def imports_in(init: Path) -> bool:
    """Return whether this file imports anything."""
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(init.read_text())))


def test_only_packages_that_are_used_as_one_thing_export_names() -> None:
    assert {init.parent.name for init in ACCESS.glob("*/__init__.py") if imports_in(init)} == FACADES


# What Django's models and managers write with, asynchronously as well; and SQL, which may write.
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
RAW = {"cursor", "execute", "executemany", "raw"}
# What changes a relation of many to many; other types have methods of these names, so the receiver counts.
RELATION_WRITES = {"set", "add", "remove", "clear"}
RELATIONS = {"approvers", "approver_groups", "contractors", "groups", "people", "roles", "user_permissions"}
WRITERS = ("ledger/", "limits.py", "migrations/")
# Calls that look like a write of a row, with the reason why they are none of ours.
NOT_OURS = {
    ("clock.py", "connection.connection.execute"): "it reads the time",
    ("models/catalogue.py", "super().save"): "a role is always stored with its state",
    ("models/catalogue.py", "state.save"): "a role is always stored with its state",
    ("models/people.py", "user.save"): "Django's manager of users; `ledger.invitations` calls it",
    ("schema.py", "connection.cursor"): "it reads which tables there are",
    ("schema.py", "cursor.execute"): "it reads which columns they have",
    ("reconcile/convergence.py", "building.update"): "a function that writes to AWS",
    ("signin/account.py", "request.session.save"): "Django's session, whose store is ours",
    ("views/health.py", "connection.cursor"): "it reads whether the database answers",
    ("views/health.py", "cursor.execute"): "the same",
}


def writes_in(source: str) -> set[str]:
    """Return the calls in this source that look like a write to the database, as `receiver.method`."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call, ast.Attribute)]
    return {ast.unparse(call) for call in named if is_write(call)}


def is_write(call: ast.Attribute) -> bool:
    name = call.attr.removeprefix("a") if call.attr.removeprefix("a") in WRITES else call.attr
    if name in RELATION_WRITES:
        return isinstance(call.value, ast.Attribute) and call.value.attr in RELATIONS
    # A local dictionary or hash is updated, too; rows are found through a manager, a queryset or a variable for one.
    return name in WRITES | RAW and not ast.unparse(call.value).startswith("hashlib.")


def test_only_the_ledger_and_the_limits_write_rows() -> None:
    found = {
        (name, call)
        for path in ACCESS.rglob("*.py")
        if not (name := path.relative_to(ACCESS).as_posix()).startswith(WRITERS)
        for call in writes_in(path.read_text())
    }
    assert found == set(NOT_OURS)


@pytest.mark.parametrize(
    "source",
    [
        "Role.objects.filter(pk=1).update(name='x')",
        "row.save(update_fields=['name'])",
        "await Role.objects.acreate()",
        "mine.delete()",
        "contractor.roles.set(roles)",
        "Grant.objects.bulk_create(rows)",
        "connection.cursor().execute('UPDATE access_role SET name = 1')",
    ],
)
def test_a_write_is_recognised(source: str) -> None:
    assert writes_in(f"async def f() -> None:\n    {source}")


# Packages that are used as one thing (ADR 50): their `__init__` re-exports names. Models are as Django wants them.
FACADES = {"aws", "bypass", "diagnose", "explain", "models", "proof", "trust", "verify", "workload_identities"}


def test_only_packages_that_are_used_as_one_thing_re_export_names() -> None:
    imports = {
        path.parent.relative_to(ACCESS).as_posix()
        for path in ACCESS.rglob("__init__.py")
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(path.read_text())))
    }
    assert imports == FACADES


def test_every_module_of_views_has_an_endpoint() -> None:
    """What builds what a page shows is in `presenters`; `answers` holds the responses that several views give."""
    urls = (ACCESS / "urls.py").read_text() + (ROOT / "portal" / "urls.py").read_text()
    views = {path.stem for path in (ACCESS / "views").glob("*.py")} - {"__init__"}
    assert {name for name in views if not re.search(rf"\b{name}\b", urls)} == {"answers"}


def test_housekeeping_is_no_part_of_the_reconciler() -> None:
    reconciler = "".join(path.read_text() for path in (ACCESS / "reconcile").glob("*.py"))
    for step in ("beat(", "expire_overdue", "close_abandoned", "record_refusals"):
        assert step in (ACCESS / "housekeeping.py").read_text()
        assert step not in reconciler
