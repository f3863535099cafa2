"""What the portal's identities cannot do: nothing outside their lists works, in their own account or in another."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.environment import DEFAULT_DENY
from tests.integration.hub_and_spoke import (
    ALLOW_ALL,
    EXTERNAL_ID,
    HOME,
    HUB_HOME,
    IMPORTED,
    STRANGER,
    TAGS,
    HubAndSpoke,
)
from tests.localaws.server import local_aws

ALL, SHUT = json.dumps(ALLOW_ALL), json.dumps(DEFAULT_DENY)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDARY = HOME.boundary
BOUNDED: dict[str, Any] = {"PermissionsBoundary": BOUNDARY}
OURS = HOME.arn("role/daypass/ours")


@dataclass(frozen=True)
class As:
    """An identity's clients."""

    iam: Any
    sts: Any
    s3: Any


Call = Callable[[As], Any]


def put(role: str) -> Call:
    return lambda me: me.iam.put_role_policy(RoleName=role, PolicyName="daypass-closing", PolicyDocument=ALL)


def open_(role: str) -> Call:
    return lambda me: me.iam.update_assume_role_policy(RoleName=role, PolicyDocument=SHUT)


def unput(role: str) -> Call:
    return lambda me: me.iam.delete_role_policy(RoleName=role, PolicyName="there")


def attach(role: str) -> Call:
    return lambda me: me.iam.attach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR)


def make(name: str = "new", *, path: str = "/daypass/", **facts: Any) -> Call:
    return lambda me: me.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=SHUT, **facts)


def assume(role: str, **extra: str) -> Call:
    return lambda me: me.sts.assume_role(RoleArn=role, RoleSessionName="by-hand", **extra)


