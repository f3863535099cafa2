"""Tests compare codes of errors and refusals, not their sentences, which may change at any time."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.texts.catalogue import TEMPLATES
from dev.options import ROOT

WORDS = 4  # of a sentence in a row; shorter ones are too often in others too
# Files that hold sentences of errors, with how many and why.
ALLOWED = {
    "tests/dev/test_image.py": (1, "what the container prints is all that there is to read"),
    "tests/integration/anchoring.py": (2, "what the command prints is compared with the code in it"),
    "tests/integration/test_audit_verify.py": (3, "the command's output, number by number"),
    "tests/integration/test_bulk_approval.py": (2, "that a row says why it cannot be approved"),
    "tests/integration/test_checkpoints.py": (1, "the number in the command's output"),
    "tests/integration/test_credentials_sources.py": (2, "the addresses in the sentence"),
    "tests/integration/test_evidence.py": (1, "the evidence pack, which is a document to read"),
    "tests/integration/test_extensions_end.py": (1, "the reason of a withdrawal on the page, which is no error"),
    "tests/integration/test_factor_resets.py": (1, "that the page says until when"),
    "tests/integration/test_odd_statements.py": (1, "that each of several refusals has the same remedy"),
    "tests/integration/test_pages_approval_settings.py": (1, "what the page says of an approval by a policy"),
    "tests/integration/test_pages_conditions.py": (1, "that the sentence names the role"),
    "tests/integration/test_pages_diff.py": (1, "a note of the page, which is no error"),
    "tests/integration/test_pages_request.py": (1, "what the page says of a blocked grant, beside other states"),
    "tests/unit/test_environment.py": (2, "the sentence in the output of a process that does not start"),
    "tests/unit/test_explain_reading.py": (1, "line, column and suggestion in the sentence"),
    "tests/unit/test_texts.py": (2, "how codes become sentences"),
}


def parts(code: str) -> Iterator[str]:
    """Yield what is between the facts of the sentences of a code, where it is long enough."""
    message = TEMPLATES[code].message
    for english in (message,) if isinstance(message, str) else message:
        for part in re.split(r"{\w+}|(?<=[.:;?!])\s", english):
            if len(part.split()) >= WORDS:
                yield part.strip(" .")


PARTS = {part: code for code in TEMPLATES for part in parts(code)}
ANY = re.compile("|".join(map(re.escape, sorted(PARTS, key=len, reverse=True))))
ALL = "\n".join(PARTS)


def found_in(source: str) -> list[tuple[int, str]]:
    """Return line and words of each text that holds a sentence of an error, or five words of one."""
    texts = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [(text.lineno, text.value) for text in texts if isinstance(text.value, str) and _is_one(text.value)]


def _is_one(text: str) -> bool:
    words = text.strip(" .")
    return bool(ANY.search(text)) or (len(words.split()) > WORDS and words in ALL)


def sources() -> Iterator[Path]:
    return (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))


def test_tests_match_codes_and_not_sentences() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        name = str(path.relative_to(ROOT))
        found[name] += [f"{line}: {words}" for line, words in found_in(path.read_text())]
    unexpected = {name: lines for name, lines in found.items() if len(lines) != ALLOWED.get(name, (0, ""))[0]}
    assert unexpected == {}
    assert [name for name, (_, why) in ALLOWED.items() if len(why.split()) < 3 or name not in found] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('assert "You have already approved or denied this request" in page', [1]),
        ('x = 1\nassert f"{x} is a private or reserved address, so AWS never receives requests from it." in page', [2]),
        ('assert "already_decided_by_you" in codes(page)', []),
        ('assert "Your decision was not recorded." in page', []),
    ],
)
def test_a_sentence_of_an_error_is_found(source: str, lines: list[int]) -> None:
    assert [line for line, _ in found_in(source)] == lines
