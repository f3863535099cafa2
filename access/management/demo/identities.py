"""The portal's own AWS identities: each with no more than it needs, in the file of the process that needs it."""

import configparser
import contextlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings

from access.management.demo import cast

_TAGGED = {"StringEquals": {"aws:ResourceTag/managed-by": "daypass"}}


def make(iam: Any, account_id: str) -> str:
    """Make worker, builder and issuer, write their keys into the credentials files, and give the issuer's ARN."""
    aws_dir = Path(settings.VAR_DIR) / "aws"
    worker, builder, issuer = settings.WORKER_PROFILE, settings.BUILDER_PROFILE, settings.ISSUER_PROFILE
    _write_profiles(aws_dir / "worker.credentials", iam, {worker: _worker(account_id), builder: _builder(account_id)})
    _write_profiles(aws_dir / "web.credentials", iam, {issuer: _issuer(account_id)})
    return str(iam.get_user(UserName=issuer)["User"]["Arn"])


def boundary() -> dict[str, Any]:
    """Give the boundary of every role that Daypass makes: it can neither undo its Deny nor leave it behind."""
    escapes = ["iam:*", "sts:AssumeRole*", "sts:GetFederationToken", "organizations:*", "account:*"]
    return _policy(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": escapes, "Resource": "*"}
    )


def working_keys(iam: Any, name: str, known: dict[str, str] | None) -> dict[str, str]:
    """Give an access key of the user: the known one while IAM still has it, else a new one in place of all others."""
    listed = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
    if known and known.get("access_key_id") in listed:
        return known
    for key in listed:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _roles(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role{cast.ROLE_PATH}*"


def _worker(account_id: str) -> dict[str, Any]:
    """Reads IAM, writes trust and closing policies of our roles, and can be nobody else."""
    read = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
    policies = ["iam:GetPolicy", "iam:GetPolicyVersion"]
    write = ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"]
    listing = ["iam:ListRoles", "iam:GetAccountSummary", "iam:GetAccountAuthorizationDetails", *policies]
    advice = ["access-analyzer:ValidatePolicy", "access-analyzer:CheckNoPublicAccess"]
    return _policy(
        {"Effect": "Allow", "Action": read, "Resource": _roles(account_id)},
        {"Effect": "Allow", "Action": [*listing, *advice], "Resource": "*"},
        {"Effect": "Allow", "Action": write, "Resource": _roles(account_id), "Condition": _TAGGED},
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"},
    )


def _builder(account_id: str) -> dict[str, Any]:
    """Makes, tags and deletes roles under our path, only with the boundary, and can be nobody else."""
    limit = f"arn:aws:iam::{account_id}:policy{cast.ROLE_PATH}daypass-boundary"
    bounded = {"StringEquals": {"iam:PermissionsBoundary": limit, "aws:RequestTag/managed-by": "daypass"}}
    keep = [
        "iam:AttachRolePolicy",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
    ]
    policies = f"arn:aws:iam::{account_id}:policy{cast.ROLE_PATH}*"
    return _policy(
        {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": _roles(account_id), "Condition": bounded},
        {"Effect": "Allow", "Action": ["iam:TagRole", "iam:GetRole"], "Resource": _roles(account_id)},
        {"Effect": "Allow", "Action": keep, "Resource": _roles(account_id), "Condition": _TAGGED},
        {
            "Effect": "Allow",
            "Action": ["iam:CreatePolicy", "iam:GetPolicy", "iam:GetPolicyVersion"],
            "Resource": policies,
        },
        {"Effect": "Deny", "Action": ["sts:AssumeRole", "iam:PassRole"], "Resource": "*"},
    )


def _issuer(account_id: str) -> dict[str, Any]:
    """Assumes our roles, and nothing else."""
    return _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": _roles(account_id)})


def _write_profiles(file: Path, iam: Any, users: dict[str, dict[str, Any]]) -> None:
    kept = _read_profiles(file)
    lines = []
    for name, policy in users.items():
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=name, Path=cast.ROLE_PATH)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        keys = working_keys(iam, name, kept.get(name))
        lines += [f"[{name}]", f"aws_access_key_id = {keys['access_key_id']}"]
        lines += [f"aws_secret_access_key = {keys['secret_access_key']}", ""]
    cast.write_private(file, "\n".join(lines))


def _read_profiles(file: Path) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(file)
    names = ("access_key_id", "secret_access_key")
    return {section: {name: parser[section][f"aws_{name}"] for name in names} for section in parser.sections()}
