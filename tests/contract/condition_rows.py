"""What a trust statement can ask for: address, ExternalId, session name, unique id, Deny, tags, source identity."""

import json

from tests.contract.rows import ALLOW, DENIED, Play, Table, allow, document

T = Table()
KEYS = "aws.md §1 Conditions [SAR, UG:condition-keys]"
MISSING = "aws.md §1 Conditions: missing keys [UG:condition_operators]"
EXTERNAL = "aws.md §1 Names [UG:externalid]"
NAME = "aws.md §0.3 [SAR sts:RoleSessionName]"
USERID = "aws.md §4 One session [UG:reference_identifiers]"
DENY = "aws.md §1 Grammar [UG:troubleshoot_access-denied]"
STICKY = "aws.md §0.4 [UG:control-access_monitor, UG:session-tags]"
EVERYWHERE = ["0.0.0.0/1", "128.0.0.0/1"]
TEST_NET = "192.0.2.0/24"

T.trust("a source address inside the range is admitted", source=KEYS, expect=ALLOW,
        condition={"IpAddress": {"aws:SourceIp": EVERYWHERE}})  # fmt: skip
T.trust("a source address outside does not", source=KEYS, expect=DENIED,
        condition={"IpAddress": {"aws:SourceIp": TEST_NET}})  # fmt: skip
T.trust("NotIpAddress admits every other address", source=KEYS, expect=ALLOW,
        condition={"NotIpAddress": {"aws:SourceIp": TEST_NET}})  # fmt: skip

OUR_ID = {"StringEquals": {"sts:ExternalId": "Daypass-42"}}
T.trust("the right ExternalId is admitted", source=EXTERNAL, expect=ALLOW, condition=OUR_ID,
        call={"ExternalId": "Daypass-42"})  # fmt: skip
T.trust("a wrong ExternalId does not", source=EXTERNAL, expect=DENIED, condition=OUR_ID,
        call={"ExternalId": "Daypass-43"})  # fmt: skip
T.trust("an ExternalId in other case does not", source=EXTERNAL, expect=DENIED, condition=OUR_ID,
        call={"ExternalId": "daypass-42"})  # fmt: skip
T.trust("no ExternalId does not", source=EXTERNAL, expect=DENIED, condition=OUR_ID)
T.trust("one of two ExternalIds is enough", source=EXTERNAL, expect=ALLOW, call={"ExternalId": "b2"},
        condition={"StringEquals": {"sts:ExternalId": ["a1", "b2"]}})  # fmt: skip

PINNED = {"StringEquals": {"sts:RoleSessionName": "grant-1"}}
T.trust("the pinned session name is admitted", source=NAME, expect=ALLOW, condition=PINNED,
        call={"RoleSessionName": "grant-1"})  # fmt: skip
T.trust("another session name does not", source=NAME, expect=DENIED, condition=PINNED,
        call={"RoleSessionName": "grant-2"})  # fmt: skip
T.trust("a session name that begins with the pinned one does not", source=NAME, expect=DENIED, condition=PINNED,
        call={"RoleSessionName": "grant-11"})  # fmt: skip
T.trust("StringLike takes a wildcard", source=NAME, expect=ALLOW, call={"RoleSessionName": "grant-77"},
        condition={"StringLike": {"sts:RoleSessionName": "grant-*"}})  # fmt: skip
T.trust("a session name with a space is no session name", source="aws.md §1 Names [B]", expect="ValidationError",
        call={"RoleSessionName": "a b"})  # fmt: skip
T.trust("a session name of 65 characters is none either", source="aws.md §1 Names [B]", expect="ValidationError",
        call={"RoleSessionName": "n" * 65})  # fmt: skip

T.trust("aws:userid of a user is their unique id", source=USERID, expect=ALLOW,
        condition=lambda p: {"StringEquals": {"aws:userid": p.richard.id}})  # fmt: skip
T.trust("another user's unique id keeps the caller out", source=USERID, expect=DENIED,
        condition=lambda p: {"StringEquals": {"aws:userid": p.rita.id}})  # fmt: skip
