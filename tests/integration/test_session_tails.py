"""How long the Deny of an ended grant stays in AWS, asked of AWS's judge with a session that still lives."""

import json
from datetime import timedelta
from typing import Any

import pytest

from access.actions import requests
from access.models import Grant, Role
from tests.integration.environment import Environment, state
from tests.localaws.server import CONTRACTOR_ACCOUNT, Credentials

OAUTH = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
TAIL = timedelta(hours=13, minutes=10)
GIVEN = "given"


def session(env: Environment, grant: Grant) -> Credentials:
    """Return a session that the contractor gets under the grant."""
    name = env.richard_arn.rsplit("/", 1)[1]
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": env.role.arn}
    put(env.aws.root(CONTRACTOR_ACCOUNT).put_user_policy, UserName=name, allow=allow)
    keys = Credentials.of(env.aws.root(CONTRACTOR_ACCOUNT).create_access_key(UserName=name))
    sts = env.aws.as_(keys, "sts")
    return Credentials.of(sts.assume_role(RoleArn=env.role.arn, RoleSessionName=grant.session_name))


def put(call: Any, *, allow: dict[str, Any], **whose: str) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    call(PolicyName=GIVEN, PolicyDocument=document, **whose)


@pytest.mark.parametrize("is_managed", [True, False], ids=["managed", "imported"])
@pytest.mark.parametrize("is_revoked", [True, False], ids=["revoked", "over"])
def test_a_deny_stays_until_no_session_can_have_been_refreshed(
    env: Environment, is_managed: bool, is_revoked: bool
) -> None:
    Role.objects.filter(pk=env.role.pk).update(is_managed=is_managed)
    allow = {"Effect": "Allow", "Action": ["s3:PutObject", "signin:*"], "Resource": "*"}
    put(env.aws.root().put_role_policy, RoleName=env.role.name, allow=allow)
    grant = env.create_grant()
    env.reconcile()
    lives = session(env, grant)
    assert env.aws.judge(lives, "s3:PutObject") == (True, "")
    if is_revoked:
        requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    env.clock.at = env.clock.at if is_revoked else grant.ends_at
    env.reconcile()
    assert state(grant, env.clock()) == "ended"
    env.clock.at = grant.ends_at + TAIL - timedelta(seconds=1)
    env.reconcile()
    assert not any(env.aws.judge(lives, action)[0] for action in ("s3:PutObject", *OAUTH))
    env.clock.forward(seconds=2)
    env.reconcile()
    assert env.aws.judge(lives, "s3:PutObject") == (True, "")
