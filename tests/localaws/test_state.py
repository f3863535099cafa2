"""The state outlives the process, also one that was killed."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.localaws.example import BUCKET, Example, make_example
from tests.localaws.server import Credentials, LocalAws, free_port, run

SAVED_WITHIN_SECONDS = 5.0
Begin = Callable[..., LocalAws]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "aws"


def await_saved(kept: Path, since: float) -> None:
    """Wait until the state was written after this moment."""
    deadline = time.monotonic() + SAVED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        state = kept / "state.json"
        if state.exists() and state.stat().st_mtime > since:
            return
        time.sleep(0.05)
    pytest.fail("the state was not saved")


def assert_all_there(again: LocalAws, before: Example, session: Credentials) -> None:
    after = Example(again, before.richard)
    assert after.assuming() == "allow"
    assert after.putting(session) == "allow"
    found = again.root(service="s3").get_object(Bucket=BUCKET, Key="richardsimportantfile.txt")
    assert found["Body"].read() == b"important"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_users_roles_sessions_and_objects_come_back(kept: Path, begin: Begin, how: signal.Signals) -> None:
    aws = begin(state_dir=kept)
    example = make_example(aws)
    session, assumed_at = example.assume(), time.time()
    example.putting(session)
    if how is signal.SIGKILL:
        await_saved(kept, assumed_at)
    aws.stop(how)
    again = begin(state_dir=kept)
    assert_all_there(again, example, session)


def test_the_state_reports_whether_it_is_fresh_and_keeps_its_id(kept: Path, begin: Begin) -> None:
    first = begin(state_dir=kept)
    told = first.state()
    first.stop()
    second = begin(state_dir=kept)
    told_again = second.state()
    second.reset()
    after_reset = second.state()
    second.stop()
    assert told["fresh"] is True
    assert told_again == {"fresh": False, "id": told["id"]}
    assert after_reset["fresh"] is True
    assert after_reset["id"] != told["id"]


def test_a_recreated_user_is_still_refused_after_a_restart(kept: Path, begin: Begin) -> None:
    aws = begin(state_dir=kept)
    example = make_example(aws)
    iam = aws.root("222222222222")
    iam.delete_user_policy(UserName="Richard", PolicyName="given")
    iam.delete_access_key(UserName="Richard", AccessKeyId=example.richard.access_key)
    iam.delete_user(UserName="Richard")
    aws.stop()
    again = begin(state_dir=kept)
    made_again = again.user("Richard", "222222222222", policy={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
    })  # fmt: skip
    assert Example(again, made_again).assuming() == "AccessDenied"


def test_a_session_from_get_session_token_comes_back_after_a_kill(kept: Path, begin: Begin) -> None:
    aws = begin(state_dir=kept)
    example = make_example(aws)
    await_saved(kept, time.time() - SAVED_WITHIN_SECONDS)
    asked_at = time.time()
    session = Credentials.of(aws.as_(example.richard, "sts").get_session_token())
    await_saved(kept, asked_at)
    aws.stop(signal.SIGKILL)
    again = begin(state_dir=kept)
    assert again.as_(session, "sts").get_caller_identity()["Account"] == "222222222222"


def test_an_unreadable_state_ends_the_start_with_a_sentence(kept: Path) -> None:
    kept.mkdir()
    (kept / "state.json").write_text('{"id":')
    ended = run("--port", str(free_port()), "--state-dir", str(kept))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"localaws: {kept}/state.json cannot be read")


def test_objects_without_a_state_are_deleted(kept: Path, begin: Begin) -> None:
    aws = begin(state_dir=kept)
    example = make_example(aws)
    example.putting(example.assume())
    aws.stop()
    (kept / "state.json").unlink()
    again = begin(state_dir=kept)
    assert again.state()["fresh"] is True
    assert again.root(service="s3").list_buckets()["Buckets"] == []


def test_a_reset_leaves_nothing(kept: Path, begin: Begin) -> None:
    aws = begin(state_dir=kept)
    example = make_example(aws)
    example.putting(example.assume())
    aws.clock(60)
    aws.fault("GetRole", "error")
    aws.settings(trust_quota=4096)
    aws.reset()
    assert aws.root().list_roles()["Roles"] == []
    assert aws.root(service="s3").list_buckets()["Buckets"] == []
    assert (aws.clock()["offset"], aws.faults(), aws.settings()["trust_quota"]) == (0, [], 2048)
    assert example.assuming() == "InvalidClientTokenId"
    aws.stop()
    again = begin(state_dir=kept)
    assert again.root(service="s3").list_buckets()["Buckets"] == []
