"""What an open session may do, and who is believed to be who: permissions, boundaries, tags, credentials."""

import dataclasses
import json
from typing import Any

from tests.contract.moments import HOUR
from tests.contract.rows import ALLOW, CLOCK, DENIED, Play, Table, allow, deny, document
from tests.contract.sandbox import Document, User
from tests.localaws.server import Credentials

T = Table()
EVALUATION = "IAM User Guide, reference_policies_evaluation-logic"
BOUNDARY = "aws.md §4 Permissions boundary [UG:access_policies_boundaries]"
CREDENTIALS = "aws.md §2 Errors [B, K]"
LEAST = "aws.md §6 [SAR]"
OWNER = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


@T.row("the role may put an object", source=EVALUATION)
def _(play: Play) -> str:
    return play.putting(play.session().keys, ALLOW)


@T.row("the role cannot get it when that is not among its permissions", source=EVALUATION, expect=DENIED)
def _(play: Play) -> str:
    s3 = play.sandbox.of(play.session().keys, "s3")
    return play.sandbox.outcome(lambda: s3.get_object(Bucket=play.bucket, Key="row.txt"), DENIED)


@T.row("the role cannot list the buckets", source=EVALUATION, expect=DENIED)
def _(play: Play) -> str:
    s3 = play.sandbox.of(play.session().keys, "s3")
    return play.sandbox.outcome(s3.list_buckets, DENIED)


@T.row("the contractor's own keys cannot put into our bucket", source=EVALUATION, expect=DENIED)
def _(play: Play) -> str:
    return play.putting(play.richard.keys, DENIED)


@T.row("a permission in another bucket does not help", source=EVALUATION, expect=DENIED)
def _(play: Play) -> str:
    elsewhere = document(allow("s3:PutObject", "arn:aws:s3:::somewhere-else/*"))
    return play.putting(play.session(permissions=elsewhere).keys, DENIED)


@T.row("an explicit Deny in the role's policy wins", source=EVALUATION, expect=DENIED)
def _(play: Play) -> str:
    both = document(*play.putter["Statement"], deny("s3:PutObject", "*"))
    return play.putting(play.session(permissions=both).keys, DENIED)


@T.row("a session may do what an attached managed policy allows", source=EVALUATION)
def _(play: Play) -> str:
    iam = play.sandbox.admin(play.sandbox.host)
    text = json.dumps(play.putter)
    arn = iam.create_policy(PolicyName=play.sandbox.name("put"), PolicyDocument=text)["Policy"]["Arn"]
    opened = play.session(permissions=document(allow("s3:ListBucket", "*")))
    iam.attach_role_policy(RoleName=opened.role.name, PolicyArn=arn)
    return play.putting(opened.keys, ALLOW)


def bounded(play: Play, boundary: Document, expected: str) -> str:
    iam = play.sandbox.admin(play.sandbox.host)
    made = iam.create_policy(PolicyName=play.sandbox.name("boundary"), PolicyDocument=json.dumps(boundary))
    return play.putting(play.session(role={"PermissionsBoundary": made["Policy"]["Arn"]}).keys, expected)


@T.row("a boundary that allows the call lets it through", source=BOUNDARY)
def _(play: Play) -> str:
    return bounded(play, document(allow("s3:*", "*")), ALLOW)


@T.row("a boundary that does not name the call stops it", source=BOUNDARY, expect=DENIED)
def _(play: Play) -> str:
    return bounded(play, document(allow("s3:GetObject", "*")), DENIED)


@T.row("a condition on the ACL asks for the header", source="aws.md §7 [DOC S3 object-ownership]", expect=DENIED)
def _(play: Play) -> str:
    owned = document(allow("s3:PutObject", f"arn:aws:s3:::{play.bucket}/*", Condition=OWNER))
    return play.putting(play.session(permissions=owned).keys, DENIED)


@T.row("an upload that gives the owner full control fulfils it", source="aws.md §7 [DOC S3 object-ownership]")
def _(play: Play) -> str:
    actions = ["s3:PutObject", "s3:PutObjectAcl"]
    owned = document(allow(actions, f"arn:aws:s3:::{play.bucket}/*", Condition=OWNER))
    return play.putting(play.session(permissions=owned).keys, ALLOW, ACL="bucket-owner-full-control")


@T.row("a bucket policy may deny what the role allows", source="aws.md §7 bucket policy explicit deny", expect=DENIED)
def _(play: Play) -> str:
    opened = play.session()
    s3, bucket = play.sandbox.admin(play.sandbox.host, "s3"), play.bucket
    barred = {**deny("s3:PutObject", f"arn:aws:s3:::{bucket}/*"), "Principal": {"AWS": opened.role.arn}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document(barred)))
    try:
        return play.putting(opened.keys, DENIED)
    finally:
        s3.delete_bucket_policy(Bucket=bucket)


@T.row("a user can do what their group's policy allows", source=EVALUATION)
def _(play: Play) -> str:
    iam, group = play.sandbox.admin(play.sandbox.host), play.sandbox.name("group")
    user = play.sandbox.user(play.sandbox.host, "Member")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="given", PolicyDocument=json.dumps(play.putter))
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    return play.putting(user.keys, ALLOW)


def worker(play: Play, statement: Document) -> User:
    return play.sandbox.user(play.sandbox.host, "Worker", document(statement))


def rewriting(play: Play, user: User, expected: str, **made: Any) -> str:
    """Return what UpdateAssumeRolePolicy answers this user, on a new role."""
    role = play.sandbox.role(document(play.statement()), **made)
    text, iam = json.dumps(document(play.statement())), play.sandbox.of(user.keys, "iam")
    return play.sandbox.outcome(
        lambda: iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=text), expected
    )


