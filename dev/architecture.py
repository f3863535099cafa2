"""Write the layers and the module map of the architecture page from pyproject.toml and the modules' docstrings."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from dev.generated import update
from dev.options import ROOT

PAGE = ROOT / "docs" / "explanation" / "architecture.md"
BEGIN, END = "<!-- layers: begin -->\n", "<!-- layers: end -->\n"
HEAD = """`python -m dev.architecture` generates this table from `pyproject.toml` and the modules' docstrings.
Do not edit it here.

"""


def page(text: str, *, root: Path = ROOT) -> str:
    """Return the text of the page with its generated part built again; ValueError when it has no such part."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    rows = ["| layer | module of `access/` | description |", "| --- | --- | --- |", *_rows(root)]
    return before + BEGIN + HEAD + "\n".join(rows) + "\n" + END + after


def layers(root: Path) -> list[list[str]]:
    """Return the modules of each layer, the highest first, as the contract `floors` for import-linter has them."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["id"] == "floors")
    return [re.findall(r"[a-z_0-9]+", layer) for layer in contract["layers"]]


def _rows(root: Path) -> Iterator[str]:
    found = layers(root)
    for height, names in zip(range(len(found), 0, -1), found, strict=True):
        for name in names:
            yield f"| {height} | `{name}` | {_docstring(root / 'access', name)} |"


def _docstring(package: Path, name: str) -> str:
    """Return the first sentence of the module's docstring; FileNotFoundError when there is no such module."""
    module = package / f"{name}.py"
    source = (module if module.is_file() else package / name / "__init__.py").read_text()
    said = " ".join((ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", said)[0].replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(update(PAGE, page(PAGE.read_text()), command="python -m dev.architecture"))
