"""The log tells who called what with which documents, and never a secret."""

import json
import urllib.request

import boto3

from tests.contract.onetime import Device
from tests.contract.sandbox import Sandbox, Side
from tests.localaws.example import RICHARD_ARN, ROLE, ROLE_ARN, Example, document, trust
from tests.localaws.server import CONTRACTOR_ACCOUNT, HOST_ACCOUNT, REGION


def test_a_call_is_logged_with_caller_action_and_outcome(example: Example) -> None:
    example.aws.forget_calls()
    example.assume("grant-7")
    (call,) = example.aws.calls()
    assert (call["service"], call["action"], call["outcome"], call["status"]) == ("sts", "AssumeRole", "ok", 200)
    assert (call["caller"], call["account"]) == (RICHARD_ARN, CONTRACTOR_ACCOUNT)
    assert call["params"] == {"RoleArn": ROLE_ARN, "RoleSessionName": "grant-7"}


def test_a_refusal_is_logged_with_its_code(example: Example) -> None:
    example.trusting(trust(Effect="Deny"))
    example.aws.forget_calls()
    example.assuming()
    assert [(call["outcome"], call["status"]) for call in example.aws.calls()] == [("AccessDenied", 403)]


def test_documents_are_logged_whole(example: Example) -> None:
    wanted = document(trust(Condition={"StringEquals": {"sts:ExternalId": "x" * 900}}))
    example.trusting(*wanted["Statement"])
    assert json.loads(example.aws.calls()[-1]["params"]["PolicyDocument"]) == wanted


def test_a_session_is_logged_with_its_own_arn(example: Example) -> None:
    example.putting(example.assume("grant-8"))
    call = example.aws.calls()[-1]
    assert (call["service"], call["action"]) == ("s3", "PutObject")
    assert call["caller"] == f"arn:aws:sts::{HOST_ACCOUNT}:assumed-role/{ROLE}/grant-8"


def test_since_returns_later_calls(example: Example) -> None:
    last = example.aws.calls()[-1]["n"]
    example.assume()
    assert [call["n"] for call in example.aws.calls(since=last)] == [last + 1]


def test_numbers_continue_after_the_log_was_emptied(example: Example) -> None:
    last = example.aws.calls()[-1]["n"]
    example.aws.forget_calls()
    example.assume()
    assert example.aws.calls()[0]["n"] == last + 1


def test_no_secret_is_ever_logged(example: Example) -> None:
    side = Side(CONTRACTOR_ACCOUNT, boto3.Session(CONTRACTOR_ACCOUNT, "test", region_name=REGION), example.aws.url)
    stage = Sandbox(side, side, example.aws)
    Device.enabled(stage, stage.user(side, "Factor"))
    example.putting(example.assume())
    iam = example.aws.root(CONTRACTOR_ACCOUNT)
    iam.create_login_profile(UserName="Richard", Password="correct-horse-battery")
    log = json.dumps(example.aws.calls())
    assert "correct-horse-battery" not in log
    assert "AuthenticationCode" not in log
    assert not [secret for secret in example.aws.secrets() if secret in log]


def test_every_issued_secret_is_remembered_for_leak_tests(example: Example) -> None:
    session = example.assume()
    assert {example.richard.secret_key, session.secret_key, session.token} <= set(example.aws.secrets())


def test_the_identity_of_a_caller_is_returned_as_json_on_request(example: Example) -> None:
    sts = example.aws.root(CONTRACTOR_ACCOUNT, "sts")
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    asked = urllib.request.Request(url, headers={"accept": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        found = json.load(answer)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert found["Arn"] == f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"
    assert set(found) == {"Arn", "UserId", "Account"}
