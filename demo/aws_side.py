"""The demo's AWS side, made through the plain IAM and S3 API by the two accounts' administrators."""

import contextlib
import json
import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings

from access.workload_identities import Home
from demo import cast, workload_identities

REGION = "us-east-1"
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})
_DEFAULT_DENY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Sid": "dpclosed"}


@dataclass(frozen=True)
class Admin:
    """An administrator of one AWS account of the demo."""

    session: boto3.Session

    def client(self, service: str) -> Any:
        endpoint = settings.AWS_ENDPOINT_URL or None
        return self.session.client(service, endpoint_url=endpoint, config=_CONFIG)  # type: ignore[call-overload]

    @property
    def account_id(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])


def host_admin() -> Admin:
    """Return the administrator of our account."""
    return _admin("DAYPASS_DEMO_HOST_ADMIN", default="111111111111:test")


def contractor_admin() -> Admin:
    """Return the administrator of the contractor's account."""
    return _admin("DAYPASS_DEMO_CONTRACTOR_ADMIN", default="222222222222:test")


def seed(notes: dict[str, Any]) -> dict[str, Any]:
    """Create both accounts as the demo needs them, and return the notes with ids, ARNs and the contractor's keys."""
    host, contractor = host_admin(), contractor_admin()
    host_id, contractor_id = host.account_id, contractor.account_id
    _bucket(host)
    issuer_arn = workload_identities.make(host.client("iam"), host_id)
    role_arn = _role(host, host_id)
    return notes | {
        "host_account": host_id,
        "contractor_account": contractor_id,
        "role_arn": role_arn,
        "issuer_arn": issuer_arn,
        "bucket": cast.BUCKET,
        "region": REGION,
        "keys": {name: _contractor_user(contractor, name, role_arn, notes) for name in ("Richard", "Mallory")},
    }


def _admin(variable: str, *, default: str) -> Admin:
    key, secret, *token = os.environ.get(variable, default).split(":", 2)
    return Admin(boto3.Session(key, secret, token[0] if token else None, region_name=REGION))


def _bucket(admin: Admin) -> None:
    s3 = admin.client("s3")
    try:
        s3.head_bucket(Bucket=cast.BUCKET)
    except ClientError:
        s3.create_bucket(Bucket=cast.BUCKET)


def _role(admin: Admin, account_id: str) -> str:
    """Make the role that can be asked for: closed, with its boundary and with the one permission."""
    iam = admin.client("iam")
    permissions = workload_identities.put_policy(iam, account_id, cast.PERMISSIONS_NAME, cast.PERMISSIONS)
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=cast.ROLE,
            Path=cast.ROLE_PATH,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [_DEFAULT_DENY]}),
            Description="Contractor A puts files into the bucket of the important project.",
            MaxSessionDuration=3600,
            PermissionsBoundary=Home("aws", account_id).boundary,
            Tags=[{"Key": "managed-by", "Value": "daypass"}],
        )
    iam.attach_role_policy(RoleName=cast.ROLE, PolicyArn=permissions)
    return str(iam.get_role(RoleName=cast.ROLE)["Role"]["Arn"])


def _contractor_user(admin: Admin, name: str, role_arn: str, notes: dict[str, Any]) -> dict[str, str]:
    """Make a user of the contractor's who may do nothing but assume the role, and give working keys."""
    iam = admin.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName="assume-daypass-role", PolicyDocument=document)
    return workload_identities.working_keys(iam, name, notes.get("keys", {}).get(name))
