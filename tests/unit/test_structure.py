"""The cut of `access/` into modules, as docs/explanation/architecture.md has it."""

import ast
from pathlib import Path

ACCESS = Path(__file__).parents[2] / "access"
# Packages that are used as one thing: what they offer is named at their top, and how they are cut is their own affair.
FACADES = {"aws", "bypass", "diagnose", "explain", "models", "proof", "trust", "verify", "workload_identities"}


def imports_in(init: Path) -> bool:
    """Return whether this file imports anything."""
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(init.read_text())))


def test_only_packages_that_are_used_as_one_thing_export_names() -> None:
    assert {init.parent.name for init in ACCESS.glob("*/__init__.py") if imports_in(init)} == FACADES
