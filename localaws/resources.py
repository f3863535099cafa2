"""The resource and the condition keys of an IAM call, as the Service Authorization Reference lists them."""

from typing import Any

from localaws.inside import GROUPS, ROLES, USERS

STORES = {"role": ROLES, "user": USERS, "group": GROUPS}
LISTS = {"ListRoles": "role", "ListUsers": "user", "ListGroups": "group", "ListPolicies": "policy"}
OF_THE_CALLER = {"GetUser", "CreateAccessKey", "ListAccessKeys", "DeleteAccessKey", "UpdateAccessKey"}
# UpdateAssumeRolePolicy is not among them: whether AWS knows the key there is not confirmed.
KNOW_THE_BOUNDARY = {
    "AttachRolePolicy", "AttachUserPolicy", "CreateRole", "CreateUser", "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy", "DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DetachRolePolicy", "DetachUserPolicy",
    "PutRolePermissionsBoundary", "PutRolePolicy", "PutUserPermissionsBoundary", "PutUserPolicy",
}  # fmt: skip


def iam_resource(action: str, params: dict[str, str], account: str, caller: str) -> str:
    """Return the ARN that a policy's Resource must cover; `*` for calls about the whole account."""
    prefix = f"arn:aws:iam::{account}:"
    if action in LISTS:
        return f"{prefix}{LISTS[action]}{params.get('PathPrefix') or '/'}"
    for parameter, kind in (("RoleName", "role"), ("UserName", "user"), ("GroupName", "group")):
        if params.get(parameter):
            return _named(prefix, kind, params[parameter], params.get("Path"))
    if action in OF_THE_CALLER and ":user/" in caller:
        return caller
    if params.get("PolicyArn"):
        return params["PolicyArn"]
    if action == "CreatePolicy":
        return f"{prefix}policy{params.get('Path') or '/'}{params.get('PolicyName', '')}"
    if params.get("VirtualMFADeviceName"):
        return f"{prefix}mfa{params.get('Path') or '/'}{params['VirtualMFADeviceName']}"
    return params.get("SerialNumber") or "*"


def iam_context(action: str, params: dict[str, str], record: dict[str, Any] | None) -> dict[str, Any]:
    """Return the condition keys of the call; `record` is the user or role that it is about, when there is one."""
    context: dict[str, Any] = {}
    if action in KNOW_THE_BOUNDARY:
        boundary = params.get("PermissionsBoundary") or (record or {}).get("PermissionsBoundary")
        if boundary:
            context["iam:PermissionsBoundary"] = boundary
    if params.get("PolicyArn"):
        context["iam:PolicyARN"] = params["PolicyArn"]
    for tag in (record or {}).get("Tags") or []:
        context[f"iam:ResourceTag/{tag['Key']}"] = tag["Value"]
    return context


def _named(prefix: str, kind: str, name: str, path: str | None) -> str:
    """Return the ARN of a user, role or group; the path is the stored one, or the one that it is created with."""
    record = STORES[kind].get(name)
    return str(record["Arn"]) if record else f"{prefix}{kind}{path or '/'}{name}"
