"""Sentences that are true of odd policies: denials with conditions, absent keys, resources that do not fit."""

from typing import Any

import pytest

from access.explain import service_of, services
from access.explain.service_catalog import actions_of, matching
from tests.unit.said import permissions_in_words

BUCKET, TABLE = "arn:aws:s3:::b", "arn:aws:dynamodb:eu-west-1:111111111111:table/t"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"


def words(*statements: dict[str, Any]) -> list[str]:
    return permissions_in_words({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return allow(action, resource, **condition) | {"Effect": "Deny"}


def test_a_deny_with_a_condition_does_not_read_as_a_requirement() -> None:
    said = words(deny("s3:PutObject", f"{BUCKET}/*", Bool={"aws:SecureTransport": "false"}))
    never = "Can never upload objects (s3:PutObject) to bucket b"
    assert said == [f"{never}, when the call is without TLS (aws:SecureTransport is false).", "Can do nothing."]


@pytest.mark.parametrize("action", ["s3:*", "*", "s3:Put*", ["s3:PutObject", "sns:Publish"], "s3:NoSuchThing"])
def test_no_sentence_of_a_deny_says_only_if(action: Any) -> None:
    said = words(deny(action, StringEquals={"aws:PrincipalTag/a": "b"}))
    assert not any("only if" in sentence for sentence in said)
    assert any("when aws:PrincipalTag/a is b" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"Null": {"aws:TagKeys": "true"}}, "aws:TagKeys is absent"),
        ({"Null": {"aws:TagKeys": "True"}}, "aws:TagKeys is absent"),
        ({"Null": {"aws:TagKeys": "TRUE"}}, "aws:TagKeys is absent"),
        ({"Null": {"aws:TagKeys": True}}, "aws:TagKeys is absent"),
        ({"Null": {"aws:TagKeys": "False"}}, "aws:TagKeys is present"),
        ({"Null": {"aws:TagKeys": ["true", "false"]}}, "aws:TagKeys is present or absent (Null true or false)"),
        ({"Bool": {"aws:SecureTransport": "TRUE"}}, "the call is over TLS (aws:SecureTransport is true)"),
        (
            {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
            "each value of aws:TagKeys is a, or the key has no values",
        ),
        (
            {"ForAllValues:StringNotLike": {"aws:TagKeys": ["a*", "b"]}},
            "each value of aws:TagKeys matches neither a* nor b, or the key has no values",
        ),
        ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}, "at least one value of aws:TagKeys is not a."),
        (
            {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}},
            "(aws:SourceVpce) is neither vpce-1 nor vpce-2, or this key is absent",
        ),
        (
            {"ArnNotLike": {"aws:PrincipalArn": "arn:a"}},
            "the calling identity (aws:PrincipalArn) does not match arn:a.",
        ),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, "(aws:SourceVpc) is vpc-1, or this key is absent"),
        ({"StringNotEquals": {"aws:PrincipalTag/a": ""}}, "aws:PrincipalTag/a is not “”, or this key is absent"),
        ({"StringEquals": {"aws:PrincipalTag/a": "b, c"}}, "aws:PrincipalTag/a is “b, c”."),
        ({"Bool": {"aws:ViaAWSService": "false"}}, "the session makes the call itself (aws:ViaAWSService is false)"),
    ],
)
def test_a_condition_says_what_it_requires_and_what_an_absent_key_does(condition: Any, said: str) -> None:
    assert said in words(allow("ec2:RunInstances", **condition))[0]


