"""Read what a role permits, as the worker: its policies and its boundary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.aws.clients import WorkloadIdentity, iam
from access.aws.errors import translated
from access.aws.roles import document, name_in
from access.workload_identities import AwsTarget


@dataclass(frozen=True, slots=True)
class Permissions:
    """The documents of every policy of a role, and of its boundary when it has one; `managed` and `inline` are all its
    `policies`.

    `last_used_at` is when a session of it last made a call, None when none did in 400 days. [IAM RoleLastUsed]
    """

    policies: tuple[Mapping[str, Any], ...]
    boundary: Mapping[str, Any] | None
    managed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inline: tuple[Mapping[str, Any], ...] = ()
    last_used_at: datetime | None = None


def read_permissions(*, target: AwsTarget, arn: str, but: str) -> Permissions:
    """Return what the role may do, without the inline policy named `but`. [IAM ListRolePolicies, GetPolicyVersion]"""
    name = name_in(arn)
    with translated():
        client = iam(WorkloadIdentity.WORKER, target)
        attached = client.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        arns = [policy["PolicyArn"] for page in attached for policy in page["AttachedPolicies"]]
        inline = client.get_paginator("list_role_policies").paginate(RoleName=name)
        names = [policy for page in inline for policy in page["PolicyNames"] if policy != but]
        own = [client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in names]
        documents = tuple(map(document, own))
        role = client.get_role(RoleName=name)["Role"]
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        managed = {policy: _managed(client, policy) for policy in arns}
        return Permissions(
            policies=(*managed.values(), *documents),
            managed=managed,
            inline=documents,
            boundary=_managed(client, boundary) if boundary else None,
            last_used_at=role.get("RoleLastUsed", {}).get("LastUsedDate"),
        )


def _managed(client: Any, arn: str) -> Mapping[str, Any]:
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return document(client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
