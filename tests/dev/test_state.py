"""Portal and AWS start empty together, and given databases are never touched."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from dev import wiring
from dev.commands import environment, management_environment
from dev.lease import hold
from dev.options import ROOT, Options
from dev.state import forget_aws_without_portal, forget_portal_without_aws

GIVEN_DATABASE = "postgres://daypass@db.example.com/daypass"


def laid(var: Path, *names: str) -> None:
    for name in names:
        (var / name).parent.mkdir(parents=True, exist_ok=True)
        (var / name).write_text("kept")


def test_without_the_database_of_the_portal_aws_starts_empty(var: Path) -> None:
    laid(var, "aws/state/iam.json")
    forget_aws_without_portal(Options(var=var, port=8000))
    assert not (var / "aws" / "state").exists()


def test_with_the_database_of_the_portal_aws_keeps_its_state(var: Path) -> None:
    laid(var, "aws/state/iam.json", "daypass.sqlite3")
    forget_aws_without_portal(Options(var=var, port=8000))
    assert (var / "aws" / "state" / "iam.json").read_text() == "kept"


def test_with_a_given_database_aws_keeps_its_state(var: Path) -> None:
    laid(var, "aws/state/iam.json")
    forget_aws_without_portal(Options(var=var, port=8000, database_url=GIVEN_DATABASE))
    assert (var / "aws" / "state" / "iam.json").read_text() == "kept"


def test_without_aws_the_database_of_the_portal_starts_empty(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid(var, "daypass.sqlite3", "daypass.sqlite3-wal", "demo.json")
    forget_portal_without_aws(Options(var=var, port=8000))
    assert [file.name for file in var.iterdir()] == ["demo.json"]
    assert "created again" in capsys.readouterr().out


def test_without_aws_a_given_database_stays_with_a_message(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid(var, "daypass.sqlite3")
    forget_portal_without_aws(Options(var=var, port=8000, database_url=GIVEN_DATABASE))
    assert (var / "daypass.sqlite3").exists()
    assert "the database keeps its data" in capsys.readouterr().out


def test_the_secret_key_outlives_the_run(var: Path) -> None:
    options = Options(var=var, port=8000)
    first = wiring.make(options)
    wiring.write(options, first)
    assert wiring.make(options).secret_key == first.secret_key
    assert wiring.make(options).redis_password != first.redis_password


def test_given_settings_are_used(var: Path) -> None:
    given = Options(
        var=var,
        port=8000,
        database_url=GIVEN_DATABASE,
        redis_url="redis://cache.example.com/0",
        aws_endpoint_url="https://aws.example.com",
    )
    settings = wiring.settings(given, wiring.make(given))
    assert settings["DATABASE_URL"] == GIVEN_DATABASE
    assert settings["REDIS_URL"] == "redis://cache.example.com/0"
    assert settings["AWS_ENDPOINT_URL"] == "https://aws.example.com"
    assert settings["DAYPASS_SIGNIN_URL"] == ""


def test_aws_settings_of_the_caller_reach_no_process(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the caller")
    monkeypatch.setenv("DAYPASS_DEMO_HOST_ADMIN", "key:secret")
    options = Options(var=var, port=8000)
    made = wiring.make(options)
    for name in ("aws", "redis", "web", "worker", "beat"):
        found = environment(name, options, made)
        assert not {"AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "DAYPASS_DEMO_HOST_ADMIN"} & set(found)
    for_commands = management_environment(options, made)
    assert for_commands["DAYPASS_DEMO_HOST_ADMIN"] == "key:secret"
    assert "AWS_PROFILE" not in for_commands


def test_a_reset_deletes_everything(var: Path) -> None:
    laid(var, "daypass.sqlite3", "aws/state/iam.json")
    assert reset({"DAYPASS_VAR_DIR": str(var)}).returncode == 0
    assert not var.exists()


def test_a_reset_while_daypass_runs_is_refused(var: Path) -> None:
    laid(var, "daypass.sqlite3")
    with hold(var):
        done = reset({"DAYPASS_VAR_DIR": str(var)})
    assert done.returncode == 1
    assert done.stderr.startswith("Daypass is already running")
    assert (var / "daypass.sqlite3").exists()


def reset(given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dev.reset"],
        cwd=ROOT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
