"""`make reset`: delete everything that runs have left in `var/`. Standard library only."""

import os
import shutil
import sys
from pathlib import Path

from dev.lease import Taken, hold

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Empty `var/`, unless Daypass runs from it."""
    var = Path(os.environ.get("DAYPASS_VAR_DIR") or ROOT / "var").resolve()
    try:
        with hold(var):
            shutil.rmtree(var)
    except Taken as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Deleted {var}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
