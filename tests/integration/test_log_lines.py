"""One event is one line of JSON, whatever is in it; what it says is when, how grave, and what happened."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import structlog
from django.test import Client

from tests.factories import Cast
from tests.integration.pages import visitor

FORGED = '\r\n{"event": "grant.approved", "level": "info"}\r\n\x1b[2K\x1b[31m\u2028\x85"'
Lines = Callable[[], list[str]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Yield what the portal's own handler would write."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    ours = (one.formatter for one in root.handlers)
    handler.setFormatter(next(one for one in ours if isinstance(one, structlog.stdlib.ProcessorFormatter)))
    root.addHandler(handler)
    yield lambda: written.getvalue().removesuffix("\n").split("\n")
    root.removeHandler(handler)


def events(lines: list[str]) -> list[dict[str, Any]]:
    assert all(line.isascii() and line.isprintable() for line in lines)
    return [json.loads(line) for line in lines]


def test_no_address_or_header_can_begin_a_line(cast: Cast, lines: Lines) -> None:
    visitor(cast.richard).get("/nowhere/" + FORGED, headers={"user-agent": FORGED})
    Client().post("/account/login/" + FORGED, {"login": FORGED}, headers={"host": "evil.example" + FORGED})
    found = events(lines())
    assert len(found) >= 2
    assert "grant.approved" not in {one["event"] for one in found}


def test_no_event_or_error_can_begin_a_line(lines: Lines) -> None:
    structlog.get_logger("access.reconcile").warning("reconcile.failed", reason=FORGED)
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("somebody.else").exception("It broke: %s", FORGED)
    ours, theirs = events(lines())
    assert (ours["event"], ours["reason"]) == ("reconcile.failed", FORGED)
    assert FORGED in theirs["event"]
    assert "Traceback" in theirs["exception"]


def test_every_line_has_its_time_in_utc_its_level_and_its_logger(cast: Cast, lines: Lines) -> None:
    visitor(cast.richard).get("/nowhere/")
    structlog.get_logger("access.tasks").info("role.written", role="x")
    for one in events(lines()):
        assert datetime.fromisoformat(one["timestamp"]).utcoffset().total_seconds() == 0  # type: ignore[union-attr]
        assert {"event", "level", "logger"} <= one.keys()
