"""`make test`: what touches the database on PostgreSQL, then the rest, and what may differ there, on SQLite.

The last lines are pytest's own.
"""

import os
import subprocess
import sys

from dev import chromium
from dev.options import ROOT
from dev.postgres import NoPostgres, postgres
from dev.stages import stage

# A third process on two cores: the tests of faults and journeys wait most of the time.
ON_POSTGRES = ("-n", "2", "--dist", "worksteal")
ON_SQLITE = ("-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder")
# PostgreSQL, on which Daypass runs for real, is enough for most. These are about what databases do differently:
# constraints, triggers, transactions, locks and times.
ON_SQLITE_TOO = (
    "test_approving.py",
    "test_asking.py",
    "test_breakglass_guards.py",
    "test_constraints.py",
    "test_ending.py",
    "test_lease.py",
    "test_ledger.py",
    "test_races.py",
    "test_reconcile.py",
    "test_rings.py",
    "test_stateful.py",
    "test_tasks.py",
)


def main() -> int:
    """Return pytest's exit code; a failure on PostgreSQL ends it there, so that its summary is what one sees."""
    try:
        with stage("Chromium"):
            chromium.find()
        return _on_postgres() or _on_sqlite()
    except (chromium.NoChromium, NoPostgres) as error:
        print(error, file=sys.stderr)
        return 1


def _on_postgres() -> int:
    with postgres() as server:
        return run_pytest(*ON_POSTGRES, "tests/integration", DATABASE_URL=server.create("daypass"))


def _on_sqlite() -> int:
    tests = ROOT / "tests"
    others = sorted({file.relative_to(tests).parts[0] for file in tests.rglob("test_*.py")} - {"integration"})
    integration = (f"tests/integration/{name}" for name in ON_SQLITE_TOO)
    return run_pytest(*ON_SQLITE, *(f"tests/{name}" for name in others), *integration)


def run_pytest(*words: str, **environment: str) -> int:
    """Run pytest and return its exit code."""
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
