"""Sentences in the database: codes and facts there and back, whatever was stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access.texts import stored
from access.texts.text import Text

FACTS: dict[str, Any] = {
    "text": "AccessDenied",
    "number": 40,
    "length": timedelta(hours=8),
    "moment": datetime(2026, 5, 4, 12, tzinfo=UTC),
    "texts": [Text("finding_unmanaged_lost"), Text("finding_statement_form", {"grant": "dp1"})],
    "words": ["iam:PassRole", "iam:*"],
    "cause": Text("aws_silent", {"error": "ReadTimeout"}),
}


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_text_is_read_as_it_was_stored(fact: Any) -> None:
    text = Text("aws_silent", {"error": fact})
    read = stored.load(**json.loads(json.dumps(stored.dump(text))))
    assert read == text
    assert str(read) == str(text)


def test_without_a_code_there_is_no_text() -> None:
    assert stored.load("", {}) is None


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("a_code_of_next_year", {}),
        ("aws_silent", {}),
        ("aws_silent", {"error": {"at": "yesterday"}}),
        ("aws_silent", {"error": {"code": "a_code_of_next_year", "facts": {"error": None}}}),
        ("window_too_long", {"longest": {"seconds": 1e300}}),
    ],
)
def test_a_text_stored_by_another_version_can_be_shown(code: str, facts: dict[str, Any]) -> None:
    text = stored.load(code, facts)
    assert text is not None
    assert str(text).endswith(".")


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "x" * 5000, object(), {"a": 1}])
def test_a_fact_that_the_database_cannot_hold_is_still_stored(odd: Any) -> None:
    kept = json.dumps(stored.dump(Text("aws_silent", {"error": odd})), ensure_ascii=False)
    assert "\\u0000" not in kept
    assert len(kept.encode()) < 1200


def test_the_texts_in_the_details_of_an_event_are_found() -> None:
    text, other = Text("aws_silent", {"error": "x"}), Text("principal_recreated")
    details = {"problem": "x", "text": stored.dump(text), "steps": [{"title": stored.dump(other)}], "code": "x"}
    assert list(stored.texts_in(details)) == [text, other]