def below(play: Play, path: str) -> str:
    return f"arn:aws:iam::{play.sandbox.host.account}:role{path}*"


@T.row("a permission on a path covers the roles under it", source=LEAST)
def _(play: Play) -> str:
    user = worker(play, allow("iam:UpdateAssumeRolePolicy", below(play, "/daypass/")))
    return rewriting(play, user, ALLOW, Path="/daypass/")


@T.row("a permission on a path covers no role beside it", source=LEAST, expect=DENIED)
def _(play: Play) -> str:
    user = worker(play, allow("iam:UpdateAssumeRolePolicy", below(play, "/daypass/")))
    return rewriting(play, user, DENIED, Path="/other/")


TAGGED = {"StringEquals": {"aws:ResourceTag/managed-by": "daypass"}}


@T.row("a permission on a tag covers the roles that carry it", source=LEAST)
def _(play: Play) -> str:
    user = worker(play, allow("iam:UpdateAssumeRolePolicy", "*", Condition=TAGGED))
    return rewriting(play, user, ALLOW, Tags=[{"Key": "managed-by", "Value": "daypass"}])


@T.row("a permission on a tag covers no role without it", source=LEAST, expect=DENIED)
def _(play: Play) -> str:
    return rewriting(play, worker(play, allow("iam:UpdateAssumeRolePolicy", "*", Condition=TAGGED)), DENIED)


def boundary_condition(play: Play, *, bounded: bool, expected: str) -> str:
    iam = play.sandbox.admin(play.sandbox.host)
    text = json.dumps(document(allow("s3:*", "*")))
    boundary = iam.create_policy(PolicyName=play.sandbox.name("boundary"), PolicyDocument=text)["Policy"]["Arn"]
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    user = worker(play, allow("iam:PutRolePolicy", "*", Condition=condition))
    role = play.sandbox.role(document(play.statement()), **({"PermissionsBoundary": boundary} if bounded else {}))
    own = play.sandbox.of(user.keys, "iam")
    return play.sandbox.outcome(
        lambda: own.put_role_policy(RoleName=role.name, PolicyName="closing", PolicyDocument=text), expected
    )


@T.row("PutRolePolicy may be tied to the role's boundary", source=LEAST)
def _(play: Play) -> str:
    return boundary_condition(play, bounded=True, expected=ALLOW)


@T.row("PutRolePolicy tied to a boundary does not reach a role without it", source=LEAST, expect=DENIED)
def _(play: Play) -> str:
    return boundary_condition(play, bounded=False, expected=DENIED)


@T.row("an issuer that may only assume roles reads none", source=LEAST, expect=DENIED)
def _(play: Play) -> str:
    issuer = worker(play, allow("sts:AssumeRole", "*"))
    role = play.sandbox.role(document(play.statement()))
    iam = play.sandbox.of(issuer.keys, "iam")
    return play.sandbox.outcome(lambda: iam.get_role(RoleName=role.name), DENIED)


def calling(play: Play, who: Credentials, expected: str) -> str:
    sts = play.sandbox.of(who)
    return play.sandbox.outcome(sts.get_caller_identity, expected)


@T.row("everybody can ask for their own identity", source="STS API reference, GetCallerIdentity")
def _(play: Play) -> str:
    return calling(play, play.pauper.keys, ALLOW)


@T.row("a wrong secret is a wrong signature", source=CREDENTIALS, expect="SignatureDoesNotMatch")
def _(play: Play) -> str:
    wrong = dataclasses.replace(play.richard.keys, secret_key="wrong" * 8)
    return calling(play, wrong, "SignatureDoesNotMatch")


@T.row("an access key that does not exist is unknown", source=CREDENTIALS, expect="InvalidClientTokenId")
def _(play: Play) -> str:
    return calling(play, Credentials("AKIAIOSFODNN7EXAMPLE", "wrong" * 8), "InvalidClientTokenId")


@T.row("an access key that was disabled is refused", source=CREDENTIALS, expect="InvalidClientTokenId")
def _(play: Play) -> str:
    user = play.sandbox.user(play.sandbox.contractor, "Off")
    iam = play.sandbox.admin(play.sandbox.contractor)
    iam.update_access_key(UserName=user.name, AccessKeyId=user.keys.access_key, Status="Inactive")
    return calling(play, user.keys, "InvalidClientTokenId")


@T.row("a session's keys without their token are unknown", source=CREDENTIALS, expect="InvalidClientTokenId")
def _(play: Play) -> str:
    bare = dataclasses.replace(play.session().keys, token=None)
    return calling(play, bare, "InvalidClientTokenId")


@T.row("a session's keys with another session's token are refused", source=CREDENTIALS, expect="InvalidClientTokenId")
def _(play: Play) -> str:
    mixed = dataclasses.replace(play.session().keys, token=play.session().keys.token)
    return calling(play, mixed, "InvalidClientTokenId")


@T.row("a session that is over is expired", source=CREDENTIALS, expect="ExpiredToken", needs=CLOCK)
def _(play: Play) -> str:
    opened = play.session()
    play.sandbox.aws.clock(HOUR + 1)
    return calling(play, opened.keys, "ExpiredToken")


@T.row(
    "expired keys assume no role", source="aws.md §2 Errors: expired caller keys", expect="ExpiredToken", needs=CLOCK
)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Principal={"AWS": play.team.arn})))
    session = play.sandbox.assume(play.richard.keys, play.team.arn, "richard-of-team")
    play.sandbox.aws.clock(HOUR + 1)
    return play.assuming(session, role, "ExpiredToken")
