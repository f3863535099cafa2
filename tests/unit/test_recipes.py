"""Policies from typed values: each permits its task and nothing beside it, and no value can widen it."""

import json
from typing import Any

import pytest

from access import explain, verify
from access.explain import Weight
from access.recipes import Place, Recipe, RecipeError, Values, errors_in, policy

PLACE = Place("aws", "111111111111")
VALUES = {
    "bucket": "example-reports",
    "folder": "a",
    "region": "eu-central-1",
    "tag_key": "team",
    "tag_value": "data platform",
    "log_group": "/aws/lambda/orders",
}
OBJECTS, BUCKET = "arn:aws:s3:::example-reports/a/*", "arn:aws:s3:::example-reports"
Statement = dict[str, Any]
PUT: Statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}
GET: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}
LIST: Statement = {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": BUCKET,
    "Condition": {"StringLike": {"s3:prefix": "a/*"}},
}
START: Statement = {
    "Effect": "Allow",
    "Action": ["ec2:StartInstances", "ec2:StopInstances"],
    "Resource": "arn:aws:ec2:eu-central-1:111111111111:instance/*",
    "Condition": {"StringEquals": {"aws:ResourceTag/team": "data platform"}},
}
LOGS: Statement = {
    "Effect": "Allow",
    "Action": ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
    "Resource": "arn:aws:logs:eu-central-1:111111111111:log-group:/aws/lambda/orders:*",
}
STATEMENTS: dict[Recipe, list[Statement]] = {
    Recipe.UPLOAD_ONLY: [PUT],
    Recipe.READ_ONLY: [GET, LIST],
    Recipe.UPLOAD_AND_LIST: [PUT, LIST],
    Recipe.ONE_FOLDER: [PUT, GET, LIST],
    Recipe.START_AND_STOP: [START],
    Recipe.READ_LOGS: [LOGS],
}


def built(recipe: Recipe, *, place: Place = PLACE, **different: Any) -> dict[str, Any]:
    return policy(recipe, Values(**VALUES | different), place)


def codes(recipe: Recipe, *, place: Place = PLACE, **different: Any) -> list[tuple[str | None, str]]:
    return [(error.field, error.code) for error in errors_in(recipe, Values(**VALUES | different), place)]


def one(name: str, value: str) -> dict[str, Any]:
    return {name: value}


@pytest.mark.parametrize("recipe", Recipe)
def test_each_recipe_is_a_policy_that_permits_its_task_only(recipe: Recipe) -> None:
    document = built(recipe)
    assert document == {"Version": "2012-10-17", "Statement": STATEMENTS[recipe]}
    assert explain.read_policy(json.dumps(document)) == document
    assert verify.can_bypass_expiry([document], None) == []
    weights = {finding.weight for finding in explain.find_in_role(document, managed={})}
    assert weights <= {Weight.LOW, Weight.NOTE}


def test_a_folder_ends_with_one_slash_whether_it_was_typed_or_not() -> None:
    assert built(Recipe.ONE_FOLDER, folder="a/") == built(Recipe.ONE_FOLDER, folder="a")
    assert built(Recipe.READ_ONLY, folder="")["Statement"] == [
        GET | {"Resource": f"{BUCKET}/*"},
        {name: part for name, part in LIST.items() if name != "Condition"},
    ]


