"""docs/reference/asvs.md names every item of the list, and only tests that there are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "asvs.md"
# OWASP ASVS 5.0.0: what of levels 1 and 2 touches a portal like this one, and some items of level 3.
LIST = """
1.1.2 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.10 1.3.6 1.3.7 1.3.10 1.3.11 1.3.12 1.5.1 1.5.2
2.1.1 2.1.2 2.1.3 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.4.1 2.4.2
3.2.1 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.7 3.4.8 3.5.1 3.5.3 3.7.2 3.7.3
4.1.1 4.1.3 4.1.4 4.3 4.4 5
6.1.1 6.1.3 6.2.1 6.2.4 6.2.8 6.2.9 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.7 6.3.8 6.4.1 6.4.3 6.4.4
6.5.1 6.5.2 6.5.5 6.6.3 6.8.1 6.8.2
7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.5 7.5.1 7.5.2 7.5.3
8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.3.3 8.4.1 8.4.2 9 10
11.2.3 11.3 11.4 11.5.1 12.1 12.2 12.3
13.1.1 13.1.2 13.1.3 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.3.4 13.4.1 13.4.2 13.4.5 13.4.6
14.2.1 14.2.3 14.2.4 14.3.1 14.3.2 14.3.3
15.1.1 15.1.2 15.2.1 15.2.2 15.2.4 15.3.1 15.3.2 15.3.3 15.3.4 15.3.7 15.4.1 15.4.2 15.4.3
16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3 16.5.4
17
"""
ROW = re.compile(r"\| (V[^|]+) \| ([^|]+) \|([^|]*)\| ([^|]+) \|\Z", re.ASCII)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`", re.ASCII)
REASONS = ("Does not apply", "By hand")


def rows() -> list[tuple[str, ...]]:
    """Return the items, their level, what holds, and the tests or the reason."""
    lines = PAGE.read_text().splitlines()
    return [match.groups() for line in lines if (match := ROW.match(line))]


def test_every_item_of_the_list_appears_once() -> None:
    named = [item.removeprefix("V") for items, *_ in rows() for item in items.split(", ")]
    assert sorted(named) == sorted(LIST.split())


def test_every_named_test_exists() -> None:
    names: dict[str, set[str]] = {}
    for file, name in NAMED.findall(PAGE.read_text()):
        if file not in names:
            tree = ast.parse((ROOT / "tests" / file).read_text())
            names[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name.startswith("test_"), name
        assert name in names[file], f"{file} has no {name}"


def test_every_row_has_a_test_or_says_why_not() -> None:
    assert [items for items, *_, proof in rows() if not NAMED.search(proof) and not proof.startswith(REASONS)] == []