T.trust("aws:userid of a session is the role's id, a colon and the session name", source=USERID, expect=ALLOW,
        who="team_session", statement=lambda p: {"Principal": {"AWS": p.team.arn}},
        condition=lambda p: {"StringEquals": {"aws:userid": f"{p.team.id}:richard-of-team"}})  # fmt: skip
T.trust("a role's id with a wildcard covers its sessions", source=USERID, expect=ALLOW, who="team_session",
        statement=lambda p: {"Principal": {"AWS": p.team.arn}},
        condition=lambda p: {"StringLike": {"aws:userid": f"{p.team.id}:*"}})  # fmt: skip

SENT = "aws.md §1 Conditions: keys that every request has [UG:condition-keys]"
T.trust("a call comes over TLS", source=SENT, expect=ALLOW, condition={"Bool": {"aws:SecureTransport": "true"}})
T.trust("no call comes without TLS", source=SENT, expect=ALLOW, more=lambda p: [
    p.statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})])  # fmt: skip
T.trust("aws:username of a user is the user's name", source=SENT, expect=ALLOW,
        condition=lambda p: {"StringEquals": {"aws:username": p.richard.arn.rsplit("/", 1)[-1]}})  # fmt: skip
T.trust("aws:PrincipalType of a user is User", source=SENT, expect=ALLOW,
        condition={"StringEquals": {"aws:PrincipalType": "User"}})  # fmt: skip
T.trust("aws:PrincipalType of a session is AssumedRole", source=SENT, expect=ALLOW, who="team_session",
        statement=lambda p: {"Principal": {"AWS": p.team.arn}},
        condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}})  # fmt: skip
T.trust("a session has no aws:username", source=SENT, expect=ALLOW, who="team_session",
        statement=lambda p: {"Principal": {"AWS": p.team.arn}},
        condition={"Null": {"aws:username": "true"}})  # fmt: skip
T.trust("a user is no AWS service, and calls without one", source=SENT, expect=ALLOW,
        condition={"Bool": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}})  # fmt: skip
T.trust("aws:UserAgent is the client's own name for itself", source=SENT, expect=ALLOW,
        condition={"StringLike": {"aws:UserAgent": "*Boto3*"}})  # fmt: skip
T.trust("what every request has is not absent", source=SENT, expect=DENIED,
        condition={"Null": {"aws:PrincipalIsAWSService": "true"}})  # fmt: skip

T.trust("a Deny that names the caller wins over the Allow", source=DENY, expect=DENIED,
        more=lambda p: [p.statement(Effect="Deny")])  # fmt: skip
T.trust("a Deny for everybody wins over the Allow", source=DENY, expect=DENIED,
        more=lambda p: [p.statement(Effect="Deny", Principal={"AWS": "*"})])  # fmt: skip
T.trust(
    "a Deny whose condition is not met does nothing",
    source=DENY,
    expect=ALLOW,
    more=lambda p: [p.statement(Effect="Deny", Condition={"StringEquals": {"sts:ExternalId": "other"}})],
)
T.trust("a Deny for somebody else does nothing", source=DENY, expect=ALLOW,
        more=lambda p: [p.statement(Effect="Deny", Principal={"AWS": p.rita.arn})])  # fmt: skip
T.trust("a lone Deny for everybody admits nobody", source="aws.md §1 Grammar: placeholder", expect=DENIED,
        statement={"Effect": "Deny", "Principal": {"AWS": "*"}})  # fmt: skip

T.trust("a positive operator on an absent key is false", source=MISSING, expect=DENIED,
        condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})  # fmt: skip
T.trust("a negated operator on an absent key is true", source=MISSING, expect=ALLOW,
        condition={"StringNotEquals": {"aws:PrincipalTag/team": "blue"}})  # fmt: skip
T.trust("IfExists on an absent key is true", source=MISSING, expect=ALLOW,
        condition={"StringEqualsIfExists": {"aws:PrincipalTag/team": "blue"}})  # fmt: skip
T.trust("Null true holds for an absent key", source=MISSING, expect=ALLOW,
        condition={"Null": {"aws:PrincipalTag/team": "true"}})  # fmt: skip
