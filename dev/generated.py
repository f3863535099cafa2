"""Write a generated page of docs/, or check that it is up to date."""

import sys
from pathlib import Path

from access.texts.text import Text
from dev.options import ROOT


def update(file: Path, text: str, *, command: str) -> int:
    """Write the text, or with `--check` on the command line only compare it; return the exit code."""
    if "--check" not in sys.argv[1:]:
        file.write_text(text)
        return 0
    if file.is_file() and file.read_text() == text:
        return 0
    outdated = Text("command_file_outdated", {"file": file.relative_to(ROOT), "command": command})
    print(f"{outdated.english} ({outdated.code})", file=sys.stderr)
    return 1
