"""Rules for what carries data out: reading it everywhere, opening it to others, uploads to a stranger's bucket."""

import re
from collections.abc import Iterator

from access.explain.finding import Finding, Weight
from access.explain.offers import Level, matching
from access.explain.phrases import some
from access.explain.places import is_everything
from access.explain.statements import Statement
from access.uploads import ACL_KEY, OWNER_HAS_ALL

# What holds data or opens it; on everything, these are all the data that there is.
_DATA = (
    "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters",
    "ssm:GetParametersByPath", "kms:Decrypt", "dynamodb:Scan", "dynamodb:ExportTableToPointInTime",
    "rds-data:ExecuteStatement", "athena:GetQueryResults", "codecommit:GitPull", "lambda:GetFunction",
)  # fmt: skip
# What carries data out of the account and that AWS does not call permissions management.
_CARRIES = (
    "ec2:CopySnapshot", "ec2:CreateStoreImageTask", "ec2:ExportImage", "ec2:ModifyImageAttribute",
    "ec2:ModifySnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute",
    "rds:StartExportTask", "redshift:AuthorizeSnapshotAccess", "s3:PutReplicationConfiguration",
    "s3:PutBucketAcl", "s3:PutBucketPolicy", "kms:CreateGrant", "kms:PutKeyPolicy", "lambda:AddPermission",
    "ecr:SetRepositoryPolicy", "secretsmanager:PutResourcePolicy", "backup:CopyIntoBackupVault", "ds:CreateTrust",
    "glue:PutResourcePolicy", "logs:PutSubscriptionFilter", "ssm:ModifyDocumentPermission",
)  # fmt: skip
_UPLOADS = ("s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject", "s3:PutObjectAcl")
_OWNER_KEYS = ("aws:ResourceAccount", "s3:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
_BUCKET = re.compile(r"arn:[^:]*:s3:::([^/*?]+)")


def find_all_data(statement: Statement) -> Iterator[Finding]:
    """Find actions that read data, allowed on everything."""
    everywhere = [resource for resource in statement.resources if is_everything(resource)]
    found = [name for name in _DATA if statement.allows and (everywhere or statement.not_resources)]
    found = [name for name in found if statement.names(name)]
    if found:
        yield Finding(
            Weight.HIGH,
            "all-data",
            f"With {some(found)} on everything, a session can carry out all the data that the account holds there.",
            "Put the ARNs that are meant into Resource.",
            statement.where,
        )


def find_carrying_out(statement: Statement) -> Iterator[Finding]:
    """Find actions that copy data to others or let others in."""
    found = [name for name in _CARRIES if statement.allows and statement.names(name)]
    if found:
        yield Finding(
            Weight.HIGH,
            "carries-out",
            f"With {some(found)} data can be copied or opened to other accounts.",
            "Take the actions out.",
            statement.where,
        )


def find_opening(statement: Statement) -> Iterator[Finding]:
    """Find other actions that AWS calls permissions management: they say who else may use a thing."""
    known = [action for name in statement.actions for action in matching(name) if action.level is Level.PERMIT]
    found = [action.name for action in known if action.service != "iam" and action.name not in _CARRIES]
    if _hands_to_owner(statement):
        found = [name for name in found if name != "s3:PutObjectAcl"]
    if statement.allows and found:
        yield Finding(
            Weight.MEDIUM,
            "opens",
            f"With {some(found)} a session can say who else may use a thing.",
            "Take the actions out, if the work does not need them.",
            statement.where,
        )


def find_missing_owner(statement: Statement) -> Iterator[Finding]:
    """Find uploads to a bucket by its name alone: a name can be taken by another account when the bucket is gone."""
    buckets = [match[1] for resource in statement.resources if (match := _BUCKET.match(resource))]
    uploads = [name for name in _UPLOADS if statement.allows and statement.names(name)]
    if not buckets or not uploads or statement.values_of(*_OWNER_KEYS):
        return
    handed = _hands_to_owner(statement)
    yield Finding(
        Weight.NOTE if handed else Weight.LOW,
        "bucket-owner",
        f"Uploads to {some(buckets)} go on if another account comes to own a bucket of that name.",
        "Add the condition StringEquals aws:ResourceAccount with the number of the account that owns the bucket"
        + ("." if handed else f"; where the bucket takes ACLs, also {ACL_KEY} with {OWNER_HAS_ALL}."),
        statement.where,
    )


def _hands_to_owner(statement: Statement) -> bool:
    return statement.values_of(ACL_KEY) == (OWNER_HAS_ALL,)
