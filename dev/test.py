"""`make test`: run the tests that use a database on PostgreSQL, and some of them also on SQLite.

`make test-all` runs all combinations of the large matrices, and all of tests/integration on both databases.
`make test-unit` runs what needs neither database nor process, `make test-fast` that and what needs one database;
`make test ONE=path::name` runs one file or test, on PostgreSQL when it is an integration test. The last lines are
pytest's own.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from dev import chromium
from dev.options import ROOT
from dev.postgres import NoPostgres, postgres
from dev.steps import step

# A third process on two cores: the tests of faults and journeys wait most of the time.
ON_POSTGRES = ("-n", "2", "--dist", "worksteal")
ON_SQLITE = ("-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder")
# For most tests, PostgreSQL is sufficient, because installations use it. These tests check behaviour in which databases
# differ: constraints, triggers, transactions, locks and times.
ON_SQLITE_TOO = (
    "test_approving.py",
    "test_asking.py",
    "test_break_glass_guards.py",
    "test_constraints.py",
    "test_ending.py",
    "test_lease.py",
    "test_ledger.py",
    "test_old_databases.py",
    "test_races.py",
    "test_reconcile.py",
    "test_deadlocks.py",
    "test_stateful.py",
    "test_tasks.py",
)


def main(words: Sequence[str]) -> int:
    """Return pytest's exit code, or 1 when something is missing that it needs."""
    try:
        match words:
            case ["unit"]:
                return _unit()
            case ["fast"]:
                return _unit() or _on_postgres("tests/integration")
            case ["integration"]:
                return _on_postgres("tests/integration")
            case [one]:
                return _one(one)
        with step("Chromium"):
            chromium.find()
        return _everything()
    except (chromium.NoChromium, NoPostgres) as error:
        print(error, file=sys.stderr)
        return 1


def _unit() -> int:
    return run_pytest("-n", "2", "--dist", "worksteal", "tests/unit")


def _one(name: str) -> int:
    """Run one file or test in this process, so that a debugger works."""
    if name.removeprefix("./").startswith("tests/integration"):
        return _on_postgres(name, "-n", "0")
    return run_pytest("-n", "0", name)


def _everything() -> int:
    """Run the tests that use a database on PostgreSQL, and then the others.

    Side by side, they would take longer: on two cores, each test then needs about twice the processor time.
    """
    integration = _on_postgres("tests/integration")
    return _on_sqlite() or integration


def _on_postgres(*words: str) -> int:
    with postgres() as server:
        return run_pytest(*ON_POSTGRES, *words, DATABASE_URL=server.create("daypass"))


def _on_sqlite() -> int:
    tests = ROOT / "tests"
    others = sorted({file.relative_to(tests).parts[0] for file in tests.rglob("test_*.py")} - {"integration"})
    integration = [""] if os.environ.get("TESTS") == "all" else ON_SQLITE_TOO
    names = (*others, *(f"integration/{name}" for name in integration))
    return run_pytest(*ON_SQLITE, *(f"tests/{name}" for name in names))


def run_pytest(*words: str, **environment: str) -> int:
    """Run pytest and return its exit code."""
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
