"""`python -m bench.child module`: measure one group of rows in a process of its own and print them as JSON."""

import importlib
import json
import os
import sys
from dataclasses import asdict

import django


def main(module: str) -> None:
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        django.setup()
    # The module imports models, which only exist once Django is set up.
    rows = importlib.import_module(module).measure()
    json.dump([asdict(row) for row in rows], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