def test_uploads_can_be_required_to_belong_to_the_owner_of_the_bucket() -> None:
    for recipe in (Recipe.UPLOAD_ONLY, Recipe.UPLOAD_AND_LIST, Recipe.ONE_FOLDER):
        statement = built(recipe, must_own=True)["Statement"][0]
        assert statement["Condition"] == {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


def test_a_bucket_can_be_required_to_belong_to_the_account_of_the_role() -> None:
    for recipe in (Recipe.UPLOAD_ONLY, Recipe.READ_ONLY, Recipe.UPLOAD_AND_LIST, Recipe.ONE_FOLDER):
        document = built(recipe, in_account=True, must_own=True)
        owners = [one["Condition"]["StringEquals"]["aws:ResourceAccount"] for one in document["Statement"]]
        assert owners == ["111111111111"] * len(STATEMENTS[recipe])
        assert not [one for one in explain.find_in_role(document, managed={}) if one.rule == "bucket-owner"]
    assert built(Recipe.UPLOAD_ONLY, in_account=True, must_own=True)["Statement"][0]["Condition"]["StringEquals"] == {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:ResourceAccount": "111111111111",
    }


def test_listing_instances_is_limited_to_the_region() -> None:
    described = built(Recipe.START_AND_STOP, describes_instances=True)["Statement"][1]
    assert described["Condition"] == {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}


def test_the_partition_of_the_account_is_in_every_arn() -> None:
    china = Place("aws-cn", "111111111111")
    for recipe in Recipe:
        text = json.dumps(built(recipe, place=china, region="cn-north-1"))
        assert "arn:aws-cn:" in text
        assert "arn:aws:" not in text


# What would widen a policy, leave its ARN, or look like something else, in any value.
ALWAYS_WRONG = ("*", "x*", "x?", "${aws:username}", "a$b", "x\n", "\nx", " x", "x ", "é", "\uff41", "\u0661",
                "x\x00", "x\u200b", 'x"', "x\\", "x%2e", "x,y", "[x]", "{x}")  # fmt: skip
WRONG: dict[str, tuple[str, ...]] = {
    "bucket": ("ab", "x" * 64, "Example", "a..b", "-ab", "ab-", ".ab", "192.168.5.4", "xn--abc", "sthree-abc",
               "amzn-s3-demo-abc", "abc-s3alias", "abc--ol-s3", "abc.mrap", "abc--x-s3", "abc--table-s3",
               "abc/a", "arn:aws:s3:::abc", "a_b", "a:b"),
    "folder": ("/", "/a", "a//b", "a//", ".", "..", "./a", "a/..", "a/../b", "a/./b", "a b", "x" * 901, "a:b"),
    "region": ("eu", "eu-central", "EU-central-1", "eu-central-10", "eu-central-1a", "eu-central-1/", "us_east_1"),
    "tag_key": ("aws:team", "AWS:team", "x" * 129, "a;b", "a'b"),
    "tag_value": ("x" * 257, "a;b", "a'b"),
    "log_group": ("a:b", "a b", "x" * 513, "aws/abc", "orders:*", "arn:aws:logs:eu-central-1:111111111111:x"),
}  # fmt: skip
USED_BY = {
    "bucket": Recipe.UPLOAD_ONLY,
    "folder": Recipe.READ_ONLY,
    "region": Recipe.READ_LOGS,
    "tag_key": Recipe.START_AND_STOP,
    "tag_value": Recipe.START_AND_STOP,
    "log_group": Recipe.READ_LOGS,
}


@pytest.mark.parametrize("name", WRONG)
def test_no_value_is_taken_that_could_mean_more_than_it_says(name: str) -> None:
    for wrong in (*ALWAYS_WRONG, *WRONG[name]):
        assert codes(USED_BY[name], **one(name, wrong)) == [(name, f"recipe_{name}_invalid")], repr(wrong)
        with pytest.raises(RecipeError):
            built(USED_BY[name], **one(name, wrong))


RIGHT: dict[str, tuple[str, ...]] = {
    "bucket": ("abc", "a.b", "1bucket", "x" * 63, "192.168.5.4a"),
    "folder": ("", "a/b/", "A_b.c-d/E", "...", "a/.hidden", "x" * 900),
    "region": ("us-east-1", "ap-southeast-7", "us-iso-east-1"),
    "tag_key": ("k", "cost center", "kubernetes.io/cluster/x", "a:b", "x" * 128),
    "tag_value": ("v", "a+b=c@d", "x" * 256),
    "log_group": ("x", "/aws/lambda/orders_v2.1#a", "x" * 512),
}


@pytest.mark.parametrize("name", RIGHT)
def test_every_value_is_taken_that_aws_takes(name: str) -> None:
    for right in RIGHT[name]:
        assert codes(USED_BY[name], **one(name, right)) == []


def test_every_missing_value_is_reported_at_its_field() -> None:
    empty: dict[str, Any] = dict.fromkeys(VALUES, "")
    missing = {recipe: [field for field, _ in codes(recipe, **empty)] for recipe in Recipe}
    assert missing[Recipe.UPLOAD_ONLY] == missing[Recipe.READ_ONLY] == ["bucket"]
    assert missing[Recipe.ONE_FOLDER] == ["bucket", "folder"]
    assert missing[Recipe.START_AND_STOP] == ["region", "tag_key", "tag_value"]
    assert missing[Recipe.READ_LOGS] == ["region", "log_group"]


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "cn-north-1"), ("aws", "us-gov-west-1"), ("aws-cn", "us-east-1"),
                              ("aws-us-gov", "us-east-1"), ("aws-us-gov", "cn-north-1")]
)  # fmt: skip
def test_a_region_of_another_partition_is_refused(partition: str, region: str) -> None:
    place = Place(partition, "111111111111")
    assert codes(Recipe.READ_LOGS, place=place, region=region) == [("region", "recipe_region_elsewhere")]


@pytest.mark.parametrize("place", [Place("aws", "*"), Place("aws", "11111111111\u0661"), Place("aws*", "111111111111")])
def test_an_account_that_is_none_is_refused(place: Place) -> None:
    assert codes(Recipe.UPLOAD_ONLY, place=place) == [(None, "recipe_account_invalid")]
