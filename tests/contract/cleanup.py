"""Delete whatever a run of the contract made in a real account: everything whose name has its prefix."""

from typing import Any


def sweep_account(iam: Any, s3: Any, prefix: str) -> None:
    """Delete the run's buckets, roles, users, devices and policies; what is gone already is no mistake."""
    _sweep_buckets(s3, prefix)
    _sweep_groups(iam, prefix)
    _sweep_owners(iam, prefix)
    for device in iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]:
        if device["SerialNumber"].rpartition("/")[2].startswith(prefix):
            iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        for policy in page["Policies"]:
            if policy["PolicyName"].startswith(prefix):
                iam.delete_policy(PolicyArn=policy["Arn"])


def _sweep_owners(iam: Any, prefix: str) -> None:
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith(prefix):
                _delete_role(iam, role["RoleName"])
    for page in iam.get_paginator("list_users").paginate():
        for user in page["Users"]:
            if user["UserName"].startswith(prefix):
                _delete_user(iam, user["UserName"])


def _sweep_groups(iam: Any, prefix: str) -> None:
    for page in iam.get_paginator("list_groups").paginate():
        for group in page["Groups"]:
            if group["GroupName"].startswith(prefix):
                _delete_group(iam, group["GroupName"])


def _sweep_buckets(s3: Any, prefix: str) -> None:
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"].startswith(prefix):
            s3.delete_bucket_policy(Bucket=bucket["Name"])
            for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
                s3.delete_object(Bucket=bucket["Name"], Key=entry["Key"])
            s3.delete_bucket(Bucket=bucket["Name"])


def _delete_group(iam: Any, name: str) -> None:
    for user in iam.get_group(GroupName=name)["Users"]:
        iam.remove_user_from_group(GroupName=name, UserName=user["UserName"])
    for policy in iam.list_group_policies(GroupName=name)["PolicyNames"]:
        iam.delete_group_policy(GroupName=name, PolicyName=policy)
    iam.delete_group(GroupName=name)


def _delete_role(iam: Any, name: str) -> None:
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def _delete_user(iam: Any, name: str) -> None:
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for device in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=name, SerialNumber=device["SerialNumber"])
        iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_user(UserName=name)
