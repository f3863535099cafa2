"""Find words that Daypass does not use, in everything that a person reads: see docs/style.md.

`make check` fails for each that `dev/language_allowed.txt` does not list. That file has a line per exception: the file,
the words as they are found, and the reason, separated by " | ".
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.vocabulary import BANNED, DOCSTRING, IN_PAGES, Rule

ALLOWED = "dev/language_allowed.txt"
# The files and directories that `make check` searches.
AREAS = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ".github/", "access/", "bench/", "demo/",
    "deploy/", "dev/", "docker-compose.yml", "docs/", "localaws/", "manage.py", "portal/", "pyproject.toml",
    "static/", "templates/", "tests/",
)  # fmt: skip
# Texts that quote others, that list the words, or that are not ours.
LEFT_OUT = (
    "LICENSE",
    "docs/style.md",
    "dev/vocabulary.py",
    "requirements/",
    "static/vendor/",
    "tests/dev/test_language.py",
)
PAGES = (".md", ".html", ".txt")
PROSE = (*PAGES, ".yml", ".toml")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that a person reads, with where it begins."""

    file: str
    line: int
    text: str
    is_docstring: bool = False


def findings(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield each word that is not allowed, with its place and what to use, and each exception that is not needed."""
    allowed = {(file, words) for file, words, _reason in allowances(root)}
    needed: set[tuple[str, str]] = set()
    for passage in passages(root, names):
        for line, words, use in found_in(passage):
            if (passage.file, words) in allowed:
                needed.add((passage.file, words))
            else:
                yield f"{passage.file}:{line}: “{words}”: {use}"
    for file, words in sorted(allowed - needed):
        if file in names:
            yield f"{ALLOWED}: “{words}” is not in {file} any more: remove the line"


def found_in(passage: Passage) -> Iterator[tuple[int, str, str]]:
    """Yield line, words and what to use, for each rule that the passage breaks."""
    for rule in (*BANNED, *IN_PAGES) if passage.file.endswith(PAGES) else BANNED:
        for found in matches(rule, passage.text):
            words = " ".join(found.group().split()).lower().strip(".:;( ")
            yield passage.line + passage.text.count("\n", 0, found.start()), words, rule.use
    if passage.is_docstring and (opening := DOCSTRING.pattern.match(passage.text)):
        yield passage.line, opening.group().lower(), DOCSTRING.use


def matches(rule: Rule, text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a rule that are not part of something innocent."""
    innocent = [found.span() for found in rule.innocent.finditer(text)] if rule.innocent else []
    for found in rule.pattern.finditer(text):
        if not any(begin <= found.start() and found.end() <= end for begin, end in innocent):
            yield found


def allowances(root: Path) -> list[tuple[str, str, str]]:
    """Return the exceptions: file, words, reason."""
    lines = (root / ALLOWED).read_text().splitlines()
    fields = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [(file, words, reason) for file, words, reason in fields]


def passages(root: Path, names: Sequence[str]) -> Iterator[Passage]:
    """Yield everything that a person reads in these files."""
    for name in names:
        if name.startswith(LEFT_OUT) or "/migrations/" in name or name == ALLOWED:
            continue
        if name.endswith(".py"):
            yield from _of_python(name, (root / name).read_text())
        elif name.endswith(PROSE):
            text = (root / name).read_text()
            yield Passage(name, 1, _without_markup(text) if name.endswith(".html") else _without_code(text))


def _of_python(name: str, source: str) -> Iterator[Passage]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Passage(name, token.start[0], _without_code(token.string.lstrip("# ")))
    tree = ast.parse(source)
    docstrings = {id(text) for text in map(_docstring, ast.walk(tree)) if text is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Passage(name, node.lineno, _words(node.name))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield Passage(name, node.lineno, _without_code(node.value), is_docstring=id(node) in docstrings)


def _words(name: str) -> str:
    """Return the words of a name: `ends_early` is “ends early”, and so is `EndsEarly`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").strip()


def _docstring(node: ast.AST) -> ast.Constant | None:
    """Return the docstring of a function; those of modules and classes name a thing, and need no verb."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str()) as text):
            return text
    return None


def _without_markup(text: str) -> str:
    """Return a template without its tags and variables, line by line as it was."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", _blank, text, flags=re.DOTALL)
    return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", _blank, text, flags=re.DOTALL)


def _without_code(text: str) -> str:
    """Return prose without blocks and spans of code and targets of links, line by line as it was."""
    return re.sub(r"^```.*?^```|`[^`\n]*`|\]\([^)\s]*\)", _blank, text, flags=re.DOTALL | re.MULTILINE)


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group().count("\n")