def test_several_conditions_differ_from_several_values() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/a": ["b", "c"], "aws:PrincipalTag/d": "e"}}
    said = words(allow("ec2:RunInstances", **condition))[0]
    assert said.endswith(", only if aws:PrincipalTag/a is b or c, and aws:PrincipalTag/d is e.")


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([allow(["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"], TABLE)], []),
        ([allow(["dynamodb:PutItem", "dynamodb:BatchGetItem"], TABLE)], []),
        ([allow("dynamodb:PutItem", TABLE)], ["Cannot read items."]),
        ([allow(["s3:PutObject", "s3:GetObjectVersion", "s3:ListBucketVersions"])], []),
        ([allow("s3:PutObject", f"{BUCKET}/*"), allow("sns:Publish")], ["Cannot read or list objects."]),
        ([allow("s3:PutObject", BUCKET)], []),
        ([allow("s3:PutObject"), deny("s3:Put*")], []),
        ([allow(["kms:Encrypt", "kms:ReEncryptFrom"])], []),
    ],
)
def test_actions_are_called_not_allowed_only_where_that_is_true(statements: Any, said: list[str]) -> None:
    assert [sentence for sentence in words(*statements) if sentence.startswith("Cannot")] == said


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:ListBucket", f"{BUCKET}/*"),
        ("s3:GetObject", BUCKET),
        ("s3:ListAllMyBuckets", BUCKET),
        ("s3:NoSuchThing", "*"),
        ("nothing:Such", "*"),
        ("dynamodb:GetItem", FUNCTION),
        ("s3:Upload*", "*"),
    ],
)
def test_a_statement_that_allows_nothing_does_not_read_as_an_allow(action: str, resource: str) -> None:
    first, *rest = words(allow(action, resource))
    assert first.startswith(f"Allows nothing with {action} on {resource}: ")
    assert rest == ["Can do nothing."]


def test_a_statement_with_an_effect_differs_from_one_without() -> None:
    assert words(allow(["s3:GetObject", "s3:ListBucket"], f"{BUCKET}/*")) == [
        "Can read objects (s3:GetObject) from bucket b.",
        "Allows nothing with s3:ListBucket on arn:aws:s3:::b/*: the action does not support such a resource.",
        "Nothing else.",
    ]


def test_an_action_denied_everywhere_does_not_read_as_allowed() -> None:
    said = words(allow(["s3:GetObject", "sns:Publish"]), deny("s3:*"))
    assert "Can publish messages (sns:Publish) to EVERYTHING." in said
    assert "Allows nothing with s3:GetObject on *: another statement denies it everywhere." in said
    assert not any(sentence.startswith("Can read") for sentence in said)


def test_everything_that_is_denied_leaves_nothing() -> None:
    said = words(allow("*"), deny("*"))
    assert said[0].startswith("Allows nothing with * ")
    assert said[-1] == "Can do nothing."


def test_a_deny_of_all_but_some_actions_removes_the_others() -> None:
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    said = words(allow(["s3:GetObject", "sns:Publish"]), statement)
    assert "Can read objects (s3:GetObject) from EVERYTHING." in said
    assert "Allows nothing with sns:Publish on *: another statement denies it everywhere." in said


def test_a_pattern_covers_only_actions_on_its_resource() -> None:
    on_objects, on_everything = words(allow("s3:*", f"{BUCKET}/*"))[0], words(allow("s3:*"))[0]
    counts = [int(said.partition("s3:*, ")[2].partition(" ")[0]) for said in (on_objects, on_everything)]
    assert 0 < counts[0] < counts[1] / 2


@pytest.mark.parametrize("resource", ["arn:aws:s3", "arn:aws:s3:*"])
def test_a_short_arn_is_shown_with_its_wildcards(resource: str) -> None:
    said = words(allow("s3:GetObject", resource))
    assert said == ["Can read objects (s3:GetObject) from everything that matches arn:aws:s3:*:*:*.", "Nothing else."]


def test_a_variable_is_not_cut_at_its_slash() -> None:
    said = words(allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/bucket}/in/*"))[0]
    assert said == "Can read objects (s3:GetObject) from in/* in bucket ${aws:PrincipalTag/bucket}."


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("cloudformation:*", "AWS CloudFormation"),
        ("ses:*", "Amazon SES"),
        ("apigateway:*", "Amazon API Gateway"),
        ("elasticloadbalancing:*", "Elastic Load Balancing"),
        ("wafv2:*", "AWS WAF"),
        ("firehose:*", "Amazon Data Firehose"),
        ("lex:*", "Amazon Lex"),
    ],
)
def test_a_service_has_its_usual_name(action: str, name: str) -> None:
    assert f"in {name} ({action}" in words(allow(action))[0]


@pytest.mark.parametrize(
    ("typed", "prefix"),
    [
        ("AWS CloudFormation", "cloudformation"),
        ("CloudFormation", "cloudformation"),
        ("Cloud Control API", "cloudformation"),
        ("Amazon SES", "ses"),
        ("Simple Email Service", "ses"),
        ("EventBridge", "events"),
        ("Amazon EventBridge", "events"),
        ("Step Functions", "states"),
        ("AWS  step functions", "states"),
        ("Secrets Manager", "secretsmanager"),
        ("Systems Manager", "ssm"),
        ("Identity and Access Management", "iam"),
        ("Amazon EC2", "ec2"),
        ("Lambda", "lambda"),
        ("DynamoDB", "dynamodb"),
        ("Key Management Service", "kms"),
        ("Elastic Container Registry", "ecr"),
        ("API Gateway", "apigateway"),
        ("ELB", "elasticloadbalancing"),
    ],
)
def test_a_service_is_known_by_the_names_that_people_type(typed: str, prefix: str) -> None:
    assert service_of(typed) == prefix


def test_every_shown_name_can_be_typed() -> None:
    names = services()
    assert all(names[service_of(name)] == name for name in names.values())


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("aws-portal:ViewBilling", "Can view billing pages in the console (aws-portal:ViewBilling)."),
        ("kms:DescribeKey", "Can view detailed information about an AWS KMS key (kms:DescribeKey) on EVERYTHING."),
        ("elasticbeanstalk:UpdateTagsForResource", "Can use elasticbeanstalk:UpdateTagsForResource on EVERYTHING."),
        ("neptune-db:connect", "Can use neptune-db:connect on EVERYTHING."),
    ],
)
def test_a_description_is_used_where_it_can_follow_can(action: str, said: str) -> None:
    assert words(allow(action))[0] == said


def test_every_description_begins_with_a_verb_and_is_one_sentence() -> None:
    for action in (action for service in services() for action in actions_of(service).values()):
        first = action.says.partition(" ")[0]
        assert first not in {"the", "a", "an", "to", "allow or", "grants", "controls", "this", "you"}, action.name
        assert not first.endswith("ing") or first == "bring", action.name
        assert ". " not in action.says.replace("e.g. ", "").replace("i.e. ", "").replace("vs. ", ""), action.name


def test_every_service_has_actions_that_a_wildcard_means() -> None:
    assert [service for service in services() if not matching(f"{service}:*")] == []


INSTANCE, VOLUME = "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*"
OTHERS = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("network-interface", "security-group", "subnet")]
IMAGE = "arn:aws:ec2:*::image/ami-*"


@pytest.mark.parametrize(
    ("statements", "missing"),
    [
        ([allow("ec2:RunInstances", INSTANCE)], "image, network-interface, security-group and subnet"),
        ([allow("ec2:RunInstances", [INSTANCE, IMAGE]), allow("ec2:Run*", OTHERS[:2])], "subnet"),
        ([allow("ec2:AttachVolume", VOLUME)], "instance"),
        ([allow("ec2:RunInstances", [INSTANCE, IMAGE]), allow("ec2:RunInstances", OTHERS)], ""),
        ([allow("ec2:RunInstances", INSTANCE), allow("ec2:RunInstances", "*")], ""),
        ([allow("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111111111111:*"), allow("ec2:*", IMAGE)], ""),
        ([allow("ec2:StartInstances", INSTANCE)], ""),
        ([deny("ec2:RunInstances", INSTANCE), allow("s3:GetObject", f"{BUCKET}/*")], ""),
    ],
)
def test_an_action_that_needs_more_resources_is_not_shown_as_possible(
    statements: list[dict[str, Any]], missing: str
) -> None:
    said = [one for one in words(*statements) if one.startswith("Cannot complete")]
    name = statements[0]["Action"]
    expected = f"Cannot complete {name}: AWS also checks it on {missing}, and no statement allows that."
    assert said == ([expected] if missing else [])
