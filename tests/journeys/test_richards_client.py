"""Richard follows the page with the real AWS CLI and boto3, and AWS ends access with every process stopped."""

import json
import os
import re
from datetime import timedelta

from demo import cast
from dev.commands import DAYPASS, DEMO_ACCOUNT
from dev.stack import Stack
from tests.journeys.richard import Richard

UPLOAD = ("s3", "cp", cast.FILE, f"s3://{cast.BUCKET}/{cast.FILE}")


def profile_in(snippet: str) -> str:
    """Return the name of the profile: of the account and the role, and of the session where another grant is open."""
    (name,) = re.findall(r"^\[profile (\S+)\]$", snippet, re.MULTILINE | re.ASCII)
    assert name.startswith(f"{DEMO_ACCOUNT}-{cast.ROLE}")
    return str(name)


def test_richard_is_admitted_with_the_shown_profile_and_denied_at_the_end_with_every_process_dead(
    stack: Stack, richard: Richard
) -> None:
    assert "AccessDenied" in richard.aws("s3", "cp", cast.FILE, f"s3://{cast.BUCKET}/").stderr
    richard.asks()
    richard.is_approved()
    page = richard.waits_for("active")
    richard.pastes_profile(page)

    use = ("--profile", profile_in(richard.snippet(page, "AWS CLI profile")))
    uploaded = richard.aws(*UPLOAD, *use)
    assert uploaded.returncode == 0, uploaded.stderr
    assert "AccessDenied" in richard.aws("s3api", "list-buckets", *use).stderr
    read = richard.aws("s3api", "get-object", "--bucket", cast.BUCKET, "--key", cast.FILE, "x", *use)
    assert "AccessDenied" in read.stderr
    session = richard.snippet(page, "Session name").strip()
    assert json.loads(richard.aws("sts", "get-caller-identity", *use).stdout)["Arn"].endswith(session)

    ran = richard.python(richard.snippet(page, "Python (boto3)"))
    assert ran.stdout.strip().endswith(f"{cast.ROLE}/{session}"), ran.stderr
    in_bash = richard.bash(f"{richard.snippet(page, 'bash')}\naws sts get-caller-identity --query Arn --output text")
    assert in_bash.stdout.strip().endswith(f"{cast.ROLE}/{session}"), in_bash.stderr
    assume = ("sts", "assume-role", "--role-arn", richard.notes["role_arn"], "--role-session-name", session)
    keys = [json.loads(richard.aws(*assume).stdout)["Credentials"]["AccessKeyId"] for _ in range(2)]
    assert keys[0] != keys[1]
    richard.becomes("Mallory")
    assert "AccessDenied" in richard.aws(*assume).stderr
    richard.becomes("Richard")

    pids = [stack[name].pid for name in DAYPASS]
    stack.stop_daypass()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)  # noqa: PTH110
    try:
        richard.move_aws_clock(int(timedelta(hours=1, seconds=5).total_seconds()))
        assert "AccessDenied" in richard.aws(*assume).stderr
        # The CLI kept a session from before the end; AWS refuses that, too.
        assert richard.aws(*UPLOAD, *use).returncode != 0
    finally:
        richard.move_aws_clock(0)
        stack.start_daypass()
        stack.wait_until_ready()


def test_after_the_window_the_page_says_ended_and_the_statement_is_gone(stack: Stack, richard: Richard) -> None:
    richard.asks(length=timedelta(seconds=12))
    richard.is_approved()
    session = richard.snippet(richard.waits_for("active"), "Session name").strip()
    richard.waits_for("ended")
    written = [
        c["params"] for c in richard.aws_calls() if c["action"] == "UpdateAssumeRolePolicy" and c["outcome"] == "ok"
    ]
    assert any(session in json.dumps(params) for params in written)
    assert session not in json.dumps(written[-1])


def test_the_web_never_touches_iam(stack: Stack, richard: Richard) -> None:
    richard.asks()
    callers = {call["caller"].rsplit("/", 1)[-1] for call in richard.aws_calls() if call["service"] == "iam"}
    assert "daypass-worker" in callers
    assert "daypass-issuer" not in callers
    web = (stack.options.var / "aws" / "web.credentials").read_text()
    assert "[daypass-issuer]" in web
    assert "worker" not in web


def test_the_snippets_name_the_same_role_and_session(stack: Stack, richard: Richard) -> None:
    richard.asks()
    richard.is_approved()
    page = richard.waits_for("active")
    session = richard.snippet(page, "Session name").strip()
    for title in ("bash", "AWS CLI profile", "PowerShell", "Python (boto3)", "Terraform"):
        snippet = richard.snippet(page, title)
        assert richard.notes["role_arn"] in snippet
        assert session in snippet
    policy = json.loads(richard.snippet(page, "Policy for your AWS administrator"))
    assert policy["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": richard.notes["role_arn"]}
    ]