T.trust("all operators must hold, not one of them", source="aws.md §1 Conditions: operators AND", expect=DENIED,
        condition={**OUR_ID, **PINNED}, call={"ExternalId": "Daypass-42"})  # fmt: skip

T.trust("a source identity needs sts:SetSourceIdentity in the trust policy", source=STICKY, expect=DENIED, who="tagger",
        statement=lambda p: {"Principal": {"AWS": p.tagger.arn}}, call={"SourceIdentity": "richard"})  # fmt: skip
T.trust(
    "a source identity needs sts:SetSourceIdentity in the identity policy",
    source=STICKY,
    expect=DENIED,
    statement={"Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]},
    call={"SourceIdentity": "richard"},
)
T.trust("a source identity allowed on both sides is admitted", source=STICKY, expect=ALLOW, who="tagger",
        statement=lambda p: {"Principal": {"AWS": p.tagger.arn}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]},
        condition={"StringEquals": {"sts:SourceIdentity": "richard"}}, call={"SourceIdentity": "richard"})  # fmt: skip
T.trust("session tags need sts:TagSession in the trust policy", source=STICKY, expect=DENIED, who="tagger",
        statement=lambda p: {"Principal": {"AWS": p.tagger.arn}},
        call={"Tags": [{"Key": "case", "Value": "42"}]})  # fmt: skip
T.trust("session tags allowed on both sides are admitted", source=STICKY, expect=ALLOW, who="tagger",
        statement=lambda p: {"Principal": {"AWS": p.tagger.arn}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
        condition={"StringEquals": {"aws:RequestTag/case": "42"}},
        call={"Tags": [{"Key": "case", "Value": "42"}]})  # fmt: skip


@T.row("a session with a source identity hands it on, and cannot change it", source=STICKY, expect=DENIED)
def _(play: Play) -> str:
    both = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    first = play.sandbox.role(
        document(play.statement(Principal={"AWS": play.tagger.arn}, Action=both)), permissions=play.reach(both[1])
    )
    session = play.sandbox.assume(play.tagger.keys, first.arn, SourceIdentity="richard")
    second = play.sandbox.role(document(play.statement(Principal={"AWS": first.arn}, Action=both)))
    if play.assuming(session, second, ALLOW) != ALLOW:
        return "not handed on"
    return play.assuming(session, second, DENIED, SourceIdentity="rita")


@T.row("a removed statement admits nobody any more", source="aws.md §4", expect=DENIED)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()))
    if play.assuming(play.richard.keys, role, ALLOW) != ALLOW:
        return "never open"
    placeholder = document(play.statement(Effect="Deny", Principal={"AWS": "*"}))
    play.sandbox.admin(play.sandbox.host).update_assume_role_policy(
        RoleName=role.name, PolicyDocument=json.dumps(placeholder)
    )
    return play.assuming(play.richard.keys, role, DENIED)


@T.row("removing the trust does not end a live session", source="aws.md §4 [UG:disable-perms]", expect=ALLOW)
def _(play: Play) -> str:
    opened = play.session()
    placeholder = document(play.statement(Effect="Deny", Principal={"AWS": "*"}))
    play.sandbox.admin(play.sandbox.host).update_assume_role_policy(
        RoleName=opened.role.name, PolicyDocument=json.dumps(placeholder)
    )
    return play.putting(opened.keys, ALLOW)


@T.row(
    "a permissions boundary narrows the caller's half",
    source="aws.md §4 Permissions boundary",
    expect=DENIED,
)
def _(play: Play) -> str:
    sandbox = play.sandbox
    iam = sandbox.admin(sandbox.contractor)
    only_s3 = json.dumps(document(allow("s3:*", "*")))
    boundary = iam.create_policy(PolicyName=sandbox.name("boundary"), PolicyDocument=only_s3)["Policy"]["Arn"]
    user = sandbox.user(sandbox.contractor, "Bounded", play.reach())
    iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    role = sandbox.role(document(play.statement(Principal={"AWS": user.arn})))
    return play.assuming(user.keys, role, DENIED)
