"""Build permissions policies for uploads: the bucket, the prefix, and who owns the objects."""

import json
import re
from collections.abc import Mapping
from typing import Any

# With this canned ACL, the bucket's owner becomes the owner of the object. Buckets that accept ACLs need it. Buckets
# with "ACLs disabled" accept only this ACL. [S3 User Guide, "Controlling ownership of objects"]
OWNER_HAS_ALL = "bucket-owner-full-control"
ACL_KEY = "s3:x-amz-acl"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", re.ASCII)
_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.'()/-]{1,900}/)?\Z", re.ASCII)
_S3_ARN = re.compile(r"arn:[a-z-]+:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?\Z", re.ASCII | re.DOTALL)
_FIRST_BUCKET = re.compile(
    r"arn:[a-z-]+:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?((?:[A-Za-z0-9!_.'()/-]+/)?)[*\"]", re.ASCII
)


def upload_policy(bucket: str, *, prefix: str = "", must_belong_to_us: bool, partition: str = "aws") -> dict[str, Any]:
    """Return the policy that lets a role upload into a bucket, only under `prefix` ("" or "incoming/").

    With `must_belong_to_us` the upload has to say so (`--acl bucket-owner-full-control`), which takes s3:PutObjectAcl
    too. Raises ValueError for an invalid bucket name or prefix, so that neither can contain a wildcard.
    """
    if not _BUCKET.match(bucket) or not _PREFIX.match(prefix):
        raise ValueError("Give the bucket's name, and a prefix that is empty or ends with a slash.")
    resource = f"arn:{partition}:s3:::{bucket}/{prefix}*"
    allow: dict[str, Any] = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": resource}
    if must_belong_to_us:
        allow |= {
            "Action": ["s3:PutObject", "s3:PutObjectAcl"],
            "Condition": {"StringEquals": {ACL_KEY: OWNER_HAS_ALL}},
        }
    return {"Version": "2012-10-17", "Statement": [allow]}


def asks_for_ownership(permissions: Mapping[str, Any]) -> bool:
    """Return whether the policy lets objects be uploaded only when they are handed to the bucket's owner."""
    body = permissions.get("Statement", [])
    return any(
        ACL_KEY in keys and OWNER_HAS_ALL in keys[ACL_KEY]
        for statement in (body if isinstance(body, list) else [body])
        for operator, keys in statement.get("Condition", {}).items()
        if operator == "StringEquals"
    )


def place_in(permissions: Mapping[str, Any]) -> str:
    """Return `bucket/` or `bucket/prefix/`, the first that the policy names exactly, or ""."""
    match = _FIRST_BUCKET.search(json.dumps(permissions))
    return f"{match[1]}/{match[2]}" if match else ""


def only_bucket_in(permissions: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the bucket and the prefix ("" or "incoming/") when the policy allows S3 in exactly one bucket, else None.

    The prefix is "" where the allowed objects do not share exactly one. Conditions are not read.
    """
    places = [place for statement in _statements(permissions) for place in _buckets_of(statement)]
    buckets = {bucket for bucket, _ in places}
    if len(buckets) != 1 or "" in buckets:
        return None
    prefixes = {prefix for _, prefix in places if prefix is not None}
    return buckets.pop(), prefixes.pop() if len(prefixes) == 1 else ""


def _statements(permissions: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    body = permissions.get("Statement", [])
    return body if isinstance(body, list) else [body]


def _buckets_of(statement: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return the buckets in which a statement allows S3, each with the prefix of its objects or None for the bucket
    itself; the bucket is "" where it is not named exactly.
    """
    actions = [action.lower() for action in _listed(statement.get("Action", "*"))]
    in_s3 = [action for action in actions if action.startswith(("s3:", "*")) and action != "s3:listallmybuckets"]
    if statement.get("Effect") != "Allow" or not in_s3:
        return []
    return [_bucket_of(arn) for arn in _listed(statement.get("Resource", "*"))]


def _bucket_of(arn: str) -> tuple[str, str | None]:
    match = _S3_ARN.match(arn)
    if match is None:
        return "", None
    bucket, key = match.groups()
    exact = re.split(r"[*?$]", key or "", maxsplit=1)[0]
    return bucket, None if key is None else exact[: exact.rfind("/") + 1]


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def command(permissions: Mapping[str, Any], *, profile: str = "") -> str:
    """Return the line of the AWS CLI that uploads a file as the policy wants it."""
    words = ["aws s3 cp yourfile.txt", f"s3://{place_in(permissions) or 'BUCKET/'}"]
    words += [f"--acl {OWNER_HAS_ALL}"] if asks_for_ownership(permissions) else []
    words += [f"--profile {profile}"] if profile else []
    return " ".join(words)
