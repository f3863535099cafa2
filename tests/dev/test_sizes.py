"""Files that are too long are found."""

from pathlib import Path

import pytest

from dev.sizes import findings


def found(root: Path, name: str, lines: int) -> list[str]:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("x\n" * lines)
    return list(findings(root, [name]))


@pytest.mark.parametrize(
    ("name", "most"), [("access/rules/checks.py", 300), ("localaws/__main__.py", 300), ("templates/access/a.html", 60)]
)
def test_a_file_with_one_line_too_many_is_found(tmp_path: Path, name: str, most: int) -> None:
    assert found(tmp_path, name, most) == []
    assert found(tmp_path, name, most + 1) == [f"{name}: {most + 1} lines, at most {most} are allowed. Split the file."]


@pytest.mark.parametrize(
    "name", ["access/migrations/0001_initial.py", "tests/unit/test_a.py", "static/a.css", "templates/evidence/a.css"]
)
def test_migrations_tests_and_other_kinds_of_files_have_no_limit(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, name, 1000) == []
