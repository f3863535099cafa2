"""A permissions policy in plain words: common actions plainly, wildcards loudly, and nothing left unsaid."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from access.explain import identity_policy
from tests.unit.said import permissions_in_words

BUCKET = "arn:aws:s3:::importantprojectbucket"


def words(*statements: dict[str, Any]) -> list[str]:
    return permissions_in_words({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = f"{BUCKET}/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = f"{BUCKET}/*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def test_richards_role_can_upload_and_nothing_else() -> None:
    assert words(allow("s3:PutObject")) == [
        "Can upload objects (s3:PutObject) to bucket importantprojectbucket.",
        "Cannot read or list objects.",
        "Nothing else.",
    ]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            allow("s3:GetObject", f"{BUCKET}/reports/*"),
            "Can read objects (s3:GetObject) from reports/* in bucket importantprojectbucket.",
        ),
        (allow("s3:ListBucket", BUCKET), "Can list the objects (s3:ListBucket) of bucket importantprojectbucket."),
        (
            allow("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/t"),
            "Can read items (dynamodb:GetItem) from arn:aws:dynamodb:eu-west-1:111111111111:table/t.",
        ),
        (allow("s3:PutObject", "*"), "Can upload objects (s3:PutObject) to EVERYTHING."),
        (allow("*", "*"), "Can do EVERYTHING on EVERYTHING."),
        (allow("*:*", "*"), "Can do EVERYTHING on EVERYTHING."),
        (
            allow("s3:GetObject", "arn:aws:s3:::important*/*"),
            "Can read objects (s3:GetObject) from every bucket that matches important*.",
        ),
        (
            allow("sqs:SendMessage", "arn:aws:sqs:*:111111111111:q"),
            "Can send messages (sqs:SendMessage) to everything that matches arn:aws:sqs:*:111111111111:q.",
        ),
        (deny("s3:DeleteObject"), "Can never delete objects (s3:DeleteObject) from bucket importantprojectbucket."),
        (deny("*", "*"), "Can never do anything on EVERYTHING."),
    ],
)
def test_an_explanation_says_what_a_statement_allows_or_denies(statement: dict[str, Any], sentence: str) -> None:
    assert sentence in words(statement)


def test_allowing_all_but_a_few_actions_is_emphasised() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    assert words(statement) == ["Can do EVERYTHING except iam:*, sts:* on EVERYTHING.", "Nothing else."]


def test_denying_all_but_a_few_actions_does_not_read_as_an_allow() -> None:
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    assert words(statement) == ["Can never do anything except s3:* on EVERYTHING.", "Can do nothing."]


def test_allowing_all_but_a_few_resources_is_emphasised() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{BUCKET}/secret/*"}
    said = "Can read objects (s3:GetObject) from EVERYTHING except secret/* in bucket importantprojectbucket."
    assert words(statement) == [said, "Nothing else."]


def test_conditions_are_never_hidden() -> None:
    tests = {
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
        "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]},
    }
    sentence = words(allow("s3:PutObject", Condition=tests))[0]
    assert sentence.endswith(
        ", only if the bucket owner becomes the owner of the object"
        " (s3:x-amz-acl is bucket-owner-full-control)"
        " and the caller's address (aws:SourceIp) is in 192.0.2.0/24 or 198.51.100.0/24."
    )


@pytest.mark.parametrize("policy", [{}, {"Statement": []}, {"Statement": [deny("s3:*")]}])
def test_without_an_allow_a_role_can_do_nothing(policy: dict[str, Any]) -> None:
    assert permissions_in_words(policy)[-1] == "Can do nothing."


def test_a_single_statement_without_a_list_is_read() -> None:
    assert permissions_in_words({"Statement": allow("s3:PutObject")}) == words(allow("s3:PutObject"))


def test_managed_policies_are_named_and_their_content_is_not_guessed() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    said = permissions_in_words({"Statement": [allow("s3:PutObject")]}, attached=[arn])
    assert said[-1] == f"Also everything that the managed policy {arn} permits."
    assert "Nothing else." not in said
    assert permissions_in_words({}, attached=[arn]) == [said[-1]]


names = st.text("abcdefghijklmnopqrstuvwxyz*?", min_size=1, max_size=12)
actions = st.builds("{}:{}".format, names, names).filter(lambda name: name != "*:*")  # that is `*`
resources = st.builds("arn:aws:{}:::{}".format, st.sampled_from(["s3", "sqs"]), names)


@given(
    effect=st.sampled_from(["Allow", "Deny"]),
    action_key=st.sampled_from(["Action", "NotAction"]),
    resource_key=st.sampled_from(["Resource", "NotResource"]),
    some_actions=st.lists(actions, min_size=1, max_size=4),
    some_resources=st.lists(resources, min_size=1, max_size=4),
    value=names,
)
@example("Allow", "Action", "Resource", ["?:?"], ["arn:aws:s3:::*"], "a")
@example("Deny", "Action", "Resource", ["s3:?", "s3:*"], ["arn:aws:s3:::*"], "a")
def test_every_action_resource_and_condition_of_a_policy_is_named(
    effect: str, action_key: str, resource_key: str, some_actions: list[str], some_resources: list[str], value: str
) -> None:
    statement = {
        "Effect": effect,
        action_key: some_actions,
        resource_key: some_resources,
        "Condition": {"StringLike": {"aws:PrincipalTag/team": value}},
    }
    sentences = permissions_in_words({"Statement": [statement]})
    said = " ".join(sentences)
    for action in some_actions:
        assert action in said
    # What allows or forbids nothing is quoted as it is written: "EVERY bucket" would say that there is something to it.
    idle = [one for one in sentences if one.startswith(("Allows nothing with", "Denies nothing with"))]
    effective = [one for one in sentences if one.startswith(("Can ", "Can never ")) and one != "Can do nothing."]
    assert idle or effective
    for resource in some_resources:
        named = "EVERY bucket" if resource == "arn:aws:s3:::*" else resource.removeprefix("arn:aws:s3:::")
        assert all(named in one for one in effective)
        assert all((resource if resource_key == "Resource" else named) in one for one in idle)
    assert all(f"aws:PrincipalTag/team matches {value}" in one for one in [*idle, *effective])


def test_the_contractors_own_administrator_allows_exactly_one_role() -> None:
    arn = "arn:aws:iam::111111111111:role/daypass/importantproject-contractorA-bucket-put"
    assert json.loads(json.dumps(identity_policy(arn))) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}],
    }


def test_with_overflow_roles_the_administrator_allows_those_too() -> None:
    arn = "arn:aws:iam::111111111111:role/daypass/put"
    assert identity_policy(arn, overflow_roles=True)["Statement"][0]["Resource"] == [arn, f"{arn}-*"]
