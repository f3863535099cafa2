"""Parse AWS's error messages as the AWS CLI, SDKs, PowerShell, Terraform and the console show them.

Grounds: IAM User Guide, "Troubleshoot access denied error messages"; the texts of STS, S3, EC2 and the AWS CLI.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's sentence in parts; whatever it did not say is empty. `action` is the IAM action that was refused.

    `missing_in` and `denied_in` are the kind of policy that AWS names: "identity-based", "permissions boundary", ….
    """

    text: str
    caller: str = ""
    action: str = ""
    resource: str = ""
    missing_in: str = ""
    denied_in: str = ""
    operation: str = ""


_KIND = r"([a-zA-Z][a-zA-Z -]{2,40}?)"
_PARTS = {
    "caller": re.compile(r"User: (arn:[a-z-]+:(?:iam|sts)::[0-9]{12}:[^\s]+) is not authorized", re.ASCII),
    "action": re.compile(r"to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)", re.ASCII),
    "resource": re.compile(r"on resource: \"?(arn:[^\s\"]+)", re.ASCII),
    # A boundary is named without the word "policy"; the ARN of the policy can follow.
    "missing_in": re.compile(rf"because no {_KIND}(?: polic(?:y|ies))? allows? ", re.ASCII),
    "denied_in": re.compile(
        rf"with an explicit deny in (?:an? |the )?{_KIND}(?: polic(?:y|ies)\b|(?=:? *(?:arn:|[.;,)]|\Z)))", re.ASCII
    ),
}
_OPERATIONS = (
    re.compile(r"when calling the ([A-Za-z0-9]+) operation", re.ASCII),
    re.compile(r"operation error [A-Za-z0-9 ]{1,40}: ([A-Za-z0-9]+)", re.ASCII),
    re.compile(r"allow the [a-z0-9-]+:([A-Za-z0-9]+) action", re.ASCII),
    re.compile(r"\b((?:Write|Read|Get|Copy|Remove)-S3[A-Za-z]+)\b", re.ASCII),
)
# What S3's operations need, where the names differ or S3 answers only "Access Denied". [SAR S3]
_NEEDS = {
    "AssumeRole": "sts:AssumeRole",
    "CreateMultipartUpload": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:PutObject",
    "PutObject": "s3:PutObject",
    "PutObjectAcl": "s3:PutObjectAcl",
    "CopyObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "GetObjectTagging": "s3:GetObjectTagging",
    "PutObjectTagging": "s3:PutObjectTagging",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
    "ListBucket": "s3:ListBucket",
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "ListBuckets": "s3:ListAllMyBuckets",
    "Write-S3Object": "s3:PutObject",
    "Copy-S3Object": "s3:PutObject",
    "Read-S3Object": "s3:GetObject",
    "Get-S3Object": "s3:ListBucket",
    "Get-S3Bucket": "s3:ListAllMyBuckets",
    "Remove-S3Object": "s3:DeleteObject",
}
_DENIAL = re.compile(
    r"Access ?Denied|\(403\)|StatusCode: 403|Status Code: 403|Forbidden|Insufficient permissions|UnauthorizedOperation",
    re.ASCII | re.IGNORECASE,
)
_FRAME = re.compile(r"^[ \t>+|\u2500-\u257f]+", re.MULTILINE)
# Characters that look like ordinary spaces, and invisible characters.
_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f\u3000]+")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]|\x1b\[[0-9;]*[A-Za-z]")


def parse(text: str) -> Refusal:
    """Return the parts of AWS's sentence, however a terminal wrapped or framed it."""
    lines = _FRAME.sub("", _UNSEEN.sub("", text))
    folded = _BLANKS.sub(" ", lines).strip()
    found = {name: match[1] for name, part in _PARTS.items() if (match := part.search(folded))}
    operation = next((match[1] for one in _OPERATIONS if (match := one.search(folded))), "")
    if "action" not in found and operation and is_denial(folded):
        found["action"] = _NEEDS.get(operation, "")
    return Refusal(text=folded, operation=operation, **found)


def is_denial(text: str) -> bool:
    """Return whether the text says that something is not allowed."""
    return _DENIAL.search(text) is not None
