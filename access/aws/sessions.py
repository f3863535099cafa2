"""Start sessions of roles, as the issuer, and turn them into console sign-ins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from django.conf import settings

from access.aws.clients import WorkloadIdentity, sts
from access.aws.errors import AwsError, Unavailable, translated
from access.aws.roles import compact
from access.workload_identities import AwsTarget

# Sign-in endpoints and consoles by partition. [AWS General Reference, sign-in endpoints]
SIGNIN = {
    "aws": "https://signin.aws.amazon.com/federation",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/federation",
    "aws-cn": "https://signin.amazonaws.cn/federation",
}
CONSOLE = {
    "aws": "console.aws.amazon.com",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-cn": "console.amazonaws.cn",
}
SERVICES = ("console", "s3", "ec2", "cloudwatch", "lambda")


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials as STS gave them, and AWS's clock when it did. Lives in one answer; its repr holds no secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime
    aws_time: datetime


def assume_role(
    *, target: AwsTarget, arn: str, session_name: str, seconds: int, policy: Mapping[str, Any], external_id: str
) -> Session:
    """Open a session of the role, in one call. [STS AssumeRole]"""
    extra = {"ExternalId": external_id} if external_id else {}
    with translated():
        answer = sts(WorkloadIdentity.ISSUER, target).assume_role(
            RoleArn=arn,
            RoleSessionName=session_name,
            DurationSeconds=seconds,
            Policy=compact(policy),
            **extra,  # type: ignore[arg-type]
        )
    made = answer["Credentials"]
    return Session(
        access_key_id=made["AccessKeyId"],
        secret_access_key=made["SecretAccessKey"],
        session_token=made["SessionToken"],
        expires_at=made["Expiration"],
        aws_time=parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]),
    )


def signin_url(session: Session, *, partition: str, destination: str, issuer: str) -> str:
    """Return the link that signs in to the console with this session: a secret that is valid for 15 minutes.

    SessionDuration is never sent: AWS refuses it for chained credentials, and without it the console lives no longer
    than they do. [IAM User Guide, "Enabling custom identity broker access to the AWS console"]
    """
    endpoint = settings.SIGNIN_URL or SIGNIN[partition]
    parts = {
        "sessionId": session.access_key_id,
        "sessionKey": session.secret_access_key,
        "sessionToken": session.session_token,
    }
    token = _signin_token(endpoint, json.dumps(parts))
    words = {"Action": "login", "Issuer": issuer, "Destination": destination, "SigninToken": token}
    return f"{endpoint}?{urlencode(words)}"


def signout_url(*, partition: str) -> str:
    """Return the page that signs a browser out of whatever AWS account it is in."""
    endpoint = settings.SIGNIN_URL or SIGNIN[partition]
    return endpoint.removesuffix("/federation") + "/oauth?" + urlencode({"Action": "logout"})


def bucket_destination(*, partition: str, region: str, bucket: str, prefix: str) -> str:
    """Return the console page that lists a bucket's objects under a prefix, "" or one that ends with a slash."""
    words = {"region": region, "prefix": prefix} if prefix else {"region": region}
    return f"https://{region}.{CONSOLE[partition]}/s3/buckets/{quote(bucket, safe='')}?{urlencode(words)}"


def destination(*, partition: str, region: str, service: str) -> str:
    """Return the console page of a service in a region; raises KeyError for what is not on our list."""
    if service not in SERVICES:
        raise KeyError(service)
    return f"https://{region}.{CONSOLE[partition]}/{service}/home?{urlencode({'region': region})}"


_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=10))


def _signin_token(endpoint: str, session: str) -> str:
    """Exchange a session for a sign-in token, by POST so that no secret is in a URL."""
    body = {"Action": "getSigninToken", "Session": session}
    try:
        answer = _http.request("POST", endpoint, fields=body, encode_multipart=False, redirect=False)
    except urllib3.exceptions.HTTPError:
        # Without its cause, because the cause could contain the request.
        raise Unavailable("signin_silent") from None
    if answer.status != 200:
        raise AwsError("signin_refused", status=answer.status)
    try:
        return str(json.loads(answer.data)["SigninToken"])
    except (ValueError, KeyError, TypeError):
        # Without its cause, because the cause would contain the response.
        raise AwsError("signin_answer_invalid") from None
