"""Findings that weigh less because a resource, another statement or a condition holds what they are about.

Each row was a wrong *high* finding on a policy that AWS manages, and is rebuilt here in small.
"""

import re
from typing import Any

import pytest

from access.explain import find_in_permissions
from access.explain.sensitive import CARRIES, DATA
from access.explain.service_catalog import matching, resource_formats

TAG = {"StringEquals": {"aws:ResourceTag/team": "a"}}
NODES, DOCUMENTS = "arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:document/*"
OTHER_ACCOUNTS = {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}


def allow(action: Any, resource: Any = "*", condition: Any = None, **more: Any) -> dict[str, Any]:
    held = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, **({} if more else {"Resource": resource}), **held, **more}


def weighed(*statements: dict[str, Any]) -> set[str]:
    found = find_in_permissions({"Version": "2012-10-17", "Statement": list(statements)})
    return {f"{one.weight} {one.rule}" for one in found}


@pytest.mark.parametrize(
    "statements",
    [
        [allow("ssm:SendCommand", DOCUMENTS), allow("ssm:SendCommand", NODES, TAG)],
        [allow("ssm:StartSession", DOCUMENTS), allow("ssm:StartSession", NODES, TAG)],
        [allow("ssm:StartSession", "arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell")],
        [allow("ec2:ModifyInstanceAttribute", "arn:aws:ec2:*:*:security-group/*")],
        [allow("codebuild:StartBuild", ["arn:aws:codebuild:*:*:project/mine*", "arn:aws:codebuild:*:*:build/*"])],
        [allow("cloudformation:UpdateStack", ["arn:aws:cloudformation:*:*:stack/mine*"])],
        [allow("glue:UpdateJob", "arn:aws:glue:*:*:table/*")],
        [allow("sagemaker:CreatePresignedDomainUrl", "arn:aws:sagemaker:*:*:flow-definition/*")],
    ],
)
def test_code_that_runs_only_where_a_resource_or_condition_permits_is_a_medium_finding(statements: Any) -> None:
    told = weighed(*statements)
    assert "medium escalation" in told
    assert "high escalation" not in told


@pytest.mark.parametrize(
    "statements",
    [
        [allow("ssm:SendCommand", DOCUMENTS), allow("ssm:SendCommand", NODES)],
        [allow("ssm:SendCommand", [DOCUMENTS, "arn:aws:ssm:*:*:managed-instance/*"])],
        [allow("ssm:StartSession", "arn:aws:ecs:*:*:task/*/*")],
        [allow("ec2:ModifyInstanceAttribute", "arn:aws:ec2:*:*:instance/i-*")],
        [allow("codebuild:StartBuild", "arn:aws:codebuild:*:*:project/*")],
        [allow(["ssm-guiconnect:StartConnection", "ssm:StartSession"])],
    ],
)
def test_code_that_runs_wherever_the_session_wants_is_a_high_finding(statements: Any) -> None:
    assert "high escalation" in weighed(*statements)


def test_a_resource_that_notresource_leaves_out_is_not_permitted() -> None:
    profiles = "arn:aws:sagemaker:*:*:user-profile/*"
    told = weighed(allow("sagemaker:CreatePresignedDomainUrl", NotResource=profiles))
    assert not told & {"high escalation", "medium escalation"}
    assert "high escalation" in weighed(allow("sagemaker:CreatePresignedNotebookInstanceUrl", NotResource=profiles))
    one = "arn:aws:sagemaker:eu-west-1:111111111111:user-profile/d/mine"
    assert "high escalation" in weighed(allow("sagemaker:CreatePresignedDomainUrl", NotResource=one))


