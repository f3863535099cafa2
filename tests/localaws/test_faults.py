"""Faults meet the calls that they are set for, as often as they are set for, and leave the others alone."""

import json
import time
import urllib.error

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from tests.localaws.example import ROLE, Example, code_of, document, trust
from tests.localaws.server import LocalAws

DEFAULT_DENY = document(trust(Effect="Deny"))


def rewrite(example: Example, role: str = ROLE) -> str:
    iam = example.aws.root()
    return code_of(lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(DEFAULT_DENY)))


def trust_now(example: Example) -> object:
    return example.aws.root().get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]


def test_throttling_refuses_without_applying(example: Example) -> None:
    before = trust_now(example)
    example.aws.fault("UpdateAssumeRolePolicy", "throttle", times=1)
    assert rewrite(example) == "Throttling"
    assert trust_now(example) == before
    assert rewrite(example) == "allow"


def test_an_error_refuses_without_applying(example: Example) -> None:
    before = trust_now(example)
    example.aws.fault("UpdateAssumeRolePolicy", "error", status=503, times=1)
    assert rewrite(example) == "ServiceUnavailable"
    assert trust_now(example) == before


def test_an_error_can_have_any_code(example: Example) -> None:
    example.aws.fault("UpdateAssumeRolePolicy", "error", code="ConcurrentModification", status=409, times=1)
    assert rewrite(example) == "ConcurrentModification"


def test_a_slow_call_is_applied_even_if_its_caller_gave_up(example: Example) -> None:
    example.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=0.5, times=1)
    hasty = Config(read_timeout=0.1, retries={"total_max_attempts": 1, "mode": "standard"})
    iam = example.aws.client("iam", "111111111111", "test", config=hasty)
    with pytest.raises(ReadTimeoutError):
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(DEFAULT_DENY))
    deadline = time.monotonic() + 10
    while trust_now(example) != DEFAULT_DENY:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_call_with_a_lost_answer_is_applied(example: Example) -> None:
    example.aws.fault("UpdateAssumeRolePolicy", "lost", times=1)
    assert rewrite(example) == "InternalFailure"
    assert trust_now(example) == DEFAULT_DENY
    assert [(call["action"], call["outcome"]) for call in example.aws.calls()][-2] == ("UpdateAssumeRolePolicy", "ok")


def test_a_slow_call_is_answered_in_the_end(example: Example) -> None:
    example.aws.fault("UpdateAssumeRolePolicy", "slow", seconds=0.2, times=1)
    assert rewrite(example) == "allow"


def test_a_fault_for_one_role_does_not_affect_the_others(example: Example) -> None:
    other = example.aws.fresh("role")
    example.aws.root().create_role(RoleName=other, AssumeRolePolicyDocument=json.dumps(document(trust())))
    example.aws.fault("UpdateAssumeRolePolicy", "throttle", role=other)
    assert rewrite(example) == "allow"
    assert rewrite(example, other) == "Throttling"


def test_a_fault_can_wait_for_the_last_call_of_another(example: Example) -> None:
    iam = example.aws.root()
    first = example.aws.fault("UpdateAssumeRolePolicy", "slow", times=1)
    example.aws.fault("GetRole", "throttle", after=first["id"], times=1)
    iam.get_role(RoleName=ROLE)
    assert rewrite(example) == "allow"
    assert code_of(lambda: iam.get_role(RoleName=ROLE)) == "Throttling"
    assert code_of(lambda: iam.get_role(RoleName=ROLE)) == "allow"


def test_a_fault_can_hit_assume_role_and_s3(example: Example) -> None:
    session = example.assume()
    example.aws.fault("*", "throttle", times=2)
    assert example.assuming() == "Throttling"
    assert example.putting(session) == "SlowDown"
    assert example.putting(session) == "allow"


def test_faults_are_listed_and_cleared(example: Example) -> None:
    example.aws.fault("GetRole", "error")
    assert [fault["action"] for fault in example.aws.faults()] == ["GetRole"]
    example.aws.clear_faults()
    assert example.aws.faults() == []


def test_a_fault_of_probability_zero_never_happens(example: Example) -> None:
    example.aws.fault("UpdateAssumeRolePolicy", "throttle", probability=0.0)
    assert rewrite(example) == "allow"


@pytest.mark.parametrize("kind", ["slowly", "", "THROTTLE"])
def test_an_unknown_kind_of_fault_is_refused(aws: LocalAws, kind: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.fault("GetRole", kind)
