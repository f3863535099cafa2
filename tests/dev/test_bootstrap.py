"""The first thing that runs says what is wrong in one sentence, and installs nothing twice."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev import environments
from dev.environments import Environment, SetupError
from dev.options import ROOT

BOOTSTRAP = ROOT / "dev" / "bootstrap.py"


def test_a_python_that_is_too_old_is_refused_with_one_sentence() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend, str(BOOTSTRAP)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Daypass needs Python 3.11 or newer; {sys.executable} is 3.9.")
    assert len(done.stderr.splitlines()) == 1


def test_an_old_python_can_read_the_file_that_refuses_it() -> None:
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 4))


def test_installed_packages_are_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = made_environment(tmp_path, "runtime")
    monkeypatch.setattr(environments, "install", refuse)
    environments.ensure(environment)


def test_a_changed_lock_file_is_installed_and_development_packages_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = made_environment(tmp_path, "runtime", "dev")
    (environment.directory / environments.STAMP).write_text("runtime 0ld\ndev 0ld\n")
    installed: list[list[str]] = []
    monkeypatch.setattr(environments, "create", lambda _: None)
    monkeypatch.setattr(environments, "install", lambda _, locks: installed.append(locks))
    environments.ensure(Environment(environment.directory, ("runtime",)))
    assert installed == [["runtime", "dev"]]
    assert environments.installed_locks(environment) == hashes("runtime", "dev")


def test_a_set_up_that_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = made_environment(tmp_path, "runtime")
    (environment.directory / environments.STAMP).write_text("runtime 0ld\n")
    monkeypatch.setattr(environments, "create", lambda _: None)
    monkeypatch.setattr(environments, "install", refuse)
    with pytest.raises(SetupError):
        environments.ensure(environment)
    assert environments.installed_locks(environment) == {}


def test_without_the_venv_module_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match=r"apt-get install python3\.\d+-venv"):
        environments.create(Environment(tmp_path / "none", ("runtime",)))


def test_uv_uses_the_package_index_of_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.com/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    settings = environments.uv_settings()
    assert settings["UV_DEFAULT_INDEX"] == "https://packages.example.com/simple"


def test_the_own_settings_of_uv_take_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.com/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example.com/simple")
    assert environments.uv_settings()["UV_DEFAULT_INDEX"] == "https://uv.example.com/simple"


def test_the_lock_files_have_hashes_and_no_addresses() -> None:
    for file in environments.REQUIREMENTS.glob("*.txt"):
        text = file.read_text()
        assert "--hash=sha256:" in text, file.name
        assert "://" not in text, file.name


def made_environment(directory: Path, *locks: str) -> Environment:
    environment = Environment(directory, locks)
    environment.python.parent.mkdir()
    environment.python.touch()
    lines = (f"{name} {digest}\n" for name, digest in hashes(*locks).items())
    (directory / environments.STAMP).write_text("".join(lines))
    return environment


def hashes(*locks: str) -> dict[str, str]:
    return {name: environments.lock_hash(name) for name in locks}


def refuse(*_: object) -> None:
    raise SetupError("This should not have happened.")
