"""Snippets with which a contractor starts a session. The tests run every snippet with its real client."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import explain, uploads
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
    """A text to copy; `masked` is the same with its secrets hidden, "" when it has none."""

    title: str
    language: str
    text: str = field(repr=False)
    masked: str = ""
    note: str = ""


def snippets_for(grant: Grant, *, now: datetime) -> list[Snippet]:
    """Return the snippets of a grant; every value in them was parsed before it was stored."""
    values, base = _values(grant, now=now), grant.role.overflow_of or grant.role
    # If the grant is already in an overflow role, name the overflow roles, even if the original role has space again.
    policy = json.dumps(
        explain.identity_policy(base.arn, overflow_roles=base.allows_overflow or grant.role != base), indent=2
    )
    return [
        Snippet(gettext("Role ARN"), "text", grant.role.arn),
        Snippet(gettext("Session name"), "text", grant.session_name),
        Snippet("bash", "bash", _filled("bash", values)),
        Snippet("PowerShell", "powershell", _filled("powershell", values)),
        Snippet("cmd", "bat", _filled("cmd", values)),
        Snippet(gettext("AWS CLI profile"), "ini", _filled("profile", values)),
        Snippet("Python (boto3)", "python", _filled("boto3", values)),
        Snippet("Terraform", "hcl", _filled("terraform", values)),
        Snippet(gettext("Policy for your AWS administrator"), "json", policy),
    ]


def chosen_for(headers: Mapping[str, str]) -> str:
    """Return the title of the snippet that the visitor's system runs. [UA Client Hints, Sec-CH-UA-Platform]"""
    platform = headers.get("Sec-CH-UA-Platform", "").strip('"')
    is_windows = platform == "Windows" if platform else "Windows" in headers.get("User-Agent", "")
    return "PowerShell" if is_windows else "bash"


def demo_endpoint() -> str:
    """Return where the AWS of the demo is, and "" for an installation, whose contractors use AWS's own endpoints."""
    return settings.AWS_ENDPOINT_URL if settings.DEMO else ""


def profile_name(role: Role) -> str:
    """Return the name of a role's profile on the contractor's machine: no other role's keys are overwritten by it."""
    plain = _NOT_IN_PROFILES.sub("-", role.name)
    # Two names that differ only in characters that a profile's name cannot hold still have separate profiles.
    told_apart = f"-{sha256(role.name.encode()).hexdigest()[:6]}" if plain != role.name else ""
    return f"{role.account.account_id}-{plain}{told_apart}"


def profile_of(grant: Grant) -> str:
    """Return the name of a grant's profile: that of its role, unless an earlier grant of the person still used that
    when this one started.
    """
    earlier = Grant.objects.filter(role=grant.role_id, pk__lt=grant.pk, ends_at__gt=grant.starts_at)
    earlier = earlier.filter(Q(removed_at=None) | Q(removed_at__gt=grant.starts_at))
    is_taken = earlier.filter(request__requester=grant.request.requester_id).exists()
    return f"{profile_name(grant.role)}-{grant.session_name}" if is_taken else profile_name(grant.role)


def _values(grant: Grant, *, now: datetime) -> dict[str, object]:
    """Return what the snippets are filled with."""
    role, profile = grant.role, profile_of(grant)
    remaining = int((grant.ends_at - now).total_seconds())
    bucket, _, prefix = uploads.place_in(role.permissions).partition("/")
    return {
        "role_arn": role.arn,
        "session_name": grant.session_name,
        "region": role.account.region,
        "external_id": grant.external_id,
        "profile": profile,
        "endpoint": demo_endpoint(),
        "mfa_serial": _mfa_serial(grant.principal_arn) if grant.requires_mfa else "",
        "duration_seconds": max(SHORTEST_SESSION, min(remaining, _longest(grant))),
        "upload_in_shell": uploads.command(role.permissions),
        "upload": uploads.command(role.permissions, profile=profile),
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


def _filled(name: str, values: dict[str, object]) -> str:
    # The values hold only characters that IAM allows in names; unescaping restores = and + for the copy box.
    return html.unescape(render_to_string(f"snippets/{name}.txt", values)).strip() + "\n"
