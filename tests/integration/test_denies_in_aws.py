"""Whether a Deny is in AWS is judged by what AWS shows; that two texts look the same proves nothing."""

import json
from typing import Any

import pytest

from access import aws, trust
from access.actions import requests
from access.models import Grant
from tests.faults.oracle import denies
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, state


def is_denied(env: Environment, grant: Grant) -> bool:
    expiry_policy = env.expiry_policy()
    return expiry_policy is not None and denies(
        expiry_policy, f"{env.role.unique_id}:{grant.session_name}", env.clock()
    )


@pytest.fixture
def revoked(env: Environment) -> Grant:
    """Return a grant that was in force, is revoked, and is denied in AWS."""
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    env.reconcile()
    assert is_denied(env, grant)
    env.aws.forget_calls()
    return grant


@pytest.fixture
def all_look_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "same", lambda _one, _other: True)


def spoil(env: Environment, condition: dict[str, Any]) -> None:
    """Return the first Deny of the expiry policy another Condition by hand."""
    document: Any = env.expiry_policy()
    document["Statement"][0]["Condition"] = condition
    text = json.dumps(document)
    env.aws.root().put_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME, PolicyDocument=text)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_deny_invalidated_by_a_second_spelling_is_kept_and_written_again_without_it(
    env: Environment, revoked: Grant, is_first: bool
) -> None:
    before: Any = env.expiry_policy()
    tests = before["Statement"][0]["Condition"]["StringEquals"]
    pairs = [("AWS:UserId", "nobody"), *tests.items()]
    spoil(env, {"StringEquals": dict(pairs if is_first else reversed(pairs))})
    spoilt: Any = env.expiry_policy()
    env.clock.forward(seconds=61)
    env.sweep()
    assert "PutRolePolicy" in env.writes()
    written: Any = env.expiry_policy()
    assert written["Statement"] == [*before["Statement"], *spoilt["Statement"]]
    assert env.role.state.failures == 0


@pytest.mark.usefixtures("all_look_the_same")
def test_a_deny_that_the_verifier_does_not_find_is_written_even_if_the_texts_are_equal(
    env: Environment, revoked: Grant
) -> None:
    env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
    env.reconcile()
    assert is_denied(env, revoked)
    assert (env.role.state.failures, env.role.state.problem) == (0, "")


@pytest.mark.usefixtures("all_look_the_same")
def test_a_deny_that_does_not_reach_aws_counts_as_a_failure(
    env: Environment, revoked: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
    with monkeypatch.context() as lost:
        lost.setattr(aws, "write_expiry_policy", lambda **_document: None)
        env.reconcile()
    assert env.role.state.failures == 1
    assert env.role.state.retry_at is not None
    env.clock.forward(seconds=61)
    env.reconcile()
    assert is_denied(env, revoked)
    assert env.role.state.failures == 0
    assert state(revoked, env.clock()) == "ended"


@pytest.mark.usefixtures("all_look_the_same")
def test_a_role_with_every_deny_is_not_written(env: Environment, revoked: Grant) -> None:
    env.create_grant()
    env.reconcile(times=2)
    env.aws.forget_calls()
    env.reconcile()
    assert env.writes() == []
