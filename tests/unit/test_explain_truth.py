"""Sentences that were false or could be read in two ways on policies that AWS manages, rebuilt in small."""

from typing import Any

import pytest

from access.explain.naming import in_verbs
from tests.unit.said import trust_in_words
from tests.unit.test_explain_sentences import allow, deny, words


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ("arn:aws:s3:::*-logs", "everything that matches arn:aws:s3:::*-logs"),
        ("arn:aws:s3:::*data*", "everything that matches arn:aws:s3:::*data*"),
        ("arn:aws:s3:::a-*/b", "everything that matches arn:aws:s3:::a-*/b"),
        ("arn:aws:s3:::*/logs/*", "everything that matches arn:aws:s3:::*/logs/*"),
        ("arn:aws:s3:::a-*", "every bucket that matches a-*"),
        ("arn:aws:s3:::a-*/*", "every bucket that matches a-*"),
        ("arn:aws:s3:::a/b-*", "b-* in bucket a"),
        ("arn:aws:s3:::*/*", "EVERY bucket"),
    ],
)
def test_a_star_before_a_slash_takes_in_keys_as_well(resource: str, place: str) -> None:
    assert words(allow("s3:GetObject", resource))[0] == f"Can read objects (s3:GetObject) from {place}."


def test_each_service_is_said_with_its_own_resources() -> None:
    topic, group, anything = "arn:aws:sns:*:*:a*", "arn:aws:logs:*:*:log-group:b*", "arn:aws:ssm:*:*:parameter/c*"
    said = words(allow(["sns:Publish", "logs:CreateLogGroup"], [topic, group, anything]))
    assert f"Can publish messages (sns:Publish) to everything that matches {topic}." in said
    assert any(one.endswith(f"(logs:CreateLogGroup) on everything that matches {group}.") for one in said)


@pytest.mark.parametrize(
    ("action", "resources"),
    [
        ("devops-guru:AddNotificationChannel", ["arn:aws:sns:*:*:a*", "arn:aws:devops-guru:*:*:/channels"]),
        (
            "codestar-connections:UseConnection",
            ["arn:aws:codestar-connections:*:*:connection/*", "arn:aws:codeconnections:*:*:connection/*"],
        ),
        ("backup:SearchRecoveryPoint", ["arn:aws:ec2:*::snapshot/*", "arn:aws:backup:*:*:recovery-point:*"]),
    ],
)
def test_a_resource_that_the_list_of_types_may_lack_is_kept(action: str, resources: list[str]) -> None:
    assert all(one in words(allow(action, resources))[0] for one in resources)


def test_a_resource_of_an_unknown_type_is_kept() -> None:
    assert "arn:aws:sns:*:*:a*" in words(allow("appsync:GraphQL", "arn:aws:sns:*:*:a*"))[0]


def test_denied_actions_are_not_counted_as_allowed() -> None:
    (alone, *_), (beside, *_) = words(allow("sqs:*")), words(allow("sqs:*"), deny("sqs:DeleteQueue"))
    count = int(alone.split("sqs:*, ")[1].split(" ")[0])
    assert f"(sqs:*, {count - 1} actions" in beside


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (
            ["s3:GetObject", "s3:PutObject"],
            "Can never upload or read objects (s3:PutObject, s3:GetObject) in EVERYTHING.",
        ),
        (["s3:GetObject", "sns:Publish"], "Can never read objects (s3:GetObject) from EVERYTHING."),
    ],
)
def test_each_denied_action_is_denied_by_itself(actions: Any, said: str) -> None:
    assert said in words(deny(actions))


def test_an_absent_key_belongs_to_its_own_test() -> None:
    held = {"StringEquals": {"aws:PrincipalTag/a": "b"}, "StringEqualsIfExists": {"aws:SourceVpc": ["c", "d"]}}
    asked = "aws:PrincipalTag/a is b and the VPC of the call (aws:SourceVpc) is c or d (or this key is absent)."
    assert words(allow("sns:Publish", **held))[0].endswith(f", only if {asked}")
    both = {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}}
    asked = "each value of aws:TagKeys is a (or the key has no values) and aws:TagKeys is present."
    assert words(allow("sns:Publish", **both))[0].endswith(f", only if {asked}")


def test_a_condition_is_no_reason_for_having_no_effect() -> None:
    said = words(allow("s3:ListBucket", "arn:aws:s3:::b/*", Bool={"aws:SecureTransport": "true"}))
    assert ", even if the call is over TLS (aws:SecureTransport is true): the action does not support" in said[0]


def test_an_action_that_is_missing_in_the_list_may_be_newer() -> None:
    assert words(allow("s3:NoSuchThing"))[0].endswith(
        ": the action is not in AWS's list (it may be newer than the list)."
    )


def test_the_acl_of_an_object_says_who_has_access_and_not_whose_it_is() -> None:
    assert words(allow("s3:PutObjectAcl"))[0] == "Can change the ACLs of objects (s3:PutObjectAcl) in EVERYTHING."


@pytest.mark.parametrize(
    ("description", "verbs"),
    [
        ("Grants permission to get a; and grants permission to list b", "get a, and list b"),
        ("Grants permission to view a; or to view b", "view a, or view b"),
        ("Grants permission to create a; does not grant permission to delete a", "create a"),
    ],
)
def test_a_description_of_several_parts_is_one_clean_sentence(description: str, verbs: str) -> None:
    assert in_verbs(description) == verbs


def deny_to(principal: Any, **condition: Any) -> str:
    statement = {"Effect": "Deny", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}
    return trust_in_words({"Version": "2012-10-17", "Statement": statement})[0]


def test_a_deny_of_a_trust_policy_does_not_read_as_a_requirement() -> None:
    no_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    when = "may ever assume the role, when there is no second factor (aws:MultiFactorAuthPresent is false)."
    assert deny_to("*", **no_mfa) == f"Nobody {when}"
    user = deny_to("arn:aws:iam::222222222222:user/r", **no_mfa, DateLessThan={"aws:CurrentTime": "2026-12-01"})
    assert " until 2026-12-01, when there is no second factor" in user
    assert "only if" not in user


def test_a_deny_for_an_account_is_for_everybody_in_it() -> None:
    assert deny_to("222222222222") == "Anybody in account 222222222222 may never assume the role."


def test_conditions_of_a_trust_policy_are_joined_as_those_of_permissions_are() -> None:
    held = {"StringEquals": {"aws:PrincipalOrgID": ["o-a", "o-b"]}, "StringEqualsIfExists": {"sts:ExternalId": "x"}}
    said = deny_to("*", **held)
    assert "is o-a or o-b, and the external ID (sts:ExternalId) is x (or this key is absent)." in said
