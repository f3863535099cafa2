"""A page of docs/ that is made from the code: written, or compared with what it should say."""

import sys
from pathlib import Path

from dev.options import ROOT


def update(file: Path, text: str, *, command: str) -> int:
    """Write the text, or with `--check` on the command line only compare it; return the exit code."""
    if "--check" not in sys.argv[1:]:
        file.write_text(text)
        return 0
    if file.is_file() and file.read_text() == text:
        return 0
    print(f"{file.relative_to(ROOT)} is not up to date. Run: {command}", file=sys.stderr)
    return 1
