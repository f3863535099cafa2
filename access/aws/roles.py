"""Read roles and write their two documents, as the worker."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from access.aws.clients import Identity, iam
from access.aws.errors import RoleMissing, translated

READ_PAGE = 1000  # IAM gives at most so many roles in one answer


@dataclass(frozen=True, slots=True)
class RoleRead:
    """One role as IAM showed it; `closing` is None when the role has no closing policy."""

    arn: str
    unique_id: str
    trust: Mapping[str, Any]
    closing: Mapping[str, Any] | None


def read_role(*, arn: str, closing_name: str) -> RoleRead:
    """Give the role `arn` with its trust policy and its closing policy. [IAM GetRole, GetRolePolicy]

    Raises RoleMissing also when the role of that name is another one: in another account or under another path.
    """
    with translated():
        role = _get_role(arn)
        if role["Arn"] != arn:
            raise RoleMissing(f"IAM has {role['Arn']} under this name, not {arn}.")
        return RoleRead(
            arn=role["Arn"],
            unique_id=role["RoleId"],
            trust=document(role.get("AssumeRolePolicyDocument")),
            closing=_read_inline(name_in(arn), closing_name),
        )


def _get_role(arn: str) -> Any:
    """Give IAM's own answer. A role that is not there has no path, so IAM may refuse to speak of it to our worker."""
    try:
        return iam(Identity.WORKER).get_role(RoleName=name_in(arn))["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied" and not _is_listed(arn):
            raise RoleMissing(f"IAM has no role {arn}.") from error
        raise


def _is_listed(arn: str) -> bool:
    path = "/" + "".join(f"{part}/" for part in arn.split("/")[1:-1])
    pages = (
        iam(Identity.WORKER)
        .get_paginator("list_roles")
        .paginate(PathPrefix=path, PaginationConfig={"PageSize": READ_PAGE})
    )
    return any(role["Arn"] == arn for page in pages for role in page["Roles"])


def read_trust(*, arn: str) -> Mapping[str, Any]:
    """Give the role's trust policy alone. [IAM GetRole]"""
    with translated():
        return document(iam(Identity.WORKER).get_role(RoleName=name_in(arn))["Role"].get("AssumeRolePolicyDocument"))


def read_roles(*, closing_name: str) -> dict[str, RoleRead]:
    """Give every role of the account by its ARN, in one call per 1,000 roles. [IAM GetAccountAuthorizationDetails]"""
    with translated():
        paginator = iam(Identity.WORKER).get_paginator("get_account_authorization_details")
        pages = paginator.paginate(Filter=["Role"], PaginationConfig={"PageSize": READ_PAGE})
        return {role["Arn"]: _role_in_list(role, closing_name) for page in pages for role in page["RoleDetailList"]}


def write_trust(*, arn: str, policy: Mapping[str, Any]) -> None:
    """Replace the role's trust policy, in one attempt. [IAM UpdateAssumeRolePolicy]"""
    with translated():
        iam(Identity.WORKER, writes=True).update_assume_role_policy(
            RoleName=name_in(arn), PolicyDocument=compact(policy)
        )


def write_closing(*, arn: str, name: str, policy: Mapping[str, Any] | None) -> None:
    """Replace the role's closing policy, or delete it when it is None, in one attempt. [IAM PutRolePolicy]"""
    client = iam(Identity.WORKER, writes=True)
    with translated():
        if policy is not None:
            client.put_role_policy(RoleName=name_in(arn), PolicyName=name, PolicyDocument=compact(policy))
            return
        try:
            client.delete_role_policy(RoleName=name_in(arn), PolicyName=name)
        except client.exceptions.NoSuchEntityException:
            return


def trust_quota() -> int:
    """Give the characters that a trust policy of this account may have. [IAM GetAccountSummary]"""
    with translated():
        summary = iam(Identity.WORKER).get_account_summary()["SummaryMap"]
        return int(summary.get("AssumeRolePolicySizeQuota", 2048))


def name_in(arn: str) -> str:
    """Give the bare name at the end of an ARN, which is how IAM's calls name a role or policy."""
    return arn.rsplit("/", 1)[1]


def document(value: Any) -> Mapping[str, Any]:
    """Give a policy document, which botocore decodes where it can and leaves as text where it cannot."""
    parsed = json.loads(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, dict) else {}


def compact(policy: Mapping[str, Any]) -> str:
    """Give a document as we send it, without white space."""
    return json.dumps(policy, separators=(",", ":"))


def _role_in_list(role: Mapping[str, Any], closing_name: str) -> RoleRead:
    inline = {policy["PolicyName"]: policy["PolicyDocument"] for policy in role.get("RolePolicyList", [])}
    return RoleRead(
        arn=role["Arn"],
        unique_id=role["RoleId"],
        trust=document(role.get("AssumeRolePolicyDocument")),
        closing=document(inline[closing_name]) if closing_name in inline else None,
    )


def _read_inline(role: str, name: str) -> Mapping[str, Any] | None:
    client = iam(Identity.WORKER)
    try:
        return document(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    except client.exceptions.NoSuchEntityException:
        return None
