"""How gunicorn is started, by `make run` and in the image: no header of a request changes what its path is."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]  # it ships no types

from dev import commands
from dev.options import ROOT, Options


def of_the_image() -> list[str]:
    """Return the command with which the image starts its web server."""
    (command,) = re.findall(r"^CMD (\[.*\])\Z", (ROOT / "Dockerfile").read_text().strip(), re.MULTILINE | re.DOTALL)
    words: list[str] = json.loads(command.replace("\\\n", ""))
    return words[words.index("gunicorn") :]


def of_make_run() -> list[str]:
    words = list(commands._web(Options(ROOT, 8000)))
    return words[words.index("gunicorn") :]


def read(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("sys.argv", list(words))
    return WSGIApplication().cfg


@pytest.mark.parametrize("words", [of_the_image(), of_make_run()], ids=["image", "make run"])
def test_no_header_sets_a_path_prefix(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(["gunicorn", "portal.wsgi:application"], monkeypatch).forwarder_headers == ["SCRIPT_NAME", "PATH_INFO"]
    assert read(words, monkeypatch).forwarder_headers == []