NOBODYS: dict[str, Call] = {
    "make a user": lambda me: me.iam.create_user(UserName="new"),
    "make keys of a user": lambda me: me.iam.create_access_key(UserName="somebody"),
    "give a user a password": lambda me: me.iam.create_login_profile(UserName="somebody", Password="Long-enough-1!"),
    "give a user rights": lambda me: me.iam.put_user_policy(UserName="somebody", PolicyName="x", PolicyDocument=ALL),
    "attach rights to a user": lambda me: me.iam.attach_user_policy(UserName="somebody", PolicyArn=ADMINISTRATOR),
    "make a group": lambda me: me.iam.create_group(GroupName="new"),
    "make an instance profile": lambda me: me.iam.create_instance_profile(InstanceProfileName="new"),
    "take a boundary off": lambda me: me.iam.delete_role_permissions_boundary(RoleName="ours"),
    "put another boundary on": lambda me: me.iam.put_role_permissions_boundary(
        RoleName="ours", PermissionsBoundary=ADMINISTRATOR
    ),
    "change the boundary": lambda me: me.iam.create_policy_version(
        PolicyArn=BOUNDARY, PolicyDocument=ALL, SetAsDefault=True
    ),
    "choose an old boundary": lambda me: me.iam.set_default_policy_version(PolicyArn=BOUNDARY, VersionId="v1"),
    "delete the boundary": lambda me: me.iam.delete_policy(PolicyArn=BOUNDARY),
    "untag a role": lambda me: me.iam.untag_role(RoleName="ours", TagKeys=["managed-by"]),
    "give the worker rights": put("daypass-worker"),
    "give the builder rights": put("daypass-builder"),
    "take the builder's limits": lambda me: me.iam.delete_role_policy(
        RoleName="daypass-builder", PolicyName="daypass-builder"
    ),
    "attach rights to the worker": attach("daypass-worker"),
    "open the worker": open_("daypass-worker"),
    "open the builder": open_("daypass-builder"),
    "open a role outside the path": open_("admin"),
    "give a role outside the path rights": put("admin"),
    "read a role outside the path": lambda me: me.iam.get_role(RoleName="admin"),
    "be a role of ours": assume(OURS),
    "be a role outside the path": assume(HOME.arn("role/other/admin")),
    "be a role of another account": assume(f"arn:aws:iam::{STRANGER}:role/daypass/ours"),
    "list buckets": lambda me: me.s3.list_buckets(),
    "make a bucket": lambda me: me.s3.create_bucket(Bucket="new"),
}
WORKERS: dict[str, Call] = {
    "open an untagged role": open_("untagged"),
    "close an untagged role": put("untagged"),
    "take from an untagged role": unput("untagged"),
    "close a role without boundary": put("unbounded"),
    "take from a role without boundary": unput("unbounded"),
    "take from a role outside the path": unput("admin"),
    "attach rights": attach("ours"),
    "detach rights": lambda me: me.iam.detach_role_policy(RoleName="ours", PolicyArn=ADMINISTRATOR),
    "tag an untagged role": lambda me: me.iam.tag_role(RoleName="untagged", Tags=TAGS),
    "make a role": make(**BOUNDED, Tags=TAGS),
    "delete a role": lambda me: me.iam.delete_role(RoleName="ours"),
    "let sessions last longer": lambda me: me.iam.update_role(RoleName="ours", MaxSessionDuration=43200),
    "make a policy": lambda me: me.iam.create_policy(PolicyName="new", Path="/daypass/", PolicyDocument=ALL),
    "read itself": lambda me: me.iam.get_role_policy(RoleName="daypass-worker", PolicyName="daypass-worker"),
    "attach rights to an imported role": attach("imported"),
    "delete an imported role": lambda me: me.iam.delete_role(RoleName="imported"),
    "be the builder": assume(HOME.builder, ExternalId=EXTERNAL_ID),
    "list users": lambda me: me.iam.list_users(),
}
BUILDERS: dict[str, Call] = {
    "make a role without boundary": make(Tags=TAGS),
    "make a role with another boundary": make(Tags=TAGS, PermissionsBoundary=ADMINISTRATOR),
    "make a role without tag": make(**BOUNDED),
    "make a role with another tag": make(**BOUNDED, Tags=[{"Key": "managed-by", "Value": "somebody"}]),
    "make a role elsewhere": make(path="/other/", **BOUNDED, Tags=TAGS),
    "make an identity of ours": make(path="/daypass-portal/", **BOUNDED, Tags=TAGS),
    "open a role": open_("ours"),
    "give a role inline rights": put("ours"),
    "attach to a role without boundary": attach("unbounded"),
    "attach to an untagged role": attach("untagged"),
    "attach to a role outside the path": attach("admin"),
    "attach to an imported role": attach("imported"),
    "delete an untagged role": lambda me: me.iam.delete_role(RoleName="untagged"),
    "delete a role outside the path": lambda me: me.iam.delete_role(RoleName="admin"),
    "delete itself": lambda me: me.iam.delete_role(RoleName="daypass-builder"),
    "tag with something else": lambda me: me.iam.tag_role(RoleName="ours", Tags=[{"Key": "a", "Value": "b"}]),
    "tag outside the path": lambda me: me.iam.tag_role(RoleName="admin", Tags=TAGS),
    "make a policy elsewhere": lambda me: me.iam.create_policy(PolicyName="new", PolicyDocument=ALL),
    "read all of IAM": lambda me: me.iam.get_account_authorization_details(),
    "list roles": lambda me: me.iam.list_roles(),
    "be the worker": assume(HOME.worker, ExternalId=EXTERNAL_ID),
}
ISSUERS: dict[str, Call] = {
    "read a role": lambda me: me.iam.get_role(RoleName="daypass-issuer"),
    "list roles": lambda me: me.iam.list_roles(),
    "read all of IAM": lambda me: me.iam.get_account_authorization_details(),
    "write trust": open_("daypass-issuer"),
    "write rights": put("daypass-issuer"),
    "make a user": lambda me: me.iam.create_user(UserName="new"),
    "be the spoke's worker": assume(HOME.worker, ExternalId=EXTERNAL_ID),
    "be the hub's builder": assume(HUB_HOME.hub_builder),
    "be a role without a grant": assume(OURS),
    "be an imported role without a grant": assume(IMPORTED),
    "be a role of another account": assume(f"arn:aws:iam::{STRANGER}:role/daypass/ours"),
    "list buckets": lambda me: me.s3.list_buckets(),
}
HUBS_WORKERS: dict[str, Call] = {
    "be the spoke's worker without its id": assume(HOME.worker),
    "be the spoke's worker with another's id": assume(HOME.worker, ExternalId="id-of-another-account-of-ours"),
    "be the spoke's builder": assume(HOME.builder, ExternalId=EXTERNAL_ID),
    "be a role of ours": assume(OURS),
    "read the hub's IAM": lambda me: me.iam.list_roles(),
    "write to itself": put("daypass-hub-worker"),
}
TABLES = {
    HOME.worker: NOBODYS | WORKERS,
    HOME.builder: NOBODYS | BUILDERS,
    HUB_HOME.issuer: ISSUERS,
    HUB_HOME.hub_worker: HUBS_WORKERS,
}
ROWS = [(arn, words) for arn, table in TABLES.items() for words in table]


@pytest.fixture(scope="module")
def who() -> Iterator[dict[str, As]]:
    """Yield the clients of every identity, by its ARN."""
    with local_aws() as aws:
        deployed = HubAndSpoke.founded(aws)
        keys = {arn: deployed.spoke_identity(arn) for arn in (HOME.worker, HOME.builder)}
        keys |= {arn: deployed.hub_identity(arn) for arn in (HUB_HOME.issuer, HUB_HOME.hub_worker)}
        yield {arn: As(*(aws.as_(key, name) for name in ("iam", "sts", "s3"))) for arn, key in keys.items()}


@pytest.mark.parametrize(("arn", "words"), ROWS, ids=[f"{arn.rsplit('/', 1)[1]}: {words}" for arn, words in ROWS])
def test_each_forbidden_call_is_refused(who: dict[str, As], arn: str, words: str) -> None:
    with pytest.raises(ClientError) as refusal:
        TABLES[arn][words](who[arn])
    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
