"""docs/reference/audit.md names every kind of event that the product writes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = set(re.findall(r"`([a-z_]+)\.[^`]*`", (ROOT / "docs" / "reference" / "audit.md").read_text()))


def kinds() -> Iterator[str]:
    """Yield the first word of every verb that is written down whole."""
    for file in (ROOT / "access").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            named = [word.value for word in node.keywords if word.arg == "verb"]
            first = node.args[:1] if getattr(node.func, "id", "") == "Entry" else []
            for given in (*named, *first):
                if isinstance(given, ast.JoinedStr) and given.values:
                    given = given.values[0]  # noqa: PLW2901  # the text before the first brace
                if isinstance(given, ast.Constant) and "." in str(given.value):
                    yield str(given.value).split(".", 1)[0]


def test_every_recorded_kind_of_event_has_a_description() -> None:
    found = set(kinds())
    assert len(found) > 8
    assert found <= KINDS
