"""Find files that have too many lines: see "The code is small and flat" in CONTRIBUTING.md."""

from collections.abc import Iterator, Sequence
from pathlib import Path

# The folders, the end of the name, and the most lines. Tests are lists of cases, and migrations are not read.
LIMITS = (
    (("access/", "bench/", "demo/", "dev/", "docker/", "localaws/", "portal/"), ".py", 300),
    (("templates/",), ".html", 60),
)


def findings(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield each of these files that has too many lines, with what to do."""
    for name in names:
        most = limit(name)
        lines = len((root / name).read_text().splitlines()) if most else 0
        if lines > most:
            yield f"{name}: {lines} lines, at most {most} are allowed. Split the file."


def limit(name: str) -> int:
    """Return how many lines this file can have; 0 if there is no limit."""
    found = (most for folders, end, most in LIMITS if name.startswith(folders) and name.endswith(end))
    return 0 if "/migrations/" in name else next(found, 0)