@pytest.mark.parametrize(
    ("statement", "weight"),
    [
        (allow("s3:GetObject", condition=OTHER_ACCOUNTS), "low"),
        (allow("kms:Decrypt", condition=OTHER_ACCOUNTS), "low"),
        (allow("s3:GetObject", condition={"StringEquals": OTHER_ACCOUNTS["StringNotEquals"]}), "high"),
        (allow("es:ESHttpGet", "arn:aws:es:*:*:domain/*/"), None),
        (allow("es:ESHttpGet", ["arn:aws:es:*:*:domain/*/_cat/indices"]), None),
        (allow("es:ESHttpGet", "arn:aws:es:*:*:domain/*"), "high"),
        (allow("ebs:GetSnapshotBlock", "arn:aws:ec2:*::snapshot/snap-*"), "high"),
        (allow("dynamodb:GetRecords", "arn:aws:dynamodb:*:*:table/*/stream/*"), "high"),
        (allow("s3tables:GetTableData", "arn:aws:s3tables:eu-west-1:111111111111:bucket/*/table/*"), "high"),
        (allow("s3tables:GetTableData", "arn:aws:s3tables:eu-west-1:111111111111:bucket/mine/table/*"), None),
        (allow("lambda:GetFunction"), "medium"),
        (allow("athena:GetQueryResults"), "medium"),
    ],
)
def test_all_data_is_what_the_session_can_read_of_its_own_account(statement: Any, weight: str | None) -> None:
    told = {one for one in weighed(statement) if one.endswith("all-data")}
    assert told == ({f"{weight} all-data"} if weight else set())


@pytest.mark.parametrize(
    ("statements", "weight"),
    [
        (
            [allow("ram:CreateResourceShare", condition={"StringLikeIfExists": {"ram:RequestedResourceType": "a:B"}})],
            "low",
        ),
        (
            [allow("ram:CreateResourceShare", condition={"StringLikeIfExists": {"ram:RequestedResourceType": "*"}})],
            "high",
        ),
        ([allow("glue:PutResourcePolicy", "arn:aws:glue:*:*:catalog/*")], "low"),
        ([allow("glue:PutResourcePolicy", "arn:aws:glue:*:*:catalog")], "high"),
        ([allow("dynamodb:PutResourcePolicy", "arn:aws:dynamodb:eu-west-1:111111111111:table/t")], "high"),
        ([allow("kinesis:PutResourcePolicy", "arn:aws:kinesis:eu-west-1:111111111111:stream/s")], "high"),
        ([allow("ec2:ExportImage", "arn:aws:ec2:*:*:export-image-task/*")], "low"),
        (
            [
                allow("ec2:ExportImage", "arn:aws:ec2:*:*:export-image-task/*"),
                allow("ec2:ExportImage", "arn:aws:ec2:*::image/*"),
            ],
            "high",
        ),
    ],
)
def test_actions_that_export_are_weighed_by_every_resource_of_the_call(statements: Any, weight: str) -> None:
    assert f"{weight} carries-out" in weighed(*statements)
    assert weight == "high" or "high carries-out" not in weighed(*statements)


def test_an_action_that_only_describes_permissions_changes_none() -> None:
    told = weighed(allow(["quicksight:DescribeTopicPermissions", "glue:ListEntities", "quicksight:Describe*"]))
    assert not told & {"medium opens", "medium action-pattern", "medium all-resources"}


@pytest.mark.parametrize("action", DATA)
def test_all_resources_of_a_type_are_all_data(action: str) -> None:
    (known,) = matching(action)
    formats = resource_formats(known.service)
    for kind in filter(formats.__contains__, known.resources):
        wide = re.sub(r"\$\{[^}]*\}", "*", formats[kind]).replace("arn:*", "arn:aws", 1)
        assert {"high all-data", "medium all-data"} & weighed(allow(action, wide)), wide


@pytest.mark.parametrize("action", CARRIES)
def test_one_named_resource_suffices_to_share_it(action: str) -> None:
    (known,) = matching(action)
    formats = resource_formats(known.service)
    named = [re.sub(r"\$\{[^}]*\}", "one", formats[kind]) for kind in known.required if kind in formats]
    statements = [allow(action, [one.replace("arn:one", "arn:aws", 1) for one in named] or "*")]
    assert "high carries-out" in weighed(*statements), named
