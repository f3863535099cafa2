"""An expiry policy that somebody deletes while its role fails is written again without waiting for the next try."""

import json

import pytest

from access.models import Grant
from access.reconcile import due
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment


@pytest.fixture
def failing(env: Environment) -> Environment:
    """Return a role with a live grant, to whose trust policy AWS lets nobody write."""
    env.create_grant()
    env.reconcile()
    env.aws.fault("UpdateAssumeRolePolicy", "error", status=503, role=env.role.name)
    env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Rita")))
    for _ in range(8):
        env.clock.forward(seconds=61)
        env.reconcile()
    assert env.role.state.retry_at is not None
    assert env.role.state.retry_at > env.clock()
    assert env.role.pk not in due.due(now=env.clock())
    return env


def denied(env: Environment) -> str:
    return json.dumps(env.expiry_policy())


def test_a_removed_deny_is_back_after_one_sweep(failing: Environment) -> None:
    grant = Grant.objects.filter(applied_at__isnull=False).get()
    failing.aws.root().delete_role_policy(RoleName=failing.role.name, PolicyName=EXPIRY_POLICY_NAME)
    failing.sweep()
    assert grant.session_name in denied(failing)


def test_a_postponed_deny_is_back_after_one_sweep(failing: Environment) -> None:
    grant = Grant.objects.filter(applied_at__isnull=False).get()
    body = json.dumps(failing.expiry_policy()).replace(f"{grant.ends_at:%Y-%m-%d}", f"{grant.ends_at:2099-%m-%d}")
    failing.aws.root().put_role_policy(RoleName=failing.role.name, PolicyName=EXPIRY_POLICY_NAME, PolicyDocument=body)
    failing.sweep()
    assert "2099" not in denied(failing)


def test_an_unchanged_role_waits_for_the_next_try(failing: Environment) -> None:
    before = len(failing.writes(tried=True))
    assert failing.sweep() == []
    assert len(failing.writes(tried=True)) == before
