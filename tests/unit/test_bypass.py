"""Actions that can bypass expiry: every published path is known, and the gate and the findings have one list."""

import json
from pathlib import Path
from typing import Any

import pytest

from access.bypass import BYPASSES, ESCAPES, HELPERS, LAUNCHERS, BypassKind, launchers_for
from access.explain import find_in_permissions, find_in_role
from access.explain.service_catalog import Level, actions_of, matching
from access.verify import can_bypass_expiry

# [pathfinding.cloud; Rhino Security Labs; cloudsplaining; PMapper; HackTricks Cloud; Service Authorization Reference]
PATHS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "published_paths.json").read_text())
RETIRED = "codestar:"  # the data package has forgotten it; policies have not

# Write actions of the identity services that take no session past its expiry: they remove, rename, describe, or make
# what has no rights of its own. A new action of AWS's is in neither list, and the test fails until somebody judges it.
HARMLESS = {
    "iam": """
        AssociateDelegationRequest ChangePassword CreateAccountAlias CreateDelegationRequest CreateGroup
        CreateInstanceProfile CreatePolicy CreateServiceLinkedRole DeleteAccessKey DeleteAccountAlias
        DeleteAccountPasswordPolicy DeleteCloudFrontPublicKey DeleteGroup DeleteInstanceProfile
        DeleteLoginProfile DeleteOpenIDConnectProvider DeletePolicy DeletePolicyVersion DeleteRole
        DeleteSAMLProvider DeleteSSHPublicKey DeleteServerCertificate DeleteServiceLinkedRole
        DeleteServiceSpecificCredential DeleteSigningCertificate DeleteUser DeleteVirtualMFADevice
        DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions
        DisableOutboundWebIdentityFederation EnableOutboundWebIdentityFederation PutAccountProperties
        RejectDelegationRequest RemoveClientIDFromOpenIDConnectProvider RemoveRoleFromInstanceProfile
        SetSTSRegionalEndpointStatus SetSecurityTokenServicePreferences UpdateAccountName
        UpdateAccountPasswordPolicy UpdateCloudFrontPublicKey UpdateGroup UpdateRole UpdateRoleDescription
        UpdateServerCertificate UpdateUser UploadCloudFrontPublicKey UploadServerCertificate
    """,
    "sts": """
        AssumeRoleWithSAML AssumeRoleWithWebIdentity DecodeAuthorizationMessage SetContext SetSourceIdentity
    """,
    "sso": """
        AddRegion CreateApplication CreateApplicationAssignment CreateApplicationInstance
        CreateApplicationInstanceCertificate CreateInstance
        CreateInstanceAccessControlAttributeConfiguration CreateManagedApplicationInstance
        CreatePermissionSet CreateProfile CreateTrust DeleteAccountAssignment DeleteApplication
        DeleteApplicationAccessScope DeleteApplicationAssignment DeleteApplicationAuthenticationMethod
        DeleteApplicationGrant DeleteApplicationInstance DeleteApplicationInstanceCertificate DeleteInstance
        DeleteInstanceAccessControlAttributeConfiguration DeleteManagedApplicationInstance
        DeletePermissionSet DeleteProfile DeleteTrustedTokenIssuer DisassociateDirectory DisassociateProfile
        ImportApplicationInstanceServiceProviderMetadata ProvisionPermissionSet PutApplicationAccessScope
        PutApplicationAssignmentConfiguration PutApplicationAuthenticationMethod PutApplicationGrant
        PutApplicationSessionConfiguration PutMfaDeviceManagementForDirectory RemoveRegion StartSSO
        UpdateApplication UpdateApplicationInstanceActiveCertificate UpdateApplicationInstanceDisplayData
        UpdateApplicationInstanceResponseConfiguration UpdateApplicationInstanceResponseSchemaConfiguration
        UpdateApplicationInstanceSecurityConfiguration UpdateApplicationInstanceServiceProviderConfiguration
        UpdateApplicationInstanceStatus UpdateInstance UpdateInstanceAccessControlAttributeConfiguration
        UpdateManagedApplicationInstanceStatus UpdatePermissionSet UpdateProfile UpdateSSOConfiguration
        UpdateTrust
    """,
    "sso-directory": """
        CompleteVirtualMfaDeviceRegistration CompleteWebAuthnDeviceRegistration CreateAlias CreateGroup
        CreateProvisioningTenant CreateUser DeleteBearerToken DeleteExternalIdPCertificate
        DeleteExternalIdPConfigurationForDirectory DeleteGroup DeleteProvisioningTenant DeleteUser
        DisableExternalIdPConfigurationForDirectory DisableUser EnableUser RemoveMemberFromGroup
        StartVirtualMfaDeviceRegistration StartWebAuthnDeviceRegistration UpdateGroup UpdateGroupDisplayName
        UpdateUser UpdateUserName VerifyEmail
    """,
    "identitystore": """
        AddRegion CreateGroup CreateIdentityStore CreateUser DeleteGroup DeleteGroupMembership
        DeleteIdentityStore DeleteUser RemoveRegion ReserveUser UpdateGroup UpdateIdentityStore UpdateUser
    """,
    "rolesanywhere": """
        DeleteAttributeMapping DeleteCrl DeleteProfile DeleteTrustAnchor DisableCrl DisableProfile
        DisableTrustAnchor EnableCrl ImportCrl PutNotificationSettings ResetNotificationSettings UpdateCrl
    """,
}


