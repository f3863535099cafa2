"""Policies for uploads: one bucket, one prefix, and whose the objects are; said in plain words and in the snippet."""

import pytest

from access import uploads
from tests.unit.said import permissions_in_words

OURS = uploads.upload_policy("importantprojectbucket", prefix="incoming/", must_belong_to_us=True)
ANYBODYS = uploads.upload_policy("importantprojectbucket", must_belong_to_us=False)


def test_an_upload_policy_names_one_bucket_and_one_prefix() -> None:
    (statement,) = OURS["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::importantprojectbucket/incoming/*"
    assert ANYBODYS["Statement"][0]["Resource"] == "arn:aws:s3:::importantprojectbucket/*"


def test_objects_must_belong_to_us_only_when_chosen() -> None:
    condition = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    assert OURS["Statement"][0]["Condition"] == condition
    assert "Condition" not in ANYBODYS["Statement"][0]
    assert uploads.asks_for_ownership(OURS)
    assert not uploads.asks_for_ownership(ANYBODYS)


def test_the_approver_reads_who_owns_the_objects() -> None:
    first, *_ = permissions_in_words(OURS)
    assert "only if the bucket owner becomes the owner of the object" in first


def test_the_snippet_hands_over_the_object_when_the_policy_requires_it() -> None:
    with_acl = "aws s3 cp yourfile.txt s3://importantprojectbucket/incoming/ --acl bucket-owner-full-control"
    assert uploads.command(OURS) == with_acl
    assert uploads.command(OURS, profile="uploads") == f"{with_acl} --profile uploads"
    assert uploads.command(ANYBODYS) == "aws s3 cp yourfile.txt s3://importantprojectbucket/"


@pytest.mark.parametrize("bucket", ["", "a", "Big", "with*", "a/b", "two words", "ab\n", "-ab", "bücket"])
def test_an_invalid_bucket_is_refused(bucket: str) -> None:
    with pytest.raises(ValueError, match="bucket"):
        uploads.upload_policy(bucket, must_belong_to_us=True)


@pytest.mark.parametrize("prefix", ["incoming", "in*/", "in?/", "${aws:username}/", "in\n/", "in/\n", "ä/"])
def test_a_prefix_holds_no_wildcard_and_ends_with_a_slash(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        uploads.upload_policy("importantprojectbucket", prefix=prefix, must_belong_to_us=True)


S3 = "arn:aws:s3:::"


def s3(*resources: str, action: object = "s3:PutObject", **other: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": [f"{S3}{one}" for one in resources], **other}


@pytest.mark.parametrize(
    ("statements", "place"),
    [
        ([s3("one-bucket/*")], ("one-bucket", "")),
        ([s3("one-bucket/incoming/*")], ("one-bucket", "incoming/")),
        ([s3("one-bucket/incoming/file.txt")], ("one-bucket", "incoming/")),
        ([s3("one-bucket/in*")], ("one-bucket", "")),
        ([s3("one-bucket/a/${aws:username}/*")], ("one-bucket", "a/")),
        ([s3("one-bucket", action="s3:ListBucket"), s3("one-bucket/incoming/*")], ("one-bucket", "incoming/")),
        ([s3("one-bucket/a/*", "one-bucket/b/*")], ("one-bucket", "")),
        ([s3("one-bucket/*", "two-bucket/*")], None),
        ([s3("one-*/*")], None),
        ([s3("one-bucket/*"), {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], None),
        (
            [s3("one-bucket/*"), {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"}],
            ("one-bucket", ""),
        ),
        ([s3("one-bucket/*"), {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}], ("one-bucket", "")),
        ([s3("one-bucket/*"), s3("two-bucket/*", Effect="Deny")], ("one-bucket", "")),
        ([s3("one-bucket/*"), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], None),
        ([s3("one-bucket/*"), {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{S3}x/*"}], None),
        ([], None),
        ({"Effect": "Allow", "Action": "S3:GetObject", "Resource": f"{S3}one-bucket/a/*"}, ("one-bucket", "a/")),
    ],
)
def test_the_only_bucket_is_found_and_nothing_is_guessed(statements: object, place: object) -> None:
    assert uploads.only_bucket_in({"Version": "2012-10-17", "Statement": statements}) == place
