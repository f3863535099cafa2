"""What each recipe permits on the local AWS: its task, and neither the neighbouring folder nor anything else."""

import json
from typing import Any

import pytest

from access.catalogue import making
from access.catalogue.making import Permissions
from access.models import Account, Role
from access.recipes import Place, Recipe, Values, policy
from access.reconcile import convergence
from tests import factories
from tests.factories import BOUNDARY_ARN, CONTRACTOR_ACCOUNT, HOST_ACCOUNT
from tests.integration.environment import Environment
from tests.localaws.example import code_of
from tests.localaws.server import Credentials, LocalAws

VALUES = Values(
    bucket="example-reports",
    folder="a",
    region="eu-central-1",
    tag_key="team",
    tag_value="data",
    describes_instances=True,
    log_group="/aws/lambda/orders",
)
ONE = "arn:aws:s3:::example-reports"
INSTANCE = f"arn:aws:ec2:eu-central-1:{HOST_ACCOUNT}:instance/i-1"
LOGS = f"arn:aws:logs:eu-central-1:{HOST_ACCOUNT}:log-group:/aws/lambda/orders"
TAGGED, OTHER_TAG = {"aws:ResourceTag/team": "data"}, {"aws:ResourceTag/team": "dat"}
Call = tuple[str, str, dict[str, str]]


def listing(prefix: str) -> Call:
    return "s3:ListBucket", ONE, {"s3:prefix": prefix}


PUT: Call = ("s3:PutObject", f"{ONE}/a/x", {})
GET: Call = ("s3:GetObject", f"{ONE}/a/x", {})
LISTED = [listing("a/"), listing("a/b")]
NEVER: list[Call] = [
    ("s3:PutObject", f"{ONE}/ab/x", {}),
    ("s3:PutObject", f"{ONE}/a", {}),
    ("s3:PutObject", f"{ONE}/b/a/x", {}),
    ("s3:PutObject", f"{ONE}-2/a/x", {}),
    ("s3:GetObject", f"{ONE}/ab/x", {}),
    ("s3:GetObject", f"{ONE}-2/a/x", {}),
    ("s3:DeleteObject", f"{ONE}/a/x", {}),
    ("s3:PutObjectAcl", f"{ONE}/a/x", {}),
    ("s3:PutBucketPolicy", ONE, {}),
    ("s3:ListAllMyBuckets", "*", {}),
    listing(""), listing("a"), listing("ab/"),
    ("s3:ListBucket", ONE, {}),
    ("s3:ListBucket", f"{ONE}-2", {"s3:prefix": "a/"}),
    ("ec2:StartInstances", INSTANCE, OTHER_TAG),
    ("ec2:StopInstances", INSTANCE, {}),
    ("ec2:StopInstances", INSTANCE, {"aws:ResourceTag/teams": "data"}),
    ("ec2:StartInstances", INSTANCE.replace("eu-central-1", "eu-central-2"), TAGGED),
    ("ec2:StartInstances", INSTANCE.replace(HOST_ACCOUNT, "222222222222"), TAGGED),
    ("ec2:TerminateInstances", INSTANCE, TAGGED),
    ("ec2:CreateTags", INSTANCE, TAGGED),
    ("logs:GetLogEvents", f"{LOGS}-2:log-stream:x", {}),
    ("logs:FilterLogEvents", f"{LOGS}-2:*", {}),
    ("logs:DeleteLogGroup", f"{LOGS}:*", {}),
    ("logs:PutLogEvents", f"{LOGS}:log-stream:x", {}),
    ("logs:DescribeLogGroups", "*", {}),
    ("iam:PassRole", "*", {}),
]  # fmt: skip
ALLOWED: dict[Recipe, list[Call]] = {
    Recipe.UPLOAD_ONLY: [PUT],
    Recipe.READ_ONLY: [GET, *LISTED],
    Recipe.UPLOAD_AND_LIST: [PUT, *LISTED],
    Recipe.ONE_FOLDER: [PUT, GET, *LISTED],
    Recipe.START_AND_STOP: [
        ("ec2:StartInstances", INSTANCE, TAGGED),
        ("ec2:StopInstances", INSTANCE, TAGGED),
        ("ec2:DescribeInstances", "*", {}),
    ],
    Recipe.READ_LOGS: [
        ("logs:GetLogEvents", f"{LOGS}:log-stream:x", {}),
        ("logs:FilterLogEvents", f"{LOGS}:*", {}),
        ("logs:DescribeLogStreams", f"{LOGS}:*", {}),
    ],
}
CALLS = [call for calls in ALLOWED.values() for call in calls] + NEVER


