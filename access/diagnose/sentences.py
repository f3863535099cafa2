"""AWS's sentences taken apart, and what the ones mean that say it all by themselves.

Grounds: IAM User Guide, "Troubleshoot access denied error messages"; the texts of STS, S3 and the AWS CLI.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Weight = Literal["certain", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what to do about it; *certain* ones follow from what is known."""

    weight: Weight
    why: str
    cure: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's sentence in parts; whatever it did not say is empty. `action` is the IAM action that was refused."""

    text: str
    caller: str = ""
    action: str = ""
    resource: str = ""
    missing_in: str = ""
    denied_in: str = ""


_CALLER = re.compile(r"User: (arn:[a-z-]+:(?:iam|sts)::[0-9]{12}:[^\s]+) is not authorized", re.ASCII)
_ACTION = re.compile(r"to perform: ([a-z0-9-]+:[A-Za-z0-9]+)", re.ASCII)
_RESOURCE = re.compile(r"on resource: \"?(arn:[^\s\"]+)", re.ASCII)
_MISSING = re.compile(r"because no ([a-zA-Z -]+?) polic(?:y|ies) allows?", re.ASCII)
_EXPLICIT = re.compile(r"with an explicit deny in (?:an? |the )?([a-zA-Z -]+?) polic(?:y|ies)", re.ASCII)
_OPERATION = re.compile(r"when calling the ([A-Za-z0-9]+) operation", re.ASCII)

# What S3's operations need, where the names differ or S3 says no more than "Access Denied". [SAR S3]
_NEEDS = {
    "AssumeRole": "sts:AssumeRole",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "PutObject": "s3:PutObject",
    "PutObjectAcl": "s3:PutObjectAcl",
    "CopyObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "DeleteObject": "s3:DeleteObject",
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "ListBuckets": "s3:ListAllMyBuckets",
}


def parse(text: str) -> Refusal:
    """Take AWS's sentence apart."""
    found = {
        name: match[1]
        for name, expression in {
            "caller": _CALLER,
            "action": _ACTION,
            "resource": _RESOURCE,
            "missing_in": _MISSING,
            "denied_in": _EXPLICIT,
        }.items()
        if (match := expression.search(text))
    }
    operation = _OPERATION.search(text)
    if "action" not in found and operation and _is_denial(text):
        found["action"] = _NEEDS.get(operation[1], "")
    return Refusal(text=text, **found)


def _is_denial(text: str) -> bool:
    return re.search(r"AccessDenied|Access Denied|\(403\)|Forbidden", text, re.ASCII) is not None


# Words of AWS's sentences, how sure they make us, what they mean here, and what to do.
_SENTENCES: tuple[tuple[str, Weight, str, str], ...] = (
    (
        r"ExpiredToken|token .{0,40}expired",
        "certain",
        "The session has expired.",
        "Open a new one; if the AWS CLI keeps the old one, delete ~/.aws/cli/cache.",
    ),
    (
        r"Unable to locate credentials|NoCredentials",
        "certain",
        "Your program found no keys at all.",
        "Set your keys as the default profile, or paste the credentials into the same terminal.",
    ),
    (
        r"config profile \(.{1,100}\) could not be found|ProfileNotFound",
        "certain",
        "The profile is not in your AWS configuration.",
        "Paste the profile from the request's page into ~/.aws/config, and check AWS_PROFILE.",
    ),
    (
        r"InvalidClientTokenId",
        "certain",
        "AWS does not know these keys.",
        "Check your own access key; a session's keys need its session token too.",
    ),
    (
        r"SignatureDoesNotMatch|RequestTimeTooSkewed|Signature (?:not yet current|expired)",
        "likely",
        "Your clock or your secret key is wrong.",
        "Set the clock by NTP and try again, then check the secret key.",
    ),
    (
        r"sts:TagSession",
        "certain",
        "Your side passes session tags, which this role does not take.",
        "Leave the tags out, or use an identity without transitive tags.",
    ),
    (
        r"sts:SetSourceIdentity",
        "certain",
        "Your session carries a source identity, which this role does not take.",
        "Use an identity that has none; ask an approver if there is no other.",
    ),
    (
        r"1 hour session limit",
        "certain",
        "A session that opens another one lasts an hour at most.",
        "Ask for 3600 seconds or less (duration_seconds).",
    ),
    (
        r"exceeds the MaxSessionDuration",
        "certain",
        "The session was asked for longer than the role allows.",
        "Use the duration_seconds of the snippet.",
    ),
    (
        r"MultiFactorAuthentication failed|invalid MFA",
        "certain",
        "The MFA code was not right, or used before.",
        "Wait for the next code and try again.",
    ),
    (
        r"Member must satisfy regular expression pattern|Invalid length for parameter RoleSessionName",
        "certain",
        "A value was changed on the way: AWS does not take it as it came.",
        "Copy the snippet again, whole.",
    ),
    (
        r"AccessControlListNotSupported",
        "certain",
        "The bucket does not take ACLs.",
        "Upload without --acl.",
    ),
    (
        r"kms:(?:GenerateDataKey|Decrypt)",
        "certain",
        "The role may not use the key that encrypts the bucket's objects.",
        "Its key policy must allow the role kms:GenerateDataKey (upload) or kms:Decrypt (read).",
    ),
)


