"""`python -m localaws`: parse the command line, then start the server."""

import importlib
import os
import shutil

from localaws.options import environment, parse


def main() -> None:
    options = parse()
    os.environ.update(environment(options))
    if options.state_file and options.state_dir and not options.state_file.exists():
        # There are objects but no state, so an earlier process was killed in its first second.
        shutil.rmtree(options.state_dir / "objects", ignore_errors=True)
    # ministack reads its settings from the environment while it is imported, so the server comes after them.
    importlib.import_module("localaws.server").run(options)


if __name__ == "__main__":
    main()
