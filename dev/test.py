"""`make test`: what touches the database on PostgreSQL, then the rest, and what may differ there, on SQLite.

The last lines are pytest's own.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

from dev import chromium
from dev.options import ROOT
from dev.postgres import NoPostgres, postgres
from dev.stages import stage

IN_PARALLEL = ("-n", "2", "--dist", "loadfile")
# Pages, people and permissions are the same on both databases: PostgreSQL, on which Daypass runs for real, is enough.
ON_POSTGRES_ALONE = (
    "sso",
    "test_admin.py",
    "test_ask_who_signed.py",
    "test_crawl.py",
    "test_credentials*.py",
    "test_disclosure.py",
    "test_evidence.py",
    "test_identities*.py",
    "test_invitations.py",
    "test_kit_programs.py",
    "test_on_record.py",
    "test_pages*.py",
    "test_permissions.py",
    "test_proving.py",
    "test_signin.py",
    "test_switching_off.py",
    "test_vouching.py",
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
        return run_pytest({"DATABASE_URL": server.create("daypass")}, "tests/integration")


def _on_sqlite() -> int:
    return run_pytest({}, *(f"--ignore-glob=tests/integration/{name}" for name in ON_POSTGRES_ALONE))


def run_pytest(environment: Mapping[str, str], *paths: str) -> int:
    """Run pytest on two processes and return its exit code."""
    command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *paths]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
