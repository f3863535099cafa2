"""The log tells who called what with which documents, and never a secret."""

import json
import urllib.request

import boto3

from tests.contract.onetime import Device
from tests.contract.sandbox import Sandbox, Side
from tests.localaws.server import CONTRACTOR_ACCOUNT, HOST_ACCOUNT, REGION
from tests.localaws.story import RICHARD_ARN, ROLE, ROLE_ARN, Story, document, trust


def test_a_call_is_logged_with_caller_action_and_outcome(story: Story) -> None:
    story.aws.forget_calls()
    story.assume("grant-7")
    (call,) = story.aws.calls()
    assert (call["service"], call["action"], call["outcome"], call["status"]) == ("sts", "AssumeRole", "ok", 200)
    assert (call["caller"], call["account"]) == (RICHARD_ARN, CONTRACTOR_ACCOUNT)
    assert call["params"] == {"RoleArn": ROLE_ARN, "RoleSessionName": "grant-7"}


def test_a_refusal_is_logged_with_its_code(story: Story) -> None:
    story.trusting(trust(Effect="Deny"))
    story.aws.forget_calls()
    story.assuming()
    assert [(call["outcome"], call["status"]) for call in story.aws.calls()] == [("AccessDenied", 403)]


def test_documents_are_logged_whole(story: Story) -> None:
    wanted = document(trust(Condition={"StringEquals": {"sts:ExternalId": "x" * 900}}))
    story.trusting(*wanted["Statement"])
    assert json.loads(story.aws.calls()[-1]["params"]["PolicyDocument"]) == wanted


def test_a_session_is_logged_by_its_own_arn(story: Story) -> None:
    story.putting(story.assume("grant-8"))
    call = story.aws.calls()[-1]
    assert (call["service"], call["action"]) == ("s3", "PutObject")
    assert call["caller"] == f"arn:aws:sts::{HOST_ACCOUNT}:assumed-role/{ROLE}/grant-8"


def test_since_gives_what_came_after(story: Story) -> None:
    last = story.aws.calls()[-1]["n"]
    story.assume()
    assert [call["n"] for call in story.aws.calls(since=last)] == [last + 1]


def test_numbers_go_on_after_the_log_was_emptied(story: Story) -> None:
    last = story.aws.calls()[-1]["n"]
    story.aws.forget_calls()
    story.assume()
    assert story.aws.calls()[0]["n"] == last + 1


def test_no_secret_is_ever_logged(story: Story) -> None:
    side = Side(CONTRACTOR_ACCOUNT, boto3.Session(CONTRACTOR_ACCOUNT, "test", region_name=REGION), story.aws.url)
    stage = Sandbox(side, side, story.aws)
    Device.enabled(stage, stage.user(side, "Factor"))
    story.putting(story.assume())
    iam = story.aws.root(CONTRACTOR_ACCOUNT)
    iam.create_login_profile(UserName="Richard", Password="correct-horse-battery")
    log = json.dumps(story.aws.calls())
    assert "correct-horse-battery" not in log
    assert "AuthenticationCode" not in log
    assert not [secret for secret in story.aws.secrets() if secret in log]


def test_every_secret_handed_out_is_remembered_for_leak_tests(story: Story) -> None:
    session = story.assume()
    assert {story.richard.secret_key, session.secret_key, session.token} <= set(story.aws.secrets())


def test_the_identity_of_a_caller_comes_as_json_to_who_accepts_it(story: Story) -> None:
    sts = story.aws.root(CONTRACTOR_ACCOUNT, "sts")
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    asked = urllib.request.Request(url, headers={"accept": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        found = json.load(answer)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert found["Arn"] == f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"
    assert set(found) == {"Arn", "UserId", "Account"}
