"""A6: no session of Daypass becomes a longer one, and the Deny of each outlasts what AWS can make of it."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.faults.approvals import ContractorUser
from tests.faults.tenant import BUCKET, Tenant
from tests.localaws.server import HOST_ACCOUNT, Credentials

OAUTH = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
OBJECT = f"arn:aws:s3:::{BUCKET}/a"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "signin:*", "Resource": "*"}]}
BOUNDARY, IDENTITY = "an explicit deny in a permissions boundary", "an explicit deny in an identity-based policy"


def session_of_others(tenant: Tenant, role: str, contractor: ContractorUser) -> Credentials:
    """Return a session that the role's owner has given for itself."""
    allow = {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": contractor.arn}, "Action": "sts:AssumeRole"}
    tenant.write_trust(role, [*tenant.trust(role)["Statement"], allow])
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/{role}"
    try:
        answer = tenant.env.aws.as_(contractor.keys, "sts").assume_role(RoleArn=arn, RoleSessionName="ops")
    except ClientError as refusal:
        raise AssertionError("the owner's session is refused") from refusal
    return Credentials.of(answer)


@pytest.mark.busy
@pytest.mark.parametrize(("is_managed", "why"), [(True, BOUNDARY), (False, IDENTITY)], ids=["managed", "imported"])
def test_no_session_of_ours_becomes_a_longer_one(tenant: Tenant, is_managed: bool, why: str) -> None:
    role, aws = tenant.role(is_managed=is_managed), tenant.env.aws
    aws.root().put_role_policy(RoleName=role.name, PolicyName="signin", PolicyDocument=json.dumps(ALLOW))
    approval = tenant.create_grant(role)
    tenant.await_state(approval, "active")
    assert tenant.is_admitted(approval)
    assert tenant.can_upload(approval)
    assert approval.session is not None
    assert aws.judge(approval.session, "s3:PutObject", OBJECT) == (True, "")
    for action in OAUTH:
        allowed, reason = aws.judge(approval.session, action)
        assert (allowed, why in reason) == (False, True)
    tenant.revoke(approval)
    tenant.await_state(approval, "ended")
    for action in (*OAUTH, "s3:PutObject"):
        allowed, reason = aws.judge(approval.session, action, OBJECT)
        assert (allowed, IDENTITY in reason) == (False, True)


def test_sessions_of_others_are_not_denied(tenant: Tenant) -> None:
    role, aws = tenant.role(is_managed=False), tenant.env.aws
    aws.root().put_role_policy(RoleName=role.name, PolicyName="signin", PolicyDocument=json.dumps(ALLOW))
    approval = tenant.create_grant(role)
    tenant.await_state(approval, "active")
    theirs = session_of_others(tenant, role.name, tenant.contractors[1])
    aws.root().delete_role_permissions_boundary(RoleName=role.name)
    assert [aws.judge(theirs, action) for action in OAUTH] == [(True, ""), (True, "")]
