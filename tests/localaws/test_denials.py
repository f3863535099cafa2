"""A denial says in AWS's grammar which policy did not allow (IAM User Guide, troubleshoot_access-denied)."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localaws.example import BUCKET, ROLE, ROLE_ARN, Example, document, trust
from tests.localaws.server import LocalAws

NOBODY = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
BARRED = document({"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"})


def sentence(example: Example, **call: str) -> str:
    """Return what AWS says to a PutObject by a session of richard's."""
    s3 = example.aws.as_(example.assume(**call), "s3")
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket=BUCKET, Key="a.txt", Body=b"a")
    return str(refusal.value)


def boundary(aws: LocalAws, document_: object) -> None:
    iam = aws.root()
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document_))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)


def inline(aws: LocalAws, document_: object) -> None:
    aws.root().put_role_policy(
        RoleName=ROLE, PolicyName="importantproject-put-bucket", PolicyDocument=json.dumps(document_)
    )


def test_no_identity_policy_allows(example: Example) -> None:
    inline(example.aws, NOBODY)
    assert 'on resource: "arn:aws:s3:::importantprojectbucket/a.txt" because no identity-based policy' in sentence(
        example
    )


def test_an_identity_policy_denies(example: Example) -> None:
    inline(example.aws, BARRED)
    assert "with an explicit deny in an identity-based policy" in sentence(example)


def test_no_boundary_allows(example: Example) -> None:
    boundary(example.aws, NOBODY)
    assert "because no permissions boundary allows the s3:PutObject action" in sentence(example)


def test_no_session_policy_allows(example: Example) -> None:
    assert "because no session policy allows the s3:PutObject action" in sentence(example, Policy=json.dumps(NOBODY))


def test_a_session_policy_denies(example: Example) -> None:
    both = document({"Effect": "Allow", "Action": "*", "Resource": "*"}, *BARRED["Statement"])
    assert "with an explicit deny in a session policy" in sentence(example, Policy=json.dumps(both))


def test_a_bucket_policy_denies(example: Example) -> None:
    barred = {**BARRED["Statement"][0], "Principal": {"AWS": "*"}, "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    example.aws.root(service="s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document(barred)))
    assert "with an explicit deny in a resource-based policy" in sentence(example)


def test_the_error_of_sts_is_the_same_for_every_cause(example: Example) -> None:
    def told(role_arn: str) -> str:
        sts = example.aws.as_(example.richard, "sts")
        with pytest.raises(ClientError) as refusal:
            sts.assume_role(RoleArn=role_arn, RoleSessionName="grant-1")
        return str(refusal.value.response["Error"]["Message"])

    example.trusting(trust(Condition={"StringEquals": {"sts:ExternalId": "other"}}))
    missing = ROLE_ARN + "-missing"
    assert told(ROLE_ARN).replace(ROLE_ARN, "") == told(missing).replace(missing, "")
    assert "is not authorized to perform: sts:AssumeRole on resource: " in told(ROLE_ARN)


def test_a_missing_principal_is_named_as_it_was_written(example: Example) -> None:
    with pytest.raises(ClientError) as refusal:
        example.trusting(trust("arn:aws:iam::222222222222:user/Nobody"))
    told = refusal.value.response["Error"]["Message"]
    assert told == 'Invalid principal in policy: "AWS":"arn:aws:iam::222222222222:user/Nobody"'


def test_the_quota_is_named(example: Example) -> None:
    example.aws.settings(trust_quota=300)
    with pytest.raises(ClientError) as refusal:
        example.trusting(trust(Condition={"StringEquals": {"sts:ExternalId": "x" * 300}}))
    answer = refusal.value.response
    assert answer["Error"]["Message"] == "Cannot exceed quota for ACLSizePerRole: 300"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert example.aws.root().get_account_summary()["SummaryMap"]["AssumeRolePolicySizeQuota"] == 300
