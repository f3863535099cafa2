"""Chromium is found, or one sentence says what to do."""

import os
import shutil

import pytest

from dev import chromium


def test_the_named_browser_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/browser")
    assert chromium.find() == "/opt/browser"


def test_otherwise_the_browser_on_the_path_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", {"chromium-browser": "/usr/bin/chromium-browser"}.get)
    assert chromium.find() == "/usr/bin/chromium-browser"


def test_without_a_browser_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(chromium.NoChromium, match="apt-get install chromium"):
        chromium.find()


def test_only_root_runs_without_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in chromium.flags()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--no-sandbox" in chromium.flags()
