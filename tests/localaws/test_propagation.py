"""A change of a role is read back immediately, but IAM evaluates it only after the delay."""

import json
import time
from collections.abc import Callable

import pytest

from tests.localaws.example import RICHARD_ARN, ROLE, Example, document, trust
from tests.localaws.server import LocalAws

LONG_MS = 60_000
SHORT_MS = 300
PATIENCE_SECONDS = 10.0


def await_outcome(attempt: Callable[[], str], wanted: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while attempt() != wanted:
        assert time.monotonic() < deadline, f"never became {wanted}"
        time.sleep(0.05)


def test_a_closed_trust_policy_stays_open_for_the_delay(example: Example) -> None:
    example.aws.settings(propagation_ms=LONG_MS)
    example.trusting(trust(Effect="Deny"))
    shown = example.aws.root().get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Effect"] == "Deny"
    assert example.assuming() == "allow"


def test_after_the_delay_it_is_closed(example: Example) -> None:
    example.aws.settings(propagation_ms=SHORT_MS)
    example.trusting(trust(Effect="Deny"))
    await_outcome(example.assuming, "AccessDenied")


def test_an_opened_trust_policy_stays_closed_for_the_delay(example: Example) -> None:
    example.trusting(trust(Effect="Deny"))
    example.aws.settings(propagation_ms=LONG_MS)
    example.trusting(trust())
    assert example.assuming() == "AccessDenied"


def test_a_new_role_is_unknown_to_sts_for_the_delay(example: Example) -> None:
    example.aws.settings(propagation_ms=LONG_MS)
    made = example.aws.root().create_role(
        RoleName="new", Path="/daypass/", AssumeRolePolicyDocument=json.dumps(document(trust(RICHARD_ARN)))
    )
    sts = example.aws.as_(example.richard, "sts")
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="grant-1")


def test_an_expiry_policy_is_seen_after_the_delay(example: Example) -> None:
    session = example.assume()
    closing = json.dumps(document({"Effect": "Deny", "Action": "*", "Resource": "*"}))
    example.aws.settings(propagation_ms=SHORT_MS)
    example.aws.root().put_role_policy(RoleName=ROLE, PolicyName="closing", PolicyDocument=closing)
    assert example.putting(session) == "allow"
    await_outcome(lambda: example.putting(session), "AccessDenied")


def test_two_changes_are_seen_one_after_the_other(example: Example) -> None:
    example.aws.settings(propagation_ms=SHORT_MS)
    example.trusting(trust(Effect="Deny"))
    example.trusting(trust())
    await_outcome(example.assuming, "allow")
    time.sleep(SHORT_MS / 1000)
    assert example.assuming() == "allow"


def test_without_a_delay_a_change_is_seen_immediately(example: Example) -> None:
    example.trusting(trust(Effect="Deny"))
    assert example.assuming() == "AccessDenied"


def test_settings_are_validated(aws: LocalAws) -> None:
    with pytest.raises(OSError, match="400"):
        aws.settings(gravity=1)
