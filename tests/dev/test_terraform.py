"""`make terraform-check` says how far it could look, and fails only for what is wrong."""

import os
import shutil
from pathlib import Path

import pytest

from dev import terraform


def put_on_path(monkeypatch: pytest.MonkeyPatch, directory: Path, script: str) -> None:
    """Put a terraform on the path that does what the script says; `$1` is the command."""
    program = directory / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.defpath}")


def test_without_terraform_it_says_so_and_passes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert terraform.main() == 0
    assert terraform.WITHOUT_TERRAFORM in capsys.readouterr().out


def test_without_a_provider_only_the_format_is_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_on_path(monkeypatch, tmp_path, 'test "$1" = fmt || exit 1')
    monkeypatch.delenv("TF_PLUGIN_DIR", raising=False)
    assert terraform.main() == 0
    assert terraform.WITHOUT_PROVIDER in capsys.readouterr().out


@pytest.mark.parametrize("failing", ["fmt", "init", "validate"])
def test_an_error_fails_and_is_shown(
    failing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_on_path(monkeypatch, tmp_path, f'if test "$1" = {failing}; then echo "no good"; exit 3; fi')
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path))
    assert terraform.main() == 1
    assert "no good" in capsys.readouterr().out


def test_no_configuration_of_the_machine_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_on_path(monkeypatch, tmp_path, 'test -z "$TF_CLI_CONFIG_FILE"')
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "rc"))
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path))
    assert terraform.main() == 0


def test_the_modules_as_they_are_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert terraform.main() == 0
    assert (shutil.which("terraform") is None) == (terraform.WITHOUT_TERRAFORM in capsys.readouterr().out)
