"""The CloudFormation templates of `deploy/`: the documents, with references in the place of an account's facts."""

import re
from collections.abc import Mapping
from typing import Any

from access.workload_identities import documents
from access.workload_identities.documents import (
    BUILDER,
    HUB_BUILDER,
    HUB_WORKER,
    IDENTITY_PATH,
    ISSUER,
    ROLE_PATH,
    WORKER,
    Document,
    Home,
)

Template = dict[str, Any]

HERE = Home("${AWS::Partition}", "${AWS::AccountId}")
_ONE_REFERENCE = re.compile(r"\A\$\{([A-Za-z0-9:]+)\}\Z")
_IMPORTED_ARN = r"(arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+)?"
_CALLER_ARN = r"arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+"


def account(values: Mapping[str, str] | None = None) -> Template:
    """Return the template for an account whose roles are given to people; `values` become its parameters' defaults."""
    parameters = {
        "HubWorkerArn": _text("The worker of the hub: HubWorkerArn of the hub's outputs.", _CALLER_ARN),
        "HubBuilderArn": _text("The builder of the hub: HubBuilderArn of the hub's outputs.", _CALLER_ARN),
        "ExternalId": _text("Made by Daypass for this account and no other.", r"[A-Za-z0-9_=,.@:/+-]{16,64}"),
        "OrgId": _text("Your organisation, or empty when there is none.", r"(o-[a-z0-9]{10,32})?", ""),
        "ImportedRoleArns": _list("Roles that were there before, by exact ARN; or empty.", _IMPORTED_ARN, ""),
    }
    resources = {
        "Boundary": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": documents.BOUNDARY_NAME,
                "Path": ROLE_PATH,
                "Description": "The ceiling of every role that Daypass makes.",
                "PolicyDocument": _referring(documents.boundary()),
            },
        },
        "Worker": _spoke(
            WORKER, "Reads IAM; writes trust and expiry policies.", "${HubWorkerArn}", documents.worker(HERE)
        ),
        "Builder": _spoke(BUILDER, "Makes and deletes roles.", "${HubBuilderArn}", documents.builder(HERE)),
        "WorkerAdopted": _imported("Worker", documents.worker_imported("${ImportedRoleArns}")),
    }
    conditions = {"InOrganisation": _is_given("OrgId"), "HasAdopted": _is_listed("ImportedRoleArns")}
    outputs = {
        "WorkerRoleArn": _arn("Worker"),
        "BuilderRoleArn": _arn("Builder"),
        "BoundaryArn": {"Value": {"Ref": "Boundary"}},
    }
    return _template(
        "Daypass: an account whose roles are given to people.", parameters, resources, outputs, conditions, values
    )


def hub(values: Mapping[str, str] | None = None) -> Template:
    """Return the template for the account that Daypass itself runs in: its three identities, which reach the others."""
    parameters = {
        "WorkerRunsAsArn": _text("The role or user that the worker process runs as.", _CALLER_ARN),
        "WebRunsAsArn": _text("The role or user that the web process runs as.", _CALLER_ARN),
        "ImportedRoleArns": _list("Imported roles that the portal opens, by exact ARN; or empty.", _IMPORTED_ARN, ""),
    }
    partition = HERE.partition
    runs_worker, runs_web = documents.trust("${WorkerRunsAsArn}"), documents.trust("${WebRunsAsArn}")
    resources = {
        "Worker": _role(
            HUB_WORKER, "Is the worker in the accounts.", runs_worker, documents.hub_assumes(partition, WORKER)
        ),
        "Builder": _role(
            HUB_BUILDER, "Is the builder in the accounts.", runs_worker, documents.hub_assumes(partition, BUILDER)
        ),
        "Issuer": _role(ISSUER, "Opens sessions of the roles that trust it.", runs_web, documents.issuer(partition)),
        "IssuerAdopted": _imported("Issuer", documents.issuer_imported("${ImportedRoleArns}")),
    }
    outputs = {"HubWorkerArn": _arn("Worker"), "HubBuilderArn": _arn("Builder"), "IssuerArn": _arn("Issuer")}
    conditions = {"HasAdopted": _is_listed("ImportedRoleArns")}
    return _template("Daypass: the account that it runs in.", parameters, resources, outputs, conditions, values)


