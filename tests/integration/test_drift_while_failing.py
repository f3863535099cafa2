"""An expiry policy that somebody deletes while its role fails is written again without waiting for the next try."""

import json

import pytest

from access import reconcile
from access.models import Grant
from tests.integration.stage import CLOSING, Stage


@pytest.fixture
def failing(stage: Stage) -> Stage:
    """A role with a live grant, to whose trust policy AWS lets nobody write."""
    stage.give()
    stage.reconcile()
    stage.aws.fault("UpdateAssumeRolePolicy", "error", status=503, role=stage.role.name)
    stage.give(principal_arn=stage.outsider(stage.aws.fresh("Rita")))
    for _ in range(8):
        stage.clock.forward(seconds=61)
        stage.reconcile()
    assert stage.role.retry_at is not None
    assert stage.role.retry_at > stage.clock()
    assert stage.role.pk not in reconcile.due(now=stage.clock())
    return stage


def denied(stage: Stage) -> str:
    return json.dumps(stage.closing())


def test_it_is_back_after_one_sweep(failing: Stage) -> None:
    grant = Grant.objects.filter(applied_at__isnull=False).get()
    failing.aws.root().delete_role_policy(RoleName=failing.role.name, PolicyName=CLOSING)
    failing.sweep()
    assert grant.session_name in denied(failing)


def test_a_deny_that_was_moved_later_is_back_as_well(failing: Stage) -> None:
    grant = Grant.objects.filter(applied_at__isnull=False).get()
    body = json.dumps(failing.closing()).replace(f"{grant.ends_at:%Y-%m-%d}", f"{grant.ends_at:2099-%m-%d}")
    failing.aws.root().put_role_policy(RoleName=failing.role.name, PolicyName=CLOSING, PolicyDocument=body)
    failing.sweep()
    assert "2099" not in denied(failing)


def test_what_is_as_it_was_waits_for_the_next_try(failing: Stage) -> None:
    before = len(failing.writes(tried=True))
    assert failing.sweep() == []
    assert len(failing.writes(tried=True)) == before
