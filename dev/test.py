"""`make test`: what touches the database on PostgreSQL, then everything on SQLite. The last lines are pytest's own."""

import os
import subprocess
import sys
from collections.abc import Mapping

from dev import chromium
from dev.options import ROOT
from dev.postgres import NoPostgres, postgres
from dev.stages import stage

IN_PARALLEL = ("-n", "2", "--dist", "loadfile")


def main() -> int:
    """Return pytest's exit code; a failure on PostgreSQL ends it there, so that its summary is what one sees."""
    try:
        with stage("Chromium"):
            chromium.find()
        return _on_postgres() or run_pytest({})
    except (chromium.NoChromium, NoPostgres) as error:
        print(error, file=sys.stderr)
        return 1


def _on_postgres() -> int:
    with postgres() as server:
        return run_pytest({"DATABASE_URL": server.create("daypass")}, "tests/integration")


def run_pytest(environment: Mapping[str, str], *paths: str) -> int:
    """Run pytest on two processes and return its exit code."""
    command = [sys.executable, "-m", "pytest", *IN_PARALLEL, *paths]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
