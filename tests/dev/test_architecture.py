"""The layers on the architecture page are those of the contract, with what each module says of itself."""

import shutil
from pathlib import Path

import pytest

from dev import architecture
from dev.options import ROOT

TEXT = architecture.PAGE.read_text()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "access", tmp_path / "access", ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    return tmp_path


def test_the_page_is_up_to_date_and_has_every_module() -> None:
    assert architecture.page(TEXT) == TEXT
    modules = {
        path.stem for path in (ROOT / "access").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    named = {name for names in architecture.layers(ROOT) for name in names}
    assert named == modules - {"__init__", "migrations"}


@pytest.mark.parametrize("name", ["clock.py", "reconcile/__init__.py"])
def test_a_changed_docstring_changes_the_page(copy: Path, name: str) -> None:
    assert architecture.page(TEXT, root=copy) == TEXT
    (copy / "access" / name).write_text('"""Something else. And more."""\n')
    assert "| Something else. |" in architecture.page(TEXT, root=copy)


def test_a_changed_contract_changes_the_page(copy: Path) -> None:
    contract = (copy / "pyproject.toml").read_text()
    (copy / "pyproject.toml").write_text(contract.replace('    "(housekeeping)",\n', ""))
    assert "`housekeeping`" not in architecture.page(TEXT, root=copy)


def test_a_missing_module_has_no_row(copy: Path) -> None:
    (copy / "access" / "skew.py").unlink()
    with pytest.raises(FileNotFoundError):
        architecture.page(TEXT, root=copy)
