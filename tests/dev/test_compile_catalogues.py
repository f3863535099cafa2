"""Setting up compiles the translations that are there, and only those that changed."""

import os
import sys
from pathlib import Path

import pytest

from dev import environments


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the commands that were run, which are not run here."""
    run: list[list[str]] = []
    monkeypatch.setattr(environments, "_run", run.append)
    return run


def test_only_changed_catalogues_are_compiled(tmp_path: Path, commands: list[list[str]]) -> None:
    environments.compile_catalogues(tmp_path, Path(sys.executable))
    assert commands == []
    source = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.touch()
    environments.compile_catalogues(tmp_path, Path(sys.executable))
    assert commands == [[sys.executable, "-m", "portal.catalogues"]]
    compiled = source.with_suffix(".mo")
    compiled.touch()
    os.utime(source, (1, 1))
    environments.compile_catalogues(tmp_path, Path(sys.executable))
    assert len(commands) == 1
    os.utime(compiled, (0, 0))
    environments.compile_catalogues(tmp_path, Path(sys.executable))
    assert len(commands) == 2
