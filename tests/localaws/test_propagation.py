"""A change of a role is read back at once, but the judge sees it only after the delay."""

import json
import time
from collections.abc import Callable

import pytest

from tests.localaws.server import LocalAws
from tests.localaws.story import RICHARD_ARN, ROLE, Story, document, trust

LONG_MS = 60_000
SHORT_MS = 300
PATIENCE_SECONDS = 10.0


def await_outcome(attempt: Callable[[], str], wanted: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while attempt() != wanted:
        assert time.monotonic() < deadline, f"never became {wanted}"
        time.sleep(0.05)


def test_a_closed_trust_policy_stays_open_for_the_delay(story: Story) -> None:
    story.aws.settings(propagation_ms=LONG_MS)
    story.trusting(trust(Effect="Deny"))
    shown = story.aws.root().get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Effect"] == "Deny"
    assert story.assuming() == "allow"


def test_after_the_delay_it_is_closed(story: Story) -> None:
    story.aws.settings(propagation_ms=SHORT_MS)
    story.trusting(trust(Effect="Deny"))
    await_outcome(story.assuming, "AccessDenied")


def test_an_opened_trust_policy_stays_closed_for_the_delay(story: Story) -> None:
    story.trusting(trust(Effect="Deny"))
    story.aws.settings(propagation_ms=LONG_MS)
    story.trusting(trust())
    assert story.assuming() == "AccessDenied"


def test_a_new_role_is_unknown_to_sts_for_the_delay(story: Story) -> None:
    story.aws.settings(propagation_ms=LONG_MS)
    made = story.aws.root().create_role(
        RoleName="new", Path="/daypass/", AssumeRolePolicyDocument=json.dumps(document(trust(RICHARD_ARN)))
    )
    sts = story.aws.as_(story.richard, "sts")
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="grant-1")


def test_an_expiry_policy_is_seen_after_the_delay(story: Story) -> None:
    session = story.assume()
    closing = json.dumps(document({"Effect": "Deny", "Action": "*", "Resource": "*"}))
    story.aws.settings(propagation_ms=SHORT_MS)
    story.aws.root().put_role_policy(RoleName=ROLE, PolicyName="closing", PolicyDocument=closing)
    assert story.putting(session) == "allow"
    await_outcome(lambda: story.putting(session), "AccessDenied")


def test_two_changes_are_seen_one_after_the_other(story: Story) -> None:
    story.aws.settings(propagation_ms=SHORT_MS)
    story.trusting(trust(Effect="Deny"))
    story.trusting(trust())
    await_outcome(story.assuming, "allow")
    time.sleep(SHORT_MS / 1000)
    assert story.assuming() == "allow"


def test_without_a_delay_a_change_is_seen_at_once(story: Story) -> None:
    story.trusting(trust(Effect="Deny"))
    assert story.assuming() == "AccessDenied"


def test_settings_are_checked(aws: LocalAws) -> None:
    with pytest.raises(OSError, match="400"):
        aws.settings(gravity=1)
