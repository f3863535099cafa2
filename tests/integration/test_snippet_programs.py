"""The snippets of the kit in the programs that they are for, as far as those run without AWS."""

import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from access.ledger.grants import mark_applied
from access.models import Grant, Role
from access.presenters import snippets
from access.uploads import upload_policy
from tests import factories
from tests.factories import NOON, Cast
from tests.programs import in_powershell, in_terraform

ASKS = [
    {},
    {"external_id": "example-external-id"},
    {"requires_mfa": True},
    {"external_id": "x=1+2", "requires_mfa": True, "max_session_seconds": 43200},
]


def snippets_of_grant(cast: Cast, **role: object) -> dict[str, str]:
    """Return the snippets of Richard's access to such a role, by their titles."""
    Role.objects.update(**role)
    cast.role.refresh_from_db()
    grant = factories.create_grant(cast)
    mark_applied([grant], by="worker", now=NOON, statements={grant.session_name: {}})
    grant = Grant.objects.select_related("role__account").get(pk=grant.pk)
    return {snippet.title: snippet.text for snippet in snippets.snippets_for(grant, now=NOON)}


@pytest.mark.parametrize("asks", ASKS)
def test_powershell_requests_exactly_this_session(cast: Cast, asks: dict[str, object]) -> None:
    commands = in_powershell(snippets_of_grant(cast, **asks)["PowerShell"])
    name, parameters = commands[0]
    grant = Grant.objects.select_related("role__account").get()
    expected = {"-RoleArn": grant.role.arn, "-RoleSessionName": grant.session_name, "-DurationInSeconds": "3600"}
    expected |= {"-ExternalId": grant.external_id} if grant.external_id else {}
    assert name == "Use-STSRole"
    assert parameters.items() >= expected.items()
    assert ("-SerialNumber" in parameters) == ("-TokenCode" in parameters) == grant.requires_mfa
    assert ("Set-AWSCredential", {"-Credential": "$role.Credentials"}) in commands


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:4999"])
@pytest.mark.parametrize("asks", ASKS)
def test_bash_requests_exactly_this_session_and_exports_it(
    cast: Cast, asks: dict[str, object], endpoint: str, tmp_path: Path, settings: Any
) -> None:
    settings.AWS_ENDPOINT_URL = endpoint
    program = tmp_path / "aws"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" "$AWS_ENDPOINT_URL" > {tmp_path}/asked\nprintf "KEY\\tSEC/+=\\tTOK"\n'
    )
    program.chmod(0o755)
    script = snippets_of_grant(cast, **asks)["bash"] + "\nenv"
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, input="123456\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"AWS_ACCESS_KEY_ID=KEY", "AWS_SECRET_ACCESS_KEY=SEC/+=", "AWS_SESSION_TOKEN=TOK"} <= set(
        done.stdout.splitlines()
    )
    *asked, used = (tmp_path / "asked").read_text().splitlines()
    given = dict(itertools.pairwise(asked))
    grant = Grant.objects.select_related("role__account").get()
    assert used == endpoint
    assert (given["--role-arn"], given["--role-session-name"]) == (grant.role.arn, grant.session_name)
    assert given.get("--external-id", "") == grant.external_id
    assert given.get("--token-code", "") == ("123456" if grant.requires_mfa else "")


@pytest.mark.parametrize("asks", ASKS)
def test_terraform_requests_exactly_this_session(cast: Cast, asks: dict[str, object]) -> None:
    (provider,) = in_terraform(snippets_of_grant(cast, **asks)["Terraform"])["provider"]
    (block,) = provider.values()
    (assumed,) = block["assume_role"]
    grant = Grant.objects.select_related("role__account").get()
    said = {key: str(value).strip('"') for key, value in assumed.items()}
    assert (said["role_arn"], said["session_name"]) == (grant.role.arn, grant.session_name)
    assert said.get("external_id", "") == grant.external_id


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH: its snippet is not read by it")
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:4999"])
@pytest.mark.parametrize("asks", ASKS)
def test_terraform_reads_its_snippet_and_would_format_it_the_same(
    cast: Cast, asks: dict[str, object], endpoint: str, tmp_path: Path, settings: Any
) -> None:
    settings.AWS_ENDPOINT_URL = endpoint
    file = tmp_path / "provider.tf"
    file.write_text(snippets_of_grant(cast, **asks)["Terraform"])
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_uploads_that_must_belong_to_us_say_so_in_every_snippet(cast: Cast, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    ours = upload_policy("importantprojectbucket", prefix="incoming/", must_belong_to_us=True)
    snippets = snippets_of_grant(cast, permissions=ours)
    options = "--acl bucket-owner-full-control --profile 111111111111-importantproject-put"
    place = f"s3://importantprojectbucket/incoming/ {options}"
    assert place in snippets["AWS CLI profile"]
    assert "-Key 'incoming/yourfile.txt'" in snippets["PowerShell"]
    assert "-CannedACLName bucket-owner-full-control" in snippets["PowerShell"]
