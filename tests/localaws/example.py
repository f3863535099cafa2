"""The cast of these tests on the local AWS: richard of the contractor's account, a role of ours, a bucket."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.localaws.server import CONTRACTOR_ACCOUNT, HOST_ACCOUNT, Credentials, LocalAws

BUCKET = "importantprojectbucket"
ROLE = "importantproject-contractorA-bucket-put"
ROLE_ARN = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/{ROLE}"
RICHARD_ARN = f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:user/Richard"
Document = dict[str, Any]


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: str = RICHARD_ARN, **rest: Any) -> Document:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **rest}


MAY_ASSUME = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
MAY_PUT = document({"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"})


@dataclass(frozen=True)
class Example:
    """Our account with one role, and Richard: what the tests of one call need."""

    aws: LocalAws
    richard: Credentials

    def trusting(self, *statements: Document) -> None:
        """Write the role's trust policy."""
        text = json.dumps(document(*statements))
        self.aws.root().update_assume_role_policy(RoleName=ROLE, PolicyDocument=text)

    def assume(self, session: str = "grant-1", **rest: Any) -> Credentials:
        sts = self.aws.as_(self.richard, "sts")
        return Credentials.of(sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName=session, **rest))

    def assuming(self, session: str = "grant-1", **rest: Any) -> str:
        """Return `allow` or the error code."""
        return code_of(lambda: self.assume(session, **rest))

    def putting(self, who: Credentials) -> str:
        s3 = self.aws.as_(who, "s3")
        return code_of(lambda: s3.put_object(Bucket=BUCKET, Key="richardsimportantfile.txt", Body=b"important"))


def code_of(attempt: Any) -> str:
    """Return `allow` or AWS's error code."""
    try:
        attempt()
    except ClientError as refusal:
        return str(refusal.response["Error"]["Code"])
    return "allow"


def make_example(aws: LocalAws) -> Example:
    """Return an example with a role that trusts Richard."""
    richard = aws.user("Richard", CONTRACTOR_ACCOUNT, policy=MAY_ASSUME)
    aws.root(service="s3").create_bucket(Bucket=BUCKET)
    iam = aws.root()
    iam.create_role(RoleName=ROLE, Path="/daypass/", AssumeRolePolicyDocument=json.dumps(document(trust())))
    iam.put_role_policy(RoleName=ROLE, PolicyName="importantproject-put-bucket", PolicyDocument=json.dumps(MAY_PUT))
    return Example(aws, richard)
