"""Check an account: which identity Daypass has there, and whether the deployed documents are correct."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.aws.clients import WorkloadIdentity, iam, sts
from access.aws.errors import translated
from access.aws.roles import READ_PAGE, document
from access.workload_identities import IDENTITY_PATH, AwsTarget


@dataclass(frozen=True, slots=True)
class OwnRole:
    """One of the portal's own roles in an account: its inline policies by name, and what is attached to it."""

    arn: str
    policies: Mapping[str, Mapping[str, Any]]
    attached: tuple[str, ...]


def who_am_i(identity: WorkloadIdentity, *, target: AwsTarget) -> str:
    """Return the ARN that an identity has in the account. [STS GetCallerIdentity, which needs no permission]"""
    with translated():
        return sts(identity, target).get_caller_identity()["Arn"]


def read_policy(*, target: AwsTarget, arn: str) -> Mapping[str, Any]:
    """Return the document that a managed policy has now; raises RoleMissing when there is none. [IAM
    GetPolicyVersion]
    """
    with translated():
        client = iam(WorkloadIdentity.WORKER, target)
        version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return document(client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def read_own_roles(*, target: AwsTarget) -> dict[str, OwnRole]:
    """Return the portal's own roles in the account by their ARNs. [IAM GetAccountAuthorizationDetails]"""
    with translated():
        paginator = iam(WorkloadIdentity.WORKER, target).get_paginator("get_account_authorization_details")
        pages = paginator.paginate(Filter=["Role"], PaginationConfig={"PageSize": READ_PAGE})
        found = [role for page in pages for role in page["RoleDetailList"] if role["Path"] == IDENTITY_PATH]
    return {
        role["Arn"]: OwnRole(
            role["Arn"],
            {policy["PolicyName"]: document(policy["PolicyDocument"]) for policy in role.get("RolePolicyList", [])},
            tuple(policy["PolicyArn"] for policy in role.get("AttachedManagedPolicies", [])),
        )
        for role in found
    }
