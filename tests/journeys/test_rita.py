"""Rita uses only portal-issued sessions, with real programs, and no secret stays behind."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from demo import cast
from dev.commands import DEMO_ACCOUNT
from dev.stack import Stack
from tests.journeys.rita import Rita
from tests.programs import in_powershell

UPLOAD = ("aws", "s3", "cp", cast.FILE, f"s3://{cast.BUCKET}/{cast.FILE}")
OTHERS = ("worker", "urgent", "revocations", "issuer", "beat")
WHO = ("aws", "sts", "get-caller-identity")


@pytest.fixture
def rita(stack: Stack, tmp_path: Path) -> Iterator[Rita]:
    yield (rita := Rita(stack, tmp_path))
    rita.ask_aws("clock?offset=0", method="POST")
    rita.returns_access()


def test_every_tab_works_in_its_program(rita: Rita) -> None:
    assert rita.runs(*UPLOAD).returncode != 0
    rita.has_access()
    rita.confirms()
    tabs = rita.tabs()

    in_bash = rita.runs("bash", "-ec", f"{tabs['bash']}\n{shlex.join(UPLOAD)}", endpoint=False)
    assert in_bash.returncode == 0, in_bash.stderr
    rita.writes(".aws/credentials", tabs["~/.aws/credentials"])
    by_profile = rita.runs(*UPLOAD, "--profile", f"{DEMO_ACCOUNT}-{cast.ROLE}", endpoint=False)
    assert by_profile.returncode == 0, by_profile.stderr
    file = rita.writes("session.json", tabs["JSON"])
    rita.writes(".aws/config", f"[profile process]\nregion = us-east-1\ncredential_process = cat {file}\n")
    by_process = rita.runs(*UPLOAD, "--profile", "process")
    assert by_process.returncode == 0, by_process.stderr
    ask = 'print(session.client("sts").get_caller_identity()["Arn"])'
    in_python = rita.runs("python", "-c", f"{tabs['Python']}\n{ask}", endpoint=False)
    assert f"/{cast.ROLE}/dp" in in_python.stdout, in_python.stderr
    in_powershell(tabs["PowerShell"])
    for title, line in (("PowerShell", r"\$env:(\w+) = '([^']*)'"), ("cmd", r'set "(\w+)=([^"%!^&<>|]*)"')):
        lines = tabs[title].splitlines()
        pairs = [(match[1], match[2]) for one in lines if (match := re.fullmatch(line, one, re.ASCII))]
        assert len(pairs) == len(lines) == 5
        shown = rita.runs(*WHO, given=dict(pairs), endpoint=False)
        assert f"/{cast.ROLE}/dp" in shown.stdout, shown.stderr


def test_the_console_shows_the_session_and_ends_with_the_grant(rita: Rita) -> None:
    rita.has_access(length=timedelta(minutes=3))
    rita.confirms()
    answer = rita.presses("console", service="s3")
    assert answer.status_code == requests.codes.found
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    browser = requests.Session()
    page = browser.get(answer.headers["Location"], timeout=30)
    found = browser.get(f"{rita.aws_url}/console/session", timeout=30).json()
    session = found["arn"].rsplit("/", 1)[1]
    assert session in page.text
    assert found["issuer"].endswith(rita.path)
    assert act(browser, rita) == "ok"
    rita.ask_aws("clock?offset=190", method="POST")
    assert act(browser, rita) == "AccessDenied"


def act(browser: requests.Session, rita: Rita) -> str:
    """Return what the console's button for uploading answers."""
    form = {"action": "put", "bucket": cast.BUCKET, "key": cast.FILE}
    wants = {"Accept": "application/json"}
    return str(browser.post(f"{rita.aws_url}/console/act", data=form, headers=wants, timeout=30).json()["code"])


def test_returned_access_is_tried_by_the_portal_and_observed_as_refused(rita: Rita) -> None:
    rita.has_access()
    rita.returns_access()
    rita.waits_to_read("AWS confirmed that it refuses")


def test_with_worker_and_redis_down_issuing_works_and_access_still_ends(stack: Stack, rita: Rita) -> None:
    rita.has_access(length=timedelta(minutes=3))
    rita.confirms()
    for name in (*OTHERS, "redis"):
        stack[name].kill()
    try:
        given = rita.presses("credentials", accept="application/json")
        assert given.status_code == requests.codes.ok, given.text
        rita.writes("session.json", given.text)
        rita.writes(
            ".aws/config", f"[default]\nregion = us-east-1\ncredential_process = cat {rita.home / 'session.json'}\n"
        )
        assert rita.runs(*UPLOAD).returncode == 0
        rita.ask_aws("clock?offset=190", method="POST")
        assert "AccessDenied" in rita.runs(*UPLOAD).stderr
    finally:
        rita.ask_aws("clock?offset=0", method="POST")
        stack.start_service("redis")
        stack.start_daypass(OTHERS)
        stack.wait_until_ready()


def test_no_secret_stays_behind_with_every_log_at_debug(stack: Stack, rita: Rita) -> None:
    rita.has_access()
    rita.confirms()
    shown = "".join(rita.tabs().values())
    rita.presses("console")
    rita.portal.open(rita.path)
    secrets = [secret for secret in rita.ask_aws("secrets")["secrets"] if len(secret) > 8]
    assert len([secret for secret in secrets if secret in shown]) >= 2

    logs = "".join(file.read_text(errors="replace") for file in (stack.options.var / "logs").iterdir())
    assert '"level": "debug"' in logs
    for place, text in {
        "logs": logs,
        "database": stack.manage("dumpdata", "--all"),
        "redis": everything_in(stack.wiring.redis_url),
        "later page": rita.portal.page.text,
    }.items():
        assert text
        assert not [secret[:12] for secret in secrets if secret in text], place


def everything_in(url: str) -> str:
    server: Any = redis.Redis.from_url(url)
    server.set("listening", "1")
    return "".join(repr(server.dump(key)) for key in server.scan_iter())


def test_the_command_says_why_rita_is_denied(stack: Stack, rita: Rita) -> None:
    rita.has_access()
    rita.confirms()
    given = rita.presses("credentials", accept="application/json").json()
    rita.writes("session.json", json.dumps(given))
    rita.writes(
        ".aws/config", f"[default]\nregion = us-east-1\ncredential_process = cat {rita.home / 'session.json'}\n"
    )
    arn = json.loads(rita.runs(*WHO).stdout)["Arn"]
    denied = rita.runs("aws", "s3api", "get-object", "--bucket", cast.BUCKET, "--key", cast.FILE, "x")
    assert "AccessDenied" in denied.stderr
    said = rita.portal.open(f"{rita.path}denied/")
    said = rita.portal.send("symptom", text=denied.stderr, symptom="")
    assert "The role does not permit s3:GetObject at all." in said.text
    told = stack.manage("why_denied", arn.rsplit("/", 1)[1], "--symptom", "upload")
    assert told.splitlines()[0].startswith("likely")
