"""Create and delete roles, as the builder: only under Daypass's path, only with the boundary and Daypass's tag."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from access.aws.clients import WorkloadIdentity, iam
from access.aws.errors import PolicyRefused, translated
from access.aws.roles import compact, document, name_in
from access.workload_identities import MANAGED_TAG, AwsTarget


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A role to be made. `custom_policy` is a customer-managed policy of our own: its ARN and its document."""

    target: AwsTarget
    arn: str
    path: str
    description: str
    boundary_arn: str
    max_session_seconds: int
    trust: Mapping[str, Any]
    policy_arns: tuple[str, ...]
    custom_policy: tuple[str, Mapping[str, Any]] | None
    tags: Mapping[str, str]

    @property
    def attached(self) -> tuple[str, ...]:
        """The ARNs of all its policies."""
        return (*self.policy_arns, *((self.custom_policy[0],) if self.custom_policy else ()))


def create_role(spec: RoleSpec) -> None:
    """Make the role with its policies; what is there already from an earlier try is kept. [IAM CreateRole]

    Raises PolicyRefused when somebody else's role has the name: it would get our policies, without our boundary.
    """
    with translated():
        client = iam(WorkloadIdentity.BUILDER, spec.target)
        _ensure_policies(client, spec)
        try:
            client.create_role(
                RoleName=name_in(spec.arn),
                Path=spec.path,
                AssumeRolePolicyDocument=compact(spec.trust),
                Description=spec.description,
                MaxSessionDuration=spec.max_session_seconds,
                PermissionsBoundary=spec.boundary_arn,
                Tags=[{"Key": key, "Value": value} for key, value in [*spec.tags.items(), MANAGED_TAG]],
            )
        except client.exceptions.EntityAlreadyExistsException:
            _check_ours(client, spec)
        _exchange_policies(client, spec)


def update_role(spec: RoleSpec) -> None:
    """Return a role of ours these policies and no others, the description and the session length. [IAM UpdateRole]

    What it had is detached first: for a moment it can do less, never more. Policies of earlier versions stay in IAM,
    unattached. Raises PolicyRefused when IAM does not take what is new; then nothing was changed.
    """
    with translated():
        client = iam(WorkloadIdentity.BUILDER, spec.target)
        _ensure_policies(client, spec)
        client.update_role(
            RoleName=name_in(spec.arn), Description=spec.description, MaxSessionDuration=spec.max_session_seconds
        )
        _exchange_policies(client, spec)


def _exchange_policies(client: Any, spec: RoleSpec) -> None:
    name = name_in(spec.arn)
    there = {policy["PolicyArn"] for policy in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
    for policy_arn in sorted(there - set(spec.attached)):
        client.detach_role_policy(RoleName=name, PolicyArn=policy_arn)
    for policy_arn in (policy for policy in spec.attached if policy not in there):
        client.attach_role_policy(RoleName=name, PolicyArn=policy_arn)


def delete_role(*, target: AwsTarget, arn: str) -> None:
    """Delete a role of ours with its inline policies; one that is gone already is fine. [IAM DeleteRole]"""
    name = name_in(arn)
    with translated():
        client = iam(WorkloadIdentity.BUILDER, target)
        with contextlib.suppress(client.exceptions.NoSuchEntityException):
            _delete_with_policies(client, name)


def _delete_with_policies(client: Any, name: str) -> None:
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    for inline in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=inline)
    client.delete_role(RoleName=name)


def _check_ours(client: Any, spec: RoleSpec) -> None:
    """Raise PolicyRefused unless the role that is there is the one of an earlier try."""
    try:
        there = client.get_role(RoleName=name_in(spec.arn))["Role"]
    except ClientError as error:
        # The builder can read nothing outside our path.
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        there = {"Arn": ""}
    boundary = there.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    tags = {(tag["Key"], tag["Value"]) for tag in there.get("Tags", [])}
    if (there["Arn"], boundary) != (spec.arn, spec.boundary_arn) or MANAGED_TAG not in tags:
        raise PolicyRefused("aws_role_not_ours", role=name_in(spec.arn))


def _ensure_policies(client: Any, spec: RoleSpec) -> None:
    """Make the role's own policy, and raise PolicyRefused unless every other is one that can be attached.

    That is read as the worker: the builder can read no policy outside our path. [IAM GetPolicy]
    """
    reader = iam(WorkloadIdentity.WORKER, spec.target)
    for policy_arn in spec.policy_arns:
        try:
            can_be = reader.get_policy(PolicyArn=policy_arn)["Policy"]["IsAttachable"]
        except reader.exceptions.NoSuchEntityException:
            can_be = False
        if not can_be:
            raise PolicyRefused("aws_no_policy", policy=policy_arn)
    if spec.custom_policy is not None:
        _ensure_policy(client, spec.path, *spec.custom_policy)


def _ensure_policy(client: Any, path: str, arn: str, policy: Mapping[str, Any]) -> None:
    try:
        client.create_policy(PolicyName=name_in(arn), Path=path, PolicyDocument=compact(policy))
    except client.exceptions.EntityAlreadyExistsException:
        version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        there = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        if document(there) != policy:
            raise PolicyRefused("aws_policy_name_taken", policy=arn) from None
