"""The places where botocore finds endpoints by itself: environment variables, and AWS configuration files."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_ENDPOINT = re.compile(r"\s*endpoint_url\s*[=:](.*)", re.IGNORECASE)
_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}


def found_by_botocore() -> Iterator[tuple[str, str]]:
    """Yield the name of the place and the endpoint, for each one beside the setting AWS_ENDPOINT_URL."""
    for name, value in sorted(os.environ.items()):
        if name.startswith("AWS_ENDPOINT_URL_"):
            yield name, value
    for variable, usual in _FILES.items():
        file = Path(os.environ.get(variable) or Path("~/.aws", usual)).expanduser()
        try:
            lines = file.read_text(errors="replace").splitlines()
        except (OSError, RuntimeError):  # it is not there, or there is no home
            continue
        for number, line in enumerate(lines, 1):
            found = _ENDPOINT.match(line)
            if found:
                yield f"endpoint_url (line {number} of {file})", found[1].strip()