def organisation(values: Mapping[str, str] | None = None) -> Template:
    """Return the template for the organisation's management account: who may assume roles of Daypass at all."""
    parameters = {
        "AllowedAccountIds": _list(
            "The accounts that may assume the roles: the hub and your contractors.", "[0-9]{12}"
        ),
        "HubRoleArns": _list("HubWorkerArn and HubBuilderArn of the hub's outputs.", _CALLER_ARN),
        "TargetIds": _list("The accounts or units that the policy is attached to.", "[a-z0-9-]+"),
    }
    content = documents.organisation(HERE.partition, accounts="${AllowedAccountIds}", hub_roles="${HubRoleArns}")
    resources = {
        "Policy": {
            "Type": "AWS::Organizations::Policy",
            "Properties": {
                "Name": "daypass",
                "Description": "Only listed accounts assume the roles of Daypass.",
                "Type": "RESOURCE_CONTROL_POLICY",
                "TargetIds": {"Ref": "TargetIds"},
                "Content": _referring(content),
            },
        }
    }
    return _template("Daypass: the organisation's own limit.", parameters, resources, {}, {}, values)


def _template(
    description: str,
    parameters: Template,
    resources: Template,
    outputs: Template,
    conditions: Template,
    values: Mapping[str, str] | None,
) -> Template:
    for name, value in (values or {}).items():
        parameters[name]["Default"] = value
    head = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description, "Parameters": parameters}
    parts = {"Conditions": conditions, "Resources": resources, "Outputs": outputs}
    return head | {name: part for name, part in parts.items() if part}


def _spoke(name: str, description: str, hub_role: str, policy: Document) -> Template:
    """Return a role that one role of the hub can be, from inside the organisation when there is one."""
    anywhere = documents.spoke_trust(hub_role=hub_role, external_id="${ExternalId}")
    inside = documents.spoke_trust(hub_role=hub_role, external_id="${ExternalId}", org_id="${OrgId}")
    role = _role(name, description, anywhere, policy)
    choice = ["InOrganisation", _referring(inside), _referring(anywhere)]
    role["Properties"]["AssumeRolePolicyDocument"] = {"Fn::If": choice}
    return role


def _role(name: str, description: str, trust: Document, policy: Document) -> Template:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Path": IDENTITY_PATH,
            "Description": f"Daypass: {description[0].lower()}{description[1:]}",
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": _referring(trust),
            "Policies": [{"PolicyName": name, "PolicyDocument": _referring(policy)}],
        },
    }


def _imported(role: str, policy: Document) -> Template:
    return {
        "Type": "AWS::IAM::RolePolicy",
        "Condition": "HasAdopted",
        "Properties": {
            "RoleName": {"Ref": role},
            "PolicyName": "daypass-adopted",
            "PolicyDocument": _referring(policy),
        },
    }


def _referring(value: Any) -> Any:
    """Return a document with CloudFormation's references where the strings of it name them."""
    if isinstance(value, dict):
        return {name: _referring(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_referring(part) for part in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    alone = _ONE_REFERENCE.match(value)
    return {"Ref": alone[1]} if alone else {"Fn::Sub": value}


def _text(description: str, pattern: str, default: str | None = None) -> Template:
    asked = {"Type": "String", "Description": description, "AllowedPattern": pattern}
    return asked if default is None else asked | {"Default": default}


def _list(description: str, pattern: str, default: str | None = None) -> Template:
    """Return a parameter that is a list; the pattern holds for each value. [CloudFormation, Parameters]"""
    return _text(description, pattern, default) | {"Type": "CommaDelimitedList"}


def _is_given(parameter: str) -> Template:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}


def _is_listed(parameter: str) -> Template:
    return {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": parameter}]}, ""]}]}


def _arn(resource: str) -> Template:
    return {"Value": {"Fn::GetAtt": [resource, "Arn"]}}
