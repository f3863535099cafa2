"""Permissions findings by what a policy permits: neither missed, nor said of what a resource or condition holds."""

from typing import Any

import pytest

from access.explain import Finding, find_in_permissions
from access.explain.sensitive import CARRIES, CREDENTIALS, DATA, DATA_NEEDS, TOKENS

TAG = {"StringEquals": {"aws:ResourceTag/team": "a"}}
PASSED = "iam:PassedToService"


def found(action: Any, resource: Any = "*", **more: Any) -> list[Finding]:
    return find_in_permissions(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}
    )


def weighed(action: Any, resource: Any = "*", **more: Any) -> set[str]:
    return {f"{one.weight} {one.rule}" for one in found(action, resource, **more)}


@pytest.mark.parametrize(
    "resource", ["arn:aws:s3", "arn:aws:s3:*", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:*:s3", "*"]
)
def test_access_to_all_data_is_found_however_short_the_arn_is(resource: str) -> None:
    assert "high all-data" in weighed("s3:GetObject", resource)
    assert "medium wrong-resource" not in weighed("s3:GetObject", resource)


@pytest.mark.parametrize("action", DATA)
def test_reading_everything_is_a_high_finding_and_reading_one_thing_is_not(action: str) -> None:
    alone = "medium all-data" if action in DATA_NEEDS else "high all-data"
    assert alone in weighed(action)
    assert not {"high all-data", "medium all-data"} & weighed(action, f"arn:aws:{action.partition(':')[0]}:::one")


@pytest.mark.parametrize(("action", "needs"), [(name, one) for name, needs in DATA_NEEDS.items() for one in needs])
def test_data_behind_a_second_permission_is_a_high_finding_only_with_it(action: str, needs: str) -> None:
    assert f"high all-data: {action}" in {f"{one.weight} {one.rule}: {action}" for one in found([action, needs])}
    assert "high all-data" not in weighed(action)


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        ("kms:Decrypt", {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        ("secretsmanager:GetSecretValue", TAG),
        ("secretsmanager:GetSecretValue", {"StringLike": {"aws:ResourceTag/team": "*"}}),
        ("secretsmanager:GetSecretValue", {"Null": {"aws:ResourceTag/team": "false"}}),
        ("s3:GetObject", {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}),
        ("s3:GetObject", {"Bool": {"aws:ViaAWSService": "true"}}),
    ],
)
def test_data_restricted_by_a_condition_is_a_low_finding_that_names_the_condition(action: str, condition: Any) -> None:
    (key,) = next(iter(condition.values()))
    told = [one for one in found(action, Condition=condition) if one.rule == "all-data"]
    assert [one.weight for one in told] == ["low"]
    assert key in str(told[0].sentence)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:ResourceTag/team": "a"}},
        {"StringEqualsIfExists": {"aws:ResourceTag/team": "a"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
        {"StringLike": {"secretsmanager:SecretId": "*"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:ViaAWSService": "false"}},
        {"Null": {"aws:ResourceTag/team": "true"}},
    ],
)
def test_a_condition_that_restricts_nothing_lowers_nothing(condition: Any) -> None:
    assert "high all-data" in weighed("secretsmanager:GetSecretValue", Condition=condition)


@pytest.mark.parametrize(
    ("action", "resource", "condition"),
    [
        ("ec2:CreateTags", ["arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:*:*:subnet/*"], {}),
        ("ec2:StartInstances", "*", TAG),
        ("ec2:TerminateInstances", "*", {"Null": {"ec2:ResourceTag/team": "false"}}),
        ("kms:Decrypt", "*", {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}),
    ],
)
def test_a_restricted_resource_is_not_everything(action: str, resource: Any, condition: Any) -> None:
    assert not {one.rule for one in found(action, resource, Condition=condition)} & {"all-resources"}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/*"),
        ("ec2:CreateTags", "*"),
        ("ec2:CreateTags", "arn:aws:ec2"),
    ],
)
def test_everything_of_all_kinds_is_everything(action: str, resource: str) -> None:
    assert "medium all-resources" in weighed(action, resource)


def test_one_action_with_notresource_is_named() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/secret/*"}
    (told,) = [one for one in find_in_permissions({"Statement": statement}) if one.rule == "all-but"]
    assert (
        str(told.sentence) == "The statement allows s3:GetObject on all resources except the resources in NotResource."
    )


@pytest.mark.parametrize(
    "key", ["secretsmanager:ResourceTag/team", "ssm:resourceTag/team", "sagemaker:ResourceTag/team"]
)
def test_a_tag_key_is_known_however_aws_writes_its_template(key: str) -> None:
    actions = {"secretsmanager": "GetSecretValue", "ssm": "SendCommand", "sagemaker": "CreateTrainingJob"}
    service = key.partition(":")[0]
    told = weighed(f"{service}:{actions[service]}", Condition={"StringEquals": {key: "a"}})
    assert not {"low key-not-sent", "medium unknown-key"} & told


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:EnableMFADevice", "arn:aws:iam::*:user/${aws:username}"),
        ("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"),
        ("iam:DeleteRole", "*"),
        ("iam:CreateServiceLinkedRole", "*"),
        ("iam:AttachRolePolicy", "arn:aws:iam::*:role/aws-service-role/*"),
        ("iam:PassRole", "arn:aws:iam::*:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"),
    ],
)
def test_an_action_that_extends_no_permissions_is_not_an_escalation(action: str, resource: str) -> None:
    assert not {one.rule for one in found(action, resource)} & {"escalation", "detour"}


@pytest.mark.parametrize(
    ("action", "resource", "condition"),
    [
        ("iam:AttachRolePolicy", "*", {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
        ("iam:DeleteRolePolicy", "arn:aws:iam::111111111111:role/other", {}),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:111111111111:function:mine", {}),
        ("ssm:StartSession", "*", TAG),
        ("iam:PassRole", "arn:aws:iam::111111111111:role/lambda-*", {}),
    ],
)
def test_a_restricted_escalation_is_a_medium_finding(action: str, resource: str, condition: Any) -> None:
    told = weighed(action, resource, Condition=condition)
    assert "medium escalation" in told
    assert "high escalation" not in told


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sts:AssumeRole", "arn:aws:iam::111111111111:role/admin"),
        ("iam:PutRolePolicy", "arn:aws:iam::111111111111:role/admin"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*"),
        ("ssm:SendCommand", ["arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:document/AWS-RunShellScript"]),
    ],
)
def test_an_unrestricted_escalation_is_a_high_finding(action: str, resource: Any) -> None:
    assert "high escalation" in weighed(action, resource)


def test_commands_restricted_to_a_document_are_a_medium_finding() -> None:
    told = weighed("ssm:SendCommand", ["arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:document/Restart"])
    assert "medium escalation" in told
    assert "high escalation" not in told


@pytest.mark.parametrize(
    ("services", "more", "weight"),
    [
        ("lambda.amazonaws.com", ["lambda:CreateFunction"], "high"),
        ("lambda.amazonaws.com", [], "medium"),
        ("monitoring.rds.amazonaws.com", [], "low"),
    ],
)
def test_passing_a_role_is_as_severe_as_what_the_service_does_with_it(
    services: str, more: list[str], weight: str
) -> None:
    statements = [
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {"StringEquals": {PASSED: services}},
        },
        *({"Effect": "Allow", "Action": action, "Resource": "*"} for action in more),
    ]
    told = [one for one in find_in_permissions({"Statement": statements}) if "PassRole" in str(one.sentence)]
    assert [one.weight for one in told if one.rule == "escalation"] == [weight]


@pytest.mark.parametrize("action", CARRIES)
def test_exfiltration_is_a_high_finding(action: str) -> None:
    assert "high carries-out" in weighed(action)


def test_a_grant_for_aws_services_is_a_low_finding() -> None:
    held = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert "low carries-out" in weighed("kms:CreateGrant", Condition=held)


@pytest.mark.parametrize("action", CREDENTIALS)
def test_an_answer_with_a_credential_is_reported(action: str) -> None:
    assert "medium credentials" in weighed(action)


@pytest.mark.parametrize("action", TOKENS)
def test_a_registry_token_is_a_low_finding(action: str) -> None:
    assert "low credentials" in weighed(action)


def test_an_excluded_acl_hands_nothing_over() -> None:
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    on = "arn:aws:s3:::b/*"
    assert "low bucket-owner" in weighed("s3:PutObject", on, Condition={"StringNotEquals": acl})
    assert "note bucket-owner" in weighed("s3:PutObject", on, Condition={"StringEquals": acl})


@pytest.mark.parametrize(
    ("condition", "finding"),
    [
        ({"NumericEquals": {"aws:SourceIp": "1"}}, "medium operator-type"),
        ({"StringEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, "medium operator-type"),
        ({"StringLike": {"aws:SourceIp": "192.0.2.*"}}, "medium operator-type"),
        ({"Bool": {"aws:username": "true"}}, "medium operator-type"),
        ({"StringEquals": {"aws:TagKeys": "team"}}, "low no-set-operator"),
        ({"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, "low no-set-operator"),
    ],
)
def test_an_operator_that_does_not_fit_its_key_is_found(condition: Any, finding: str) -> None:
    assert finding in weighed("ec2:RunInstances", Condition=condition)


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}},
        {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/a"}},
        {"StringEquals": {"aws:SecureTransport": "true"}},
        {"NumericLessThan": {"aws:EpochTime": "1"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}},
        {"Null": {"aws:TagKeys": "false"}},
        {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    ],
)
def test_an_operator_that_fits_its_key_is_accepted(condition: Any) -> None:
    assert not {one.rule for one in found("ec2:RunInstances", Condition=condition)} & {
        "operator-type",
        "no-set-operator",
    }


def test_an_action_denied_everywhere_is_not_reported() -> None:
    allow = {"Effect": "Allow", "Action": ["iam:PassRole", "s3:GetObject"], "Resource": "*"}
    deny = {"Effect": "Deny", "Action": ["iam:*", "s3:*"], "Resource": "*"}
    told = {one.rule for one in find_in_permissions({"Statement": [allow, deny]})}
    assert not told & {"escalation", "all-data", "all-resources"}