def of_the_words(refusal: Refusal) -> Iterator[Reason]:
    """Give what the words of the sentence say by themselves."""
    for pattern, weight, why, cure in _SENTENCES:
        if re.search(pattern, refusal.text, re.ASCII | re.IGNORECASE):
            yield Reason(weight, why, cure)


def of_the_policies(refusal: Refusal) -> Iterator[Reason]:
    """Give what "because no … policy allows" and "with an explicit deny in …" mean for each kind of policy."""
    assume = refusal.action == "sts:AssumeRole"
    for named, kind, on_assume, reason in _POLICIES:
        said = refusal.missing_in if named == "missing" else refusal.denied_in
        if kind in said.lower() and on_assume in {None, assume}:
            yield reason


_ASK_BOTH = "Send an approver AWS's sentence: it names the policy."
# Whether the policy is missing or denies, words of its kind, whether it was AssumeRole that was refused (or either).
_POLICIES: tuple[tuple[Literal["missing", "denied"], str, bool | None, Reason], ...] = (
    (
        "missing",
        "identity-based",
        True,
        Reason(
            "certain",
            "Your own account does not let you assume the role: no identity policy there allows it.",
            "Give your administrator the policy from the request's page.",
        ),
    ),
    (
        "missing",
        "trust",
        True,
        Reason("likely", "The role does not let this call in.", "Check session name, identity and window."),
    ),
    (
        "missing",
        "resource-based",
        True,
        Reason("likely", "The role does not let this call in.", "Check session name, identity and window."),
    ),
    (
        "missing",
        "resource-based",
        False,
        Reason("likely", "The bucket policy does not let this session in.", "The bucket's owner must name the role."),
    ),
    (
        "missing",
        "session",
        False,
        Reason("certain", "The session was opened with a policy that leaves this out.", "Open it without a policy."),
    ),
    (
        "missing",
        "boundar",
        False,
        Reason("certain", "The role's permissions boundary does not allow it.", "Ask for another role."),
    ),
    (
        "denied",
        "boundar",
        False,
        Reason("certain", "The role's permissions boundary denies it.", "Ask for another role."),
    ),
    (
        "denied",
        "identity-based",
        True,
        Reason("certain", "A policy of your own account denies it.", "Your administrator must change that policy."),
    ),
    (
        "denied",
        "identity-based",
        False,
        Reason("likely", "The session belongs to an access that is over.", "Open a new one; delete ~/.aws/cli/cache."),
    ),
    (
        "denied",
        "session",
        False,
        Reason("likely", "The session is past the end of the access.", "Ask for a new access."),
    ),
    (
        "denied",
        "resource-based",
        False,
        Reason("certain", "The bucket policy denies it explicitly.", "The bucket's owner must change its policy."),
    ),
    (
        "denied",
        "trust",
        None,
        Reason("certain", "The role's trust policy denies it explicitly.", "Tell an approver: nobody gets in."),
    ),
    (
        "missing",
        "service control",
        None,
        Reason("certain", "An organisation's policy does not allow it.", _ASK_BOTH),
    ),
    (
        "denied",
        "service control",
        None,
        Reason("certain", "An organisation's policy denies it.", _ASK_BOTH),
    ),
    (
        "denied",
        "resource control",
        None,
        Reason("certain", "An organisation's policy denies it.", _ASK_BOTH),
    ),
    (
        "missing",
        "vpc endpoint",
        None,
        Reason("certain", "The policy of the VPC endpoint does not let it through.", "Ask who runs your network."),
    ),
    (
        "denied",
        "vpc endpoint",
        None,
        Reason("certain", "The policy of the VPC endpoint denies it.", "Ask who runs your network."),
    ),
)
