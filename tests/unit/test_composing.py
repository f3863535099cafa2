"""Policies from what is chosen: each action on what it can be held to, and nothing that was not chosen."""

import pytest

from access.explain import Choice, ChoiceError, compose, examples_of, offered, resource_formats, service_of
from tests.refusals import refusing

PUT, LIST, ALL_BUCKETS = "s3:PutObject", "s3:ListBucket", "s3:ListAllMyBuckets"


def resources(*lines: str, action: str = PUT) -> object:
    return compose([Choice([action], lines)])["Statement"][0]["Resource"]


@pytest.mark.parametrize(
    ("line", "resource"),
    [
        ("importantprojectbucket", "arn:aws:s3:::importantprojectbucket/*"),
        ("importantprojectbucket/", "arn:aws:s3:::importantprojectbucket/*"),
        ("importantprojectbucket/in/", "arn:aws:s3:::importantprojectbucket/in/*"),
        ("importantprojectbucket/in/one.csv", "arn:aws:s3:::importantprojectbucket/in/one.csv"),
        ("arn:aws:s3:::b/x", "arn:aws:s3:::b/x"),
        ("*", "*"),
    ],
)
def test_a_bucket_name_becomes_the_objects_in_it(line: str, resource: str) -> None:
    assert resources(line) == resource


def test_a_bucket_name_is_the_bucket_for_bucket_actions() -> None:
    assert resources("importantprojectbucket/in/", action=LIST) == "arn:aws:s3:::importantprojectbucket"


def test_actions_on_different_resources_are_separate_statements() -> None:
    found = compose([Choice([PUT, LIST, ALL_BUCKETS], ["importantprojectbucket"])], partition="aws-cn")["Statement"]
    assert [(one["Action"], one["Resource"]) for one in found] == [
        (PUT, "arn:aws-cn:s3:::importantprojectbucket/*"),
        (LIST, "arn:aws-cn:s3:::importantprojectbucket"),
        (ALL_BUCKETS, "*"),
    ]


def test_several_choices_are_one_policy() -> None:
    found = compose([Choice([PUT], ["bucket"]), Choice(["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:111111111111:q"])])
    assert [one["Action"] for one in found["Statement"]] == [PUT, "sqs:SendMessage"]


def test_objects_that_must_belong_to_us_take_the_acl_with_them() -> None:
    found = compose([Choice([PUT, LIST], ["bucket"], must_belong_to_us=True)])["Statement"]
    assert found[0]["Action"] == [PUT, "s3:PutObjectAcl"]
    assert found[0]["Condition"] == {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    assert "Condition" not in found[1]


WRONG = {
    "no resource": (Choice([PUT], []), "choice_without_resource"),
    "no bucket": (Choice([PUT], ["Not a bucket"]), "choice_resource_invalid"),
    "no ARN of another service": (Choice(["sqs:SendMessage"], ["queue"]), "choice_resource_invalid"),
    "no action": (Choice(["s3:Nothing"], ["bucket"]), "choice_action_unknown"),
    "a pattern": (Choice(["s3:*"], ["bucket"]), "choice_action_unknown"),
    "only the acl of an upload": (
        Choice(["s3:PutObjectAcl"], ["bucket"], must_belong_to_us=True),
        "choice_without_upload",
    ),
    "no upload": (Choice([LIST], ["bucket"], must_belong_to_us=True), "choice_without_upload"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_choice_that_makes_no_statement_is_refused_with_a_code(what: str) -> None:
    choice, code = WRONG[what]
    with refusing(code, ChoiceError):
        compose([choice])


@pytest.mark.parametrize(
    ("typed", "prefix"), [("s3", "s3"), ("S3", "s3"), (" Amazon  S3 ", "s3"), ("lambda", "lambda")]
)
def test_a_service_is_known_by_either_name(typed: str, prefix: str) -> None:
    assert service_of(typed) == prefix


@pytest.mark.parametrize(
    ("typed", "code", "guess"),
    [("dynamdb", "choice_service_guessed", "dynamodb"), ("zzzzzzzz", "choice_service_unknown", None)],
)
def test_an_unknown_service_is_refused_with_a_suggestion(typed: str, code: str, guess: str | None) -> None:
    with pytest.raises(ChoiceError) as refused:
        service_of(typed)
    assert (refused.value.code, refused.value.text.facts.get("guess")) == (code, guess)


def test_actions_are_offered_by_access_level_with_their_resources() -> None:
    levels = offered("s3")
    assert list(levels) == ["list", "read", "write", "tag", "change permissions"]
    assert PUT in [action.name for action in levels["write"]]
    assert offered("") == {}
    assert any("${BucketName}/" in example for example in examples_of([PUT], resource_formats("s3")))
