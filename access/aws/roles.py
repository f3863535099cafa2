"""Read roles, and write their trust policy and expiry policy, as the worker."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from access.aws.clients import Use, WorkloadIdentity, iam, refresh_credentials
from access.aws.errors import AnotherRole, RoleMissing, translated
from access.workload_identities import AwsTarget

READ_PAGE = 1000  # IAM returns at most this number of roles in one response
LONGEST_NUMBER = 600  # digits of a whole number; Python's own limit can be set, but never lower


@dataclass(frozen=True, slots=True)
class RoleSnapshot:
    """One role as IAM showed it; `expiry_policy` is None when the role has no expiry policy."""

    arn: str
    unique_id: str
    trust: Mapping[str, Any]
    expiry_policy: Mapping[str, Any] | None


def read_role(*, target: AwsTarget, arn: str, expiry_policy_name: str, once: bool = False) -> RoleSnapshot:
    """Return the role `arn` with its trust policy and its expiry policy; `once` says that no call is repeated.

    [IAM GetRole, GetRolePolicy]

    Raises RoleMissing also when the role of that name is another one: in another account or under another path.
    """
    with translated():
        role = _get_role(target, arn, once=once)
        if role["Arn"] != arn:
            raise AnotherRole("aws_other_role", found=role["Arn"], role=arn)
        return RoleSnapshot(
            arn=role["Arn"],
            unique_id=role["RoleId"],
            trust=document(role.get("AssumeRolePolicyDocument")),
            expiry_policy=_read_inline(target, name_in(arn), expiry_policy_name, once=once),
        )


def is_listed(*, target: AwsTarget, arn: str) -> bool:
    """Return whether IAM has the role, also where it would not speak of one that is not there. [IAM ListRoles]"""
    path = "/" + "".join(f"{part}/" for part in arn.split("/")[1:-1])
    with translated():
        pages = (
            iam(WorkloadIdentity.WORKER, target)
            .get_paginator("list_roles")
            .paginate(PathPrefix=path, PaginationConfig={"PageSize": READ_PAGE})
        )
        return any(role["Arn"] == arn for page in pages for role in page["Roles"])


def _get_role(target: AwsTarget, arn: str, *, once: bool) -> Any:
    """Return IAM's own answer. A role that is not there has no path, so IAM may refuse to speak of it to our worker."""
    try:
        return iam(WorkloadIdentity.WORKER, target, use=_reading(once=once)).get_role(RoleName=name_in(arn))["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied" and not is_listed(target=target, arn=arn):
            raise RoleMissing("aws_no_role", role=arn) from error
        raise


def _reading(*, once: bool) -> Use:
    return Use.READ_ONCE if once else Use.READ_IN_LEASE


def read_trust(*, target: AwsTarget, arn: str) -> Mapping[str, Any]:
    """Return only the role's trust policy. [IAM GetRole]"""
    with translated():
        role = iam(WorkloadIdentity.WORKER, target, use=Use.READ_IN_LEASE).get_role(RoleName=name_in(arn))["Role"]
        return document(role.get("AssumeRolePolicyDocument"))


def read_roles(*, target: AwsTarget, expiry_policy_name: str) -> dict[str, RoleSnapshot]:
    """Return every role of the account by its ARN, in one call per 1,000 roles. [IAM GetAccountAuthorizationDetails]"""
    with translated():
        paginator = iam(WorkloadIdentity.WORKER, target).get_paginator("get_account_authorization_details")
        pages = paginator.paginate(Filter=["Role"], PaginationConfig={"PageSize": READ_PAGE})
        return {
            role["Arn"]: _role_in_list(role, expiry_policy_name) for page in pages for role in page["RoleDetailList"]
        }


def read_expiry_policy(*, target: AwsTarget, arn: str, name: str, once: bool = False) -> Mapping[str, Any] | None:
    """Return only the role's expiry policy, or None when it has none. [IAM GetRolePolicy]"""
    with translated():
        return _read_inline(target, name_in(arn), name, once=once)


def prepare_write(*, target: AwsTarget) -> None:
    """Return when a write to a role of this account needs nothing but the write itself."""
    with translated():
        refresh_credentials(WorkloadIdentity.WORKER, target)


def write_trust(*, target: AwsTarget, arn: str, policy: Mapping[str, Any]) -> None:
    """Replace the role's trust policy, in one attempt. [IAM UpdateAssumeRolePolicy]"""
    with translated():
        iam(WorkloadIdentity.WORKER, target, use=Use.WRITE).update_assume_role_policy(
            RoleName=name_in(arn), PolicyDocument=compact(policy)
        )


def write_expiry_policy(*, target: AwsTarget, arn: str, name: str, policy: Mapping[str, Any] | None) -> None:
    """Replace the role's expiry policy, or delete it when it is None, in one attempt. [IAM PutRolePolicy]"""
    with translated():
        client = iam(WorkloadIdentity.WORKER, target, use=Use.WRITE)
        if policy is not None:
            client.put_role_policy(RoleName=name_in(arn), PolicyName=name, PolicyDocument=compact(policy))
            return
        try:
            client.delete_role_policy(RoleName=name_in(arn), PolicyName=name)
        except client.exceptions.NoSuchEntityException:
            return


def trust_quota(*, target: AwsTarget) -> int:
    """Return the characters that a trust policy of this account can have. [IAM GetAccountSummary]"""
    with translated():
        summary = iam(WorkloadIdentity.WORKER, target).get_account_summary()["SummaryMap"]
        return int(summary.get("AssumeRolePolicySizeQuota", 2048))


def name_in(arn: str) -> str:
    """Return the bare name at the end of an ARN, which is how IAM's calls name a role or policy."""
    return arn.rsplit("/", 1)[1]


def document(value: Any) -> Mapping[str, Any]:
    """Return a policy document; raises ValueError when it is not JSON.

    IAM sends it as quoted text, which botocore leaves to us. [IAM GetRole, AssumeRolePolicyDocument]
    """
    parsed = value
    if isinstance(value, str):
        parsed = json.loads(unquote(value), parse_float=_fraction, parse_int=_whole, parse_constant=str)
    return parsed if isinstance(parsed, dict) else {}


def _fraction(text: str) -> float | str:
    """Return a number that a float holds exactly, and any other as the text that it is.

    IAM takes text for a number, too. As floats 1e998 and 1e999 were the same, and neither could be written back.
    """
    number = float(text)
    try:
        is_exact = math.isfinite(number) and Decimal(text) == Decimal(repr(number))
    except InvalidOperation:  # an exponent out of Decimal's range
        is_exact = False
    return number if is_exact else text


def _whole(text: str) -> int | str:
    """Return a whole number, or its text where Python may refuse to read or write so many digits."""
    return int(text) if len(text) <= LONGEST_NUMBER else text


def compact(policy: Mapping[str, Any]) -> str:
    """Return a document as we send it, without white space."""
    return json.dumps(policy, separators=(",", ":"))


def _role_in_list(role: Mapping[str, Any], expiry_policy_name: str) -> RoleSnapshot:
    inline = {policy["PolicyName"]: policy["PolicyDocument"] for policy in role.get("RolePolicyList", [])}
    return RoleSnapshot(
        arn=role["Arn"],
        unique_id=role["RoleId"],
        trust=document(role.get("AssumeRolePolicyDocument")),
        expiry_policy=document(inline[expiry_policy_name]) if expiry_policy_name in inline else None,
    )


def _read_inline(target: AwsTarget, role: str, name: str, *, once: bool) -> Mapping[str, Any] | None:
    client = iam(WorkloadIdentity.WORKER, target, use=_reading(once=once))
    try:
        return document(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    except client.exceptions.NoSuchEntityException:
        return None
