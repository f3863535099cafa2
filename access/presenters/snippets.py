"""What the contractor pastes to start a session; the tests run every snippet with its real client."""

import html
import json
import re
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import explain, uploads
from access.aws import Session
from access.models import Grant, Role

SHORTEST_SESSION = 900  # seconds, the least that STS gives [STS AssumeRole DurationSeconds]
LONGEST_CHAINED = 3600
_NOT_IN_PROFILES = re.compile(r"[^A-Za-z0-9_.-]", re.ASCII)
SERVICES = (
    ("console", _("Console home")),
    ("s3", "S3"),
    ("ec2", "EC2"),
    ("cloudwatch", "CloudWatch"),
    ("lambda", "Lambda"),
)


@dataclass(frozen=True, slots=True)
class Snippet:
    title: str
    language: str
    text: str


def snippets_for(grant: Grant, *, now: datetime) -> list[Snippet]:
    """Return the snippets of a grant; every value in them was parsed before it was stored."""
    values, base = _values(grant, now=now), grant.role.overflow_of or grant.role
    # One that is in an overflow role already needs the overflow roles named, whether or not the role still overflows.
    policy = json.dumps(
        explain.identity_policy(base.arn, overflow_roles=base.allows_overflow or grant.role != base), indent=2
    )
    return [
        Snippet(gettext("Role ARN"), "text", grant.role.arn),
        Snippet(gettext("Session name"), "text", grant.session_name),
        Snippet(gettext("AWS CLI profile"), "ini", _filled("profile", values)),
        Snippet("PowerShell", "powershell", _filled("powershell", values)),
        Snippet("Python (boto3)", "python", _filled("boto3", values)),
        Snippet("Terraform", "hcl", _filled("terraform", values)),
        Snippet(gettext("Policy for your AWS administrator"), "json", policy),
    ]


def profile_name(role: Role) -> str:
    """Return the name of a role's profile on the contractor's machine: no other role's keys are overwritten by it."""
    return f"{role.account.account_id}-{_NOT_IN_PROFILES.sub('-', role.name)}"


def _values(grant: Grant, *, now: datetime) -> dict[str, object]:
    """Return what the snippets are filled with."""
    role = grant.role
    remaining = int((grant.ends_at - now).total_seconds())
    bucket, _, prefix = uploads.place_in(role.permissions).partition("/")
    return {
        "role_arn": role.arn,
        "session_name": grant.session_name,
        "region": role.account.region,
        "external_id": grant.external_id,
        "profile": profile_name(role),
        "mfa_serial": _mfa_serial(grant.principal_arn) if grant.requires_mfa else "",
        "duration_seconds": max(SHORTEST_SESSION, min(remaining, _longest(grant))),
        "upload": uploads.command(role.permissions, profile=profile_name(role)),
        "bucket": bucket or "BUCKET",
        "prefix": prefix,
        "acl": uploads.OWNER_HAS_ALL if uploads.asks_for_ownership(role.permissions) else "",
    }


def _mfa_serial(principal_arn: str) -> str:
    """Return the ARN that most MFA devices have: one named like the user, without a path. The device may differ."""
    account, name = principal_arn.rpartition(":user/")[0], principal_arn.rpartition("/")[2]
    return f"{account}:mfa/{name}"


def _longest(grant: Grant) -> int:
    """Return the longest session that STS opens for the grant's principal: a role that opens another gets an hour."""
    longest = grant.role.max_session_seconds
    return longest if ":user/" in grant.principal_arn else min(longest, LONGEST_CHAINED)


def tabs(session: Session, *, role: Role) -> list[Snippet]:
    """Return a session in every form in which it can be pasted; STS's values are ASCII without quotes or blanks."""
    region = role.account.region
    key, secret, token = session.access_key_id, session.secret_access_key, session.session_token
    names = {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
        "AWS_DEFAULT_REGION": region,
    }
    profile = f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\naws_session_token = {token}"
    arguments = "".join(
        f"    {name}={json.dumps(value)},\n" for name, value in _boto3_arguments(session, region).items()
    )
    return [
        Snippet("bash", "bash", "\n".join(f"export {name}='{value}'" for name, value in names.items())),
        Snippet("PowerShell", "powershell", "\n".join(f"$env:{name} = '{value}'" for name, value in names.items())),
        Snippet("cmd", "bat", "\n".join(f'set "{name}={value}"' for name, value in names.items())),
        Snippet("~/.aws/credentials", "ini", f"[{profile_name(role)}]\n{profile}"),
        Snippet("Python", "python", f"import boto3\n\nsession = boto3.Session(\n{arguments})"),
        Snippet("JSON", "json", json.dumps(credential_process(session), indent=2)),
    ]


def credential_process(session: Session) -> dict[str, object]:
    """Return a session in the shape that `credential_process` of the AWS configuration reads. [AWS CLI User Guide]"""
    return {
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expires_at.isoformat(),
    }


def _boto3_arguments(session: Session, region: str) -> dict[str, str]:
    return {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
        "region_name": region,
    }


def _filled(name: str, values: dict[str, object]) -> str:
    # The values hold only characters that IAM allows in names; unescaping restores = and + for the copy box.
    return html.unescape(render_to_string(f"snippets/{name}.txt", values)).strip() + "\n"
