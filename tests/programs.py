"""Programs of a contractor's machine that are not on ours: their languages are read by parsers instead."""

import itertools
from typing import Any

import hcl2
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

Command = tuple[str, dict[str, str]]

_powershell = Parser(Language(tree_sitter_powershell.language()))


def in_powershell(script: str) -> list[Command]:
    """Return the commands of a PowerShell script with their parameters; AssertionError where it is no PowerShell."""
    root = _powershell.parse(script.encode()).root_node
    assert not root.has_error, [_text(node) for node in _all(root) if node.is_error or node.is_missing]
    return [_command(node) for node in _all(root) if node.type == "command"]


def in_terraform(text: str) -> dict[str, Any]:
    """Return the blocks of a Terraform file; raises where it is none."""
    found: dict[str, Any] = hcl2.loads(text)
    return found


def _command(node: Node) -> Command:
    name, *rest = [part for part in node.children if part.type in {"command_name", "command_elements"}]
    words = [_text(part) for part in (rest[0].children if rest else []) if part.type != "command_argument_sep"]
    pairs = itertools.pairwise([*words, ""])
    return _text(name), {word: value.strip("'") for word, value in pairs if word.startswith("-")}


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _all(root: Node) -> list[Node]:
    return [root, *(node for child in root.children for node in _all(child))]
