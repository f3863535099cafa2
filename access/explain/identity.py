"""The policy that the contractor's own side needs."""

from typing import Any


def identity_policy(role_arn: str, *, overflow_roles: bool = False) -> dict[str, Any]:
    """Return the policy that the contractor's own administrator attaches, so that their user may assume the role.

    With `overflow_roles` it names the role's numbered overflow roles too. Cross-account access needs both sides [IAM
    User Guide, "Cross-account policy evaluation logic"].
    """
    resource: str | list[str] = [role_arn, f"{role_arn}-*"] if overflow_roles else role_arn
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [allow]}