def policy(*actions: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def weighed(document: dict[str, Any]) -> set[str]:
    return {f"{one.weight} {one.rule}" for one in find_in_permissions(document)}


def test_every_published_escalation_path_is_found_and_refused() -> None:
    for path in PATHS:
        document = policy(*path["actions"])
        assert path["finding"] in weighed(document), path
        assert bool(can_bypass_expiry([document], None)) == (path["finding"] == "high escalation"), path


def test_the_table_of_published_paths_is_complete() -> None:
    sources = {source.partition(" ")[0] for path in PATHS for source in path["sources"]}
    assert {"pathfinding.cloud", "Rhino", "cloudsplaining", "PMapper", "HackTricks"} <= sources
    high = [path for path in PATHS if path["finding"] == "high escalation"]
    assert len(PATHS) > 200
    assert len(high) > 0.85 * len(PATHS)


def is_an_aws_action(action: str) -> bool:
    return action.startswith(RETIRED) or [found.name for found in matching(action)] == [action]


def test_every_entry_is_an_aws_action_with_a_source() -> None:
    entries = [*BYPASSES, *HELPERS]
    assert [one.action for one in entries if not one.source] == []
    assert [action for one in entries for action in (one.action, *one.needs) if not is_an_aws_action(action)] == []


def test_every_launcher_is_an_aws_action() -> None:
    assert [name for names in LAUNCHERS.values() for name in names if not is_an_aws_action(name)] == []


@pytest.mark.parametrize("service", HARMLESS)
def test_every_write_action_of_an_identity_service_is_classified(service: str) -> None:
    writes = {action.name for action in actions_of(service).values() if action.level in {Level.WRITE, Level.PERMIT}}
    listed = {one.action for one in (*BYPASSES, *HELPERS)} | {name for names in LAUNCHERS.values() for name in names}
    harmless = {f"{service}:{name}" for name in HARMLESS[service].split()}
    assert writes - listed == harmless


def test_every_refused_action_is_a_high_finding() -> None:
    assert len(ESCAPES) > 100
    for action in ESCAPES:
        assert can_bypass_expiry([policy(action)], None) == [action]
        assert "high escalation" in weighed(policy(action)), action


@pytest.mark.parametrize("one", [one for one in BYPASSES if one.needs], ids=lambda one: one.action)
def test_an_action_that_needs_another_counts_only_with_it(one: Any) -> None:
    assert can_bypass_expiry([policy(one.action)], None) == []
    assert one.action in can_bypass_expiry([policy(one.action), policy(*one.needs)], None)
    assert "medium detour" in weighed(policy(one.action))


def test_an_action_that_only_helps_is_reported_and_refuses_no_role() -> None:
    assert len(HELPERS) > 50
    for one in HELPERS:
        assert one.kind is BypassKind.HELP, one.action
        assert can_bypass_expiry([policy(one.action)], None) == [], one.action
        assert "medium detour" in weighed(policy(one.action)), one.action


def test_leaving_iam_sts_and_organizations_out_is_not_enough() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "organizations:*"], "Resource": "*"}
    found = can_bypass_expiry([{"Statement": [statement]}], None)
    assert {"ssm:SendCommand", "lambda:UpdateFunctionCode", "sso:CreateAccountAssignment"} <= set(found)
    assert "high escalation" in weighed({"Statement": [statement]})


def test_only_an_unconditional_deny_removes_an_action() -> None:
    allow = policy("ssm:SendCommand")
    always = {"Statement": {"Effect": "Deny", "Action": "ssm:*", "Resource": "*"}}
    sometimes = {"Statement": always["Statement"] | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}}
    somewhere = {"Statement": always["Statement"] | {"Resource": "arn:aws:ec2:*:*:instance/*"}}
    assert can_bypass_expiry([allow, always], None) == []
    assert (
        can_bypass_expiry([allow, sometimes], None)
        == can_bypass_expiry([allow, somewhere], None)
        == ["ssm:SendCommand"]
    )


def test_a_bracket_is_not_a_wildcard_in_iam() -> None:
    deny = {"Statement": {"Effect": "Deny", "Action": "ssm:[S]endCommand", "Resource": "*"}}
    assert can_bypass_expiry([policy("ssm:SendCommand"), deny], None) == ["ssm:SendCommand"]


def test_the_policies_of_a_role_count_together() -> None:
    managed = {
        "arn:aws:iam::aws:policy/Pass": policy("iam:PassRole", Resource="arn:aws:iam::*:role/*", Condition=LAMBDA)
    }
    found = find_in_role(policy("lambda:CreateFunction"), managed=managed)
    assert any("iam:PassRole, lambda:CreateFunction" in str(one.sentence) and one.weight == "high" for one in found)


LAMBDA = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


@pytest.mark.parametrize(
    ("services", "action"),
    [
        ("lambda.amazonaws.com", "lambda:CreateFunction"),
        ("*.amazonaws.com", "ec2:RunInstances"),
        ("states.eu-west-1.amazonaws.com", "states:CreateStateMachine"),
        ("ec2.amazonaws.com.cn", "ec2:RunInstances"),
    ],
)
def test_an_action_that_starts_something_is_known_by_the_service_that_takes_the_role(
    services: str, action: str
) -> None:
    assert action in launchers_for([services])
    assert launchers_for(["monitoring.rds.amazonaws.com"]) == ()
