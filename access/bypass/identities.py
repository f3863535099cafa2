"""Actions of IAM and STS that change permissions, issue another identity, or pass a role.

`tests/unit/test_bypass.py` asks that every write action of IAM and STS is here or among those found harmless.
"""

from collections.abc import Mapping

RIGHTS: Mapping[str, str] = {
    "iam:AddUserToGroup": "pathfinding.cloud iam-013",
    "iam:AttachGroupPolicy": "pathfinding.cloud iam-010",
    "iam:AttachRolePolicy": "pathfinding.cloud iam-009, iam-014, iam-019",
    "iam:AttachUserPolicy": "pathfinding.cloud iam-008, iam-015",
    "iam:CreatePolicyVersion": "pathfinding.cloud iam-001, iam-016, iam-020",
    "iam:CreateRole": "aws.md §4: a role that a session made outlives it",
    "iam:CreateUser": "aws.md §4: a user that a session made outlives it",
    "iam:DeleteGroupPolicy": "SAR: removes an inline policy, and with it a Deny",
    "iam:DeleteRolePermissionsBoundary": "primeharbor/sensitive_iam_actions PrivEsc",
    "iam:DeleteRolePolicy": "aws.md §4: removes the expiry policy",
    "iam:DeleteUserPermissionsBoundary": "primeharbor/sensitive_iam_actions PrivEsc",
    "iam:DeleteUserPolicy": "SAR: removes an inline policy, and with it a Deny",
    "iam:DetachGroupPolicy": "SAR: removes a managed policy, and with it a Deny",
    "iam:DetachRolePolicy": "aws.md §4: removes a managed policy, and with it a Deny",
    "iam:DetachUserPolicy": "SAR: removes a managed policy, and with it a Deny",
    "iam:PutGroupPolicy": "pathfinding.cloud iam-011",
    "iam:PutRolePermissionsBoundary": "HackTricks Cloud, IAM",
    "iam:PutRolePolicy": "pathfinding.cloud iam-005, iam-017, iam-021",
    "iam:PutUserPermissionsBoundary": "HackTricks Cloud, IAM",
    "iam:PutUserPolicy": "pathfinding.cloud iam-007, iam-018",
    "iam:RemoveUserFromGroup": "SAR: takes a group's policies from a user, and with them a Deny",
    "iam:SetDefaultPolicyVersion": "Rhino Security Labs 2",
    "iam:UpdateAssumeRolePolicy": "pathfinding.cloud iam-012, iam-019 to iam-021",
}

IDENTITY: Mapping[str, str] = {
    "account:AcceptPrimaryEmailUpdate": "SAR: the root user signs in with the new address",
    "account:StartPrimaryEmailUpdate": "SAR: the root user signs in with the new address",
    "iam:CreateAccessKey": "pathfinding.cloud iam-002, iam-003",
    "iam:CreateLoginProfile": "pathfinding.cloud iam-004",
    "iam:CreateServiceSpecificCredential": "HackTricks Cloud, IAM; cloudsplaining CredentialsExposure",
    "iam:ResetServiceSpecificCredential": "HackTricks Cloud, IAM; cloudsplaining CredentialsExposure",
    "iam:UpdateAccessKey": "HackTricks Cloud, IAM: activates an old key",
    "iam:UpdateAccountEmailAddress": "SAR: the root user signs in with the new address",
    "iam:UpdateLoginProfile": "pathfinding.cloud iam-006",
    "iam:UpdateSSHPublicKey": "SAR: activates an old key",
    "iam:UpdateServiceSpecificCredential": "SAR: activates an old credential",
    "iam:UpdateSigningCertificate": "SAR: activates an old certificate",
    "iam:UploadSSHPublicKey": "HackTricks Cloud, IAM",
    "iam:UploadSigningCertificate": "SAR: a certificate that signs requests as a user",
    "organizations:CreateAccount": "SAR: an account with a role that trusts this one",
    "organizations:CreateGovCloudAccount": "SAR: an account with a role that trusts this one",
    "sts:AssumeRole": "pathfinding.cloud sts-001; aws.md §4",
    "sts:AssumeRoot": "SAR: a session of another account's root user",
    "sts:GetDelegatedAccessToken": "SAR: credentials of a temporary delegation",
    "sts:GetFederationToken": "cloudsplaining CredentialsExposure; aws.md §2",
    "sts:GetWebIdentityToken": "aws.md §10: a token that other roles take for the caller",
}

PASSING: Mapping[str, str] = {
    "iam:PassRole": "Rhino Security Labs 3, 15 to 20; pathfinding.cloud, category new-passrole",
}

IDENTITY_NEEDS: Mapping[str, tuple[str, ...]] = {
    "organizations:CreateAccount": ("sts:AssumeRole",),
    "organizations:CreateGovCloudAccount": ("sts:AssumeRole",),
}
