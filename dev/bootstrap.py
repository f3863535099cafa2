"""Check the version of Python. Any Python 3 can read this file, so an old version gets a message, not a traceback."""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(
        "Daypass needs Python 3.11 or newer; %s is %d.%d. Install a newer one (on Debian 12: apt-get install python3) "
        "or name one that is there: make PYTHON=python3.12 run"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )

from dev import environments  # noqa: E402 - only a new enough Python can read it

if __name__ == "__main__":
    environments.main(sys.argv[1:])
