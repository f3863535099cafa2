"""Faults meet the calls that they are set for, as often as they are set for, and leave the others alone."""

import json
import time
import urllib.error

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from tests.localaws.server import LocalAws
from tests.localaws.story import ROLE, Story, code_of, document, trust

DEFAULT_DENY = document(trust(Effect="Deny"))


def rewrite(story: Story, role: str = ROLE) -> str:
    iam = story.aws.root()
    return code_of(lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(DEFAULT_DENY)))


def trust_now(story: Story) -> object:
    return story.aws.root().get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]


def test_throttling_refuses_without_applying(story: Story) -> None:
    before = trust_now(story)
    story.aws.fault("UpdateAssumeRolePolicy", "throttle", times=1)
    assert rewrite(story) == "Throttling"
    assert trust_now(story) == before
    assert rewrite(story) == "allow"


def test_an_error_refuses_without_applying(story: Story) -> None:
    before = trust_now(story)
    story.aws.fault("UpdateAssumeRolePolicy", "error", status=503, times=1)
    assert rewrite(story) == "ServiceUnavailable"
    assert trust_now(story) == before


def test_an_error_may_have_any_code(story: Story) -> None:
    story.aws.fault("UpdateAssumeRolePolicy", "error", code="ConcurrentModification", status=409, times=1)
    assert rewrite(story) == "ConcurrentModification"


def test_a_slow_call_whose_caller_gave_up_is_applied_all_the_same(story: Story) -> None:
    story.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=0.5, times=1)
    hasty = Config(read_timeout=0.1, retries={"total_max_attempts": 1, "mode": "standard"})
    iam = story.aws.client("iam", "111111111111", "test", config=hasty)
    with pytest.raises(ReadTimeoutError):
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(DEFAULT_DENY))
    deadline = time.monotonic() + 10
    while trust_now(story) != DEFAULT_DENY:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_lost_answer_was_applied_all_the_same(story: Story) -> None:
    story.aws.fault("UpdateAssumeRolePolicy", "lost", times=1)
    assert rewrite(story) == "InternalFailure"
    assert trust_now(story) == DEFAULT_DENY
    assert [(call["action"], call["outcome"]) for call in story.aws.calls()][-2] == ("UpdateAssumeRolePolicy", "ok")


def test_a_slow_call_is_answered_in_the_end(story: Story) -> None:
    story.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=0.2, times=1)
    assert rewrite(story) == "allow"


def test_a_fault_for_one_role_leaves_the_others_alone(story: Story) -> None:
    other = story.aws.fresh("role")
    story.aws.root().create_role(RoleName=other, AssumeRolePolicyDocument=json.dumps(document(trust())))
    story.aws.fault("UpdateAssumeRolePolicy", "throttle", role=other)
    assert rewrite(story) == "allow"
    assert rewrite(story, other) == "Throttling"


def test_a_fault_may_wait_for_the_last_call_of_another(story: Story) -> None:
    iam = story.aws.root()
    first = story.aws.fault("UpdateAssumeRolePolicy", "slow", times=1)
    story.aws.fault("GetRole", "throttle", after=first["id"], times=1)
    iam.get_role(RoleName=ROLE)
    assert rewrite(story) == "allow"
    assert code_of(lambda: iam.get_role(RoleName=ROLE)) == "Throttling"
    assert code_of(lambda: iam.get_role(RoleName=ROLE)) == "allow"


def test_a_fault_may_meet_assume_role_and_s3(story: Story) -> None:
    session = story.assume()
    story.aws.fault("*", "throttle", times=2)
    assert story.assuming() == "Throttling"
    assert story.putting(session) == "SlowDown"
    assert story.putting(session) == "allow"


def test_faults_are_listed_and_cleared(story: Story) -> None:
    story.aws.fault("GetRole", "error")
    assert [fault["action"] for fault in story.aws.faults()] == ["GetRole"]
    story.aws.clear_faults()
    assert story.aws.faults() == []


def test_probability_zero_never_meets(story: Story) -> None:
    story.aws.fault("UpdateAssumeRolePolicy", "throttle", probability=0.0)
    assert rewrite(story) == "allow"


@pytest.mark.parametrize("kind", ["slowly", "", "THROTTLE"])
def test_an_unknown_kind_of_fault_is_refused(aws: LocalAws, kind: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.fault("GetRole", kind)
