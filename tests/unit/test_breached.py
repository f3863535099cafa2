"""Stolen passwords are found in a sorted list, wherever in it they are, and no external service is asked."""

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from access.signin.breached import BreachedPasswordValidator, is_listed


def digest(word: str) -> str:
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def listed(file: Path, words: list[str], end: str = "\n") -> Path:
    """Return a list as the well-known one is: digest, colon, how often; sorted."""
    draw = random.Random(4)
    file.write_text(
        "".join(f"{digest(word)}:{draw.choice((1, 77, 123456))}{end}" for word in sorted(words, key=digest))
    )
    return file


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_line_is_found_and_nothing_else(tmp_path: Path, size: int, end: str) -> None:
    words = [f"stolen-{number}" for number in range(size)]
    file = listed(tmp_path / "list", words, end)
    assert all(is_listed(digest(word), file) for word in words)
    assert not any(is_listed(digest(f"kept-{number}"), file) for number in range(200))
    assert not is_listed("0" * 40, file)
    assert not is_listed("F" * 40, file)


def test_an_empty_list_matches_nobody(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"")
    assert not is_listed(digest("x"), tmp_path / "list")


def test_an_unterminated_last_line_and_lower_case_are_read(tmp_path: Path) -> None:
    lines = sorted((digest("one").lower(), digest("two").lower()))
    (tmp_path / "list").write_text("\n".join(lines))
    assert is_listed(digest("one"), tmp_path / "list")
    assert is_listed(digest("two"), tmp_path / "list")


def test_a_stolen_password_is_refused_and_without_its_list_every_password_is(tmp_path: Path, settings: Any) -> None:
    validator = BreachedPasswordValidator()
    validator.validate("correct-horse-battery")
    settings.BREACHED_PASSWORDS = str(listed(tmp_path / "list", ["correct-horse-battery"]))
    validator.validate("another-sentence-of-words")
    with pytest.raises(ValidationError) as refused:
        validator.validate("correct-horse-battery")
    assert refused.value.code == "password_breached"
    settings.BREACHED_PASSWORDS = str(tmp_path / "gone")
    with pytest.raises(ValidationError) as refused:
        validator.validate("another-sentence-of-words")
    assert refused.value.code == "password_unchecked"
