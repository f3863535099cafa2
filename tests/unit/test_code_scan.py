"""What the product's code never does, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sre_parse: Any = import_module("re._parser")
# What migrations do to a database is not what the portal does.
LEFT_OUT = ("access/migrations/",)
FILES = [
    file
    for folder in ("access", "portal")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if not str(file.relative_to(ROOT)).startswith(LEFT_OUT)
]
MODULES = {
    "starts no process": {"subprocess", "pty", "multiprocessing"},
    "reads nothing that can be code": {"pickle", "marshal", "shelve", "yaml", "code", "importlib"},
    "parses no XML of its own": {"xml", "lxml"},
}
CALLS = {
    "starts no process": {"system", "popen", "spawnl", "execv", "fork"},
    "runs no text as code": {"eval", "exec", "compile", "__import__", "literal_eval"},
    "writes no SQL": {"raw", "extra", "RawSQL"},
    "uses no broken hash": {"md5", "sha1"},
    "makes no template of what somebody typed": {"from_string", "Template"},
}
RANDOM = {"access/reconcile/outcome.py"}  # the pause before the next try is no secret


def names(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported, by their first name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield what is called, by its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.AST]:
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in FILES}


@pytest.mark.parametrize("what", MODULES)
def test_the_product_imports_nothing_dangerous(trees: dict[str, ast.AST], what: str) -> None:
    assert len(trees) > 100
    assert [file for file, tree in trees.items() if MODULES[what] & set(names(tree))] == []


@pytest.mark.parametrize("what", CALLS)
def test_the_product_calls_nothing_dangerous(trees: dict[str, ast.AST], what: str) -> None:
    # re.compile and our own trust.compile are no code made of text.
    found = [
        (file, name)
        for file, tree in trees.items()
        for name, call in calls(tree)
        if name in CALLS[what] and not (name == "compile" and isinstance(call.func, ast.Attribute))
    ]
    # The digests of stolen passwords are SHA-1 because the lists of them are.
    assert [one for one in found if one != ("access/signin/breached.py", "sha1")] == []


def test_secrets_come_from_the_systems_random_source_and_nothing_else_is_random(trees: dict[str, ast.AST]) -> None:
    assert {file for file, tree in trees.items() if "random" in set(names(tree))} == RANDOM


def test_every_certificate_is_checked_and_no_redirect_is_followed(trees: dict[str, ast.AST]) -> None:
    forbidden = {("verify", False), ("check_hostname", False), ("allow_redirects", True)}
    words = ((file, word) for file, tree in trees.items() for _, call in calls(tree) for word in call.keywords)
    assert [
        (file, word.arg) for file, word in words if (word.arg, getattr(word.value, "value", None)) in forbidden
    ] == []


STORING = {"zone.js"}  # the name of the browser's time zone, until the server has read it


def test_no_script_of_ours_stores_anything_in_the_browser_but_its_time_zone() -> None:
    ours = [file for file in (ROOT / "static").rglob("*.js") if "htmx" not in file.name and file.name not in STORING]
    assert re.findall(r"document\.cookie = `(\w+)=", (ROOT / "static" / "zone.js").read_text()) == ["time_zone"]
    kept = ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.")
    assert ours
    assert [file.name for file in ours if any(word in file.read_text() for word in kept)] == []
    assert '"historyEnabled": false' in (ROOT / "templates" / "base.html").read_text()


def repeats(pattern: Any, *, within: bool = False) -> bool:
    """Return whether an unbounded repetition contains another one, which makes a pattern slow."""
    for operator, argument in pattern:
        endless = operator in {sre_parse.MAX_REPEAT, sre_parse.MIN_REPEAT} and argument[1] == sre_parse.MAXREPEAT
        if endless and within:
            return True
        parts = argument if isinstance(argument, tuple | list) else [argument]
        flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]
        if any(repeats(part, within=within or endless) for part in flat if isinstance(part, sre_parse.SubPattern)):
            return True
    return False


def test_no_pattern_repeats_a_repetition(trees: dict[str, ast.AST]) -> None:
    assert repeats(sre_parse.parse(r"(a+)+"))
    assert not repeats(sre_parse.parse(r"a+[b-d]*(?:ef)?"))
    written = [
        (file, call.args[0].value)
        for file, tree in trees.items()
        for name, call in calls(tree)
        if name == "compile" and call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert len(written) > 10
    # A part of an ARN's path, or of a folder, is next to a slash that it cannot hold, so there is one way to read it.
    assert {file for file, text in written if repeats(sre_parse.parse(text))} == {"access/arns.py", "access/recipes.py"}