@pytest.mark.parametrize("recipe", Recipe)
def test_a_recipe_permits_its_task_and_none_of_the_other_calls(
    shared_aws: tuple[LocalAws, str], recipe: Recipe
) -> None:
    aws, _ = shared_aws
    who = aws.user(aws.fresh("recipe"), policy=policy(recipe, VALUES, Place("aws", HOST_ACCOUNT)))
    assert [call for call in CALLS if may(aws, who, call)] == [call for call in CALLS if call in ALLOWED[recipe]]


def may(aws: LocalAws, who: Credentials, call: Call) -> bool:
    action, resource, context = call
    return aws.judge(who, action, resource, region="eu-central-1", context=context)[0]


def test_instances_of_another_region_are_not_listed(shared_aws: tuple[LocalAws, str]) -> None:
    aws, _ = shared_aws
    who = aws.user(aws.fresh("recipe"), policy=policy(Recipe.START_AND_STOP, VALUES, Place("aws", HOST_ACCOUNT)))
    assert aws.judge(who, "ec2:DescribeInstances", region="eu-central-1")[0]
    assert not aws.judge(who, "ec2:DescribeInstances", region="eu-central-2")[0]


def made(env: Environment, document: dict[str, Any]) -> Role:
    """Return a role that Ada has made in the portal and the builder in AWS, and that Richard can request."""
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    planned = making.plan(
        account=Account.objects.get(pk=env.cast.role.account_id),
        name=f"{env.aws.fresh('recipe')}x",  # only a number at its end is reserved for overflow roles
        description="",
        permissions=Permissions([], document),
        max_session_seconds=3600,
        tags={},
    )
    role = making.make(by=env.cast.ada, role=planned, now=env.clock())
    convergence.role(role.pk, now=env.clock)
    role.approvers.set(env.cast.role.approvers.all())
    role.contractors.set(env.cast.role.contractors.all())
    return role


def granted(env: Environment, role: Role) -> Credentials:
    """Return Richard's session of the role, with a grant that Alice approved."""
    asked = factories.ask(env.cast, now=env.clock(), role=role, principal_arn=env.richard_arn)
    grant = factories.approve(env.cast, asked, now=env.clock())
    assert grant is not None
    convergence.role(role.pk, now=env.clock)
    iam, name = env.aws.root(CONTRACTOR_ACCOUNT), env.richard_arn.rsplit("/", 1)[1]
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role.arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=document)
    keys = Credentials.of(iam.create_access_key(UserName=name))
    sts = env.aws.as_(keys, "sts")
    return Credentials.of(sts.assume_role(RoleArn=role.arn, RoleSessionName=grant.request.session_name))


@pytest.mark.django_db
def test_a_grant_on_a_role_from_a_recipe_uploads_into_the_folder_only(env: Environment) -> None:
    bucket = env.aws.fresh("reports").lower()
    for name in (bucket, f"{bucket}-2"):
        env.aws.root(service="s3").create_bucket(Bucket=name)
    values = Values(bucket=bucket, folder="a", in_account=True)
    role = made(env, policy(Recipe.UPLOAD_AND_LIST, values, Place("aws", HOST_ACCOUNT)))
    session = granted(env, role)
    s3 = env.aws.as_(session, "s3")
    assert code_of(lambda: s3.put_object(Bucket=bucket, Key="a/x", Body=b"x")) == "allow"
    assert code_of(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="a/")) == "allow"
    for refused in (
        lambda: s3.put_object(Bucket=bucket, Key="ab/x", Body=b"x"),
        lambda: s3.put_object(Bucket=f"{bucket}-2", Key="a/x", Body=b"x"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="ab/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.get_object(Bucket=bucket, Key="a/x"),
        lambda: s3.delete_object(Bucket=bucket, Key="a/x"),
    ):
        assert code_of(refused) == "AccessDenied"
