"""A slice of the soak, as `make soak` runs it."""

import os
import re
import subprocess
import sys

from dev.options import ROOT

LAST_LINE = re.compile(r"lifecycles=([0-9]+) faults=([0-9]+) violations=0 seed=20261124\Z")


def test_half_a_minute_of_random_faults_breaks_no_promise() -> None:
    settings = {"SOAK_MINUTES": "0.5", "SEED": "20261124"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    counted = LAST_LINE.search(done.stdout.strip())
    assert counted, said
    lifecycles, faults = map(int, counted.groups())
    assert lifecycles >= 10
    assert faults >= 3
