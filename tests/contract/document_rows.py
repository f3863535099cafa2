"""What IAM takes when a document is saved: principals that exist, grammar, quotas, and principals that are gone."""

import json
from typing import Any

from tests.contract.moments import HOUR, at
from tests.contract.rows import ALLOW, DENIED, MALFORMED, Play, Table, allow, deny, document
from tests.contract.sandbox import Role, User
from tests.localaws.server import Credentials

T = Table()
GRAMMAR = "aws.md §1 Grammar [UG:reference_policies_grammar]"
SAVED = "aws.md §1 Principals: validated at save"
QUOTA = "aws.md §1 Size [UG:reference_iam-quotas]"
GHOST = "aws.md §0.5, §0.6, §1 Principals [UG:principal]"


def saving(name: str, source: str, expect: str, **fields: Any) -> None:
    """Add a row that writes one statement: the plain one with these fields, None takes one out."""

    @T.row(name, source=source, expect=expect)
    def _(play: Play) -> str:
        made = {field: value(play) if callable(value) else value for field, value in fields.items()}
        statement = {**play.statement(), **made}
        kept = {field: value for field, value in statement.items() if value is not None}
        return play.saving(document(kept), expect)


def text(name: str, source: str, expect: str, written: str) -> None:
    @T.row(name, source=source, expect=expect)
    def _(play: Play) -> str:
        return play.saving(written.replace("RICHARD", play.richard.arn), expect)


def principal(name: str, expect: str, value: Any) -> None:
    saving(name, SAVED, expect, Principal=lambda p: {"AWS": value(p)})


principal("a user that does not exist is no principal", MALFORMED, lambda p: p.richard.arn + "-nobody")
principal(
    "a user's name in other case is no principal", MALFORMED, lambda p: p.richard.arn.replace("Richard", "richard")
)
principal("a role that does not exist is no principal", MALFORMED, lambda p: p.team.arn + "-nobody")
principal("an account that does not exist is no principal", MALFORMED, lambda _: "000000000000")
principal("a wildcard inside an ARN is no principal", MALFORMED, lambda p: p.richard.arn[:-3] + "*")
principal("a group is no principal", MALFORMED, lambda p: f"arn:aws:iam::{p.sandbox.contractor.account}:group/admins")
principal(
    "a user of another partition is no principal", MALFORMED, lambda p: p.richard.arn.replace("aws:", "aws-cn:", 1)
)
principal("white space after an ARN is no principal", MALFORMED, lambda p: p.richard.arn + " ")
principal("a session of a role is a principal, whatever its name", ALLOW, lambda p: (
    f"arn:aws:sts::{p.sandbox.contractor.account}:assumed-role/{p.team.name}/anybody"))  # fmt: skip
principal("a living unique id is a principal", ALLOW, lambda p: p.richard.id)
principal("one principal that is missing fails the whole document", MALFORMED,
          lambda p: [p.richard.arn, p.richard.arn + "-nobody"])  # fmt: skip


@T.row("a user with a path must be named with it", source=SAVED, expect=MALFORMED)
def _(play: Play) -> str:
    user = play.sandbox.user(play.sandbox.contractor, "Staff", path="/staff/")
    return play.saving(document(play.statement(Principal={"AWS": user.arn.replace("/staff/", "/")})), MALFORMED)


text("text that is not JSON is no policy", GRAMMAR, MALFORMED, "not json")
text("a key that occurs twice is no policy", GRAMMAR, MALFORMED,
     '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow","Principal":{"AWS":"RICHARD"},'
     '"Action":"sts:AssumeRole"}]}')  # fmt: skip
text(
    "a single statement need not be in a list",
    GRAMMAR,
    ALLOW,
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"RICHARD"},"Action":"sts:AssumeRole"}}',
)
text("another version than the two is no policy", GRAMMAR, MALFORMED,
     '{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Principal":{"AWS":"RICHARD"},'
     '"Action":"sts:AssumeRole"}]}')  # fmt: skip
text("a policy needs a statement", "aws.md §1 Grammar: never send empty", MALFORMED,
     '{"Version":"2012-10-17","Statement":[]}')  # fmt: skip
saving("a trust policy has no Resource", GRAMMAR, MALFORMED, Resource="*")
saving("a trust statement needs a Principal", GRAMMAR, MALFORMED, Principal=None)
saving("NotPrincipal is not taken in a trust policy", GRAMMAR, MALFORMED, Principal=None,
       NotPrincipal=lambda p: {"AWS": p.rita.arn})  # fmt: skip
saving("NotPrincipal is not taken in a Deny either", GRAMMAR, MALFORMED, Effect="Deny", Principal=None,
       NotPrincipal=lambda p: {"AWS": p.rita.arn})  # fmt: skip
saving("only a star is no principal of a trust policy", GRAMMAR, MALFORMED, Principal="*")
saving("only a star is none in a Deny either", GRAMMAR, MALFORMED, Effect="Deny", Principal="*")
saving("an operator in another case is none", GRAMMAR, MALFORMED,
       Condition={"stringEquals": {"sts:ExternalId": "a1"}})  # fmt: skip
saving("Bool in small letters is none", GRAMMAR, MALFORMED,
       Condition={"bool": {"aws:MultiFactorAuthPresent": "true"}})  # fmt: skip
saving("a quantifier in another case is none", GRAMMAR, MALFORMED,
       Condition={"forAnyValue:StringEquals": {"sts:ExternalId": "a1"}})  # fmt: skip
saving("IfExists in another case is none", GRAMMAR, MALFORMED,
       Condition={"StringEqualsIfexists": {"sts:ExternalId": "a1"}})  # fmt: skip
saving("every operator in IAM's spelling is taken", GRAMMAR, ALLOW, Condition={
    "ForAllValues:StringNotEqualsIgnoreCaseIfExists": {"sts:ExternalId": "a1"},
    "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/x"},
    "NumericGreaterThanEquals": {"aws:EpochTime": "1"},
    "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"},
    "Null": {"sts:ExternalId": "true"},
})  # fmt: skip
saving("a statement needs an Effect", GRAMMAR, MALFORMED, Effect=None)
saving("a statement needs an Action", GRAMMAR, MALFORMED, Action=None)
saving("a trust policy is about STS only", GRAMMAR, MALFORMED, Action="s3:GetObject")
saving("an operator must be one that IAM knows", GRAMMAR, MALFORMED,
       Condition={"DateBefore": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})  # fmt: skip
saving("a date must be a date", "aws.md §1 Conditions: dates", MALFORMED,
       Condition={"DateLessThan": {"aws:CurrentTime": "next Friday"}})  # fmt: skip
saving("a Sid has letters and digits only", GRAMMAR, MALFORMED, Sid="grant-1")
saving("a Sid of letters and digits is fine", GRAMMAR, ALLOW, Sid="Daypass1")
text("letters outside Latin-1 are not taken", "aws.md §1 Size [B pattern]", "ValidationError",
     '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"RICHARD"},'
     '"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"\u043f\u0440\u043e"}}}]}')  # fmt: skip


@T.row("two statements must not share a Sid", source=GRAMMAR, expect=MALFORMED)
def _(play: Play) -> str:
    return play.saving(document(play.statement(Sid="same"), play.statement(Sid="same")), MALFORMED)


def trust_of_size(play: Play, characters: int) -> str:
    """Return a trust policy of exactly so many characters, none of them white space."""
    padding = play.statement(Condition={"StringNotEquals": {"sts:ExternalId": ["x"]}})
    compact = json.dumps(document(padding), separators=(",", ":"))
    while characters - len(compact) > 1300:
        padding["Condition"]["StringNotEquals"]["sts:ExternalId"].append("y" * 1000)
        compact = json.dumps(document(padding), separators=(",", ":"))
    return compact.replace('"x"', f'"{"x" * (1 + characters - len(compact))}"')


def quota(play: Play) -> int:
    summary = play.sandbox.admin(play.sandbox.host).get_account_summary()["SummaryMap"]
    return int(summary["AssumeRolePolicySizeQuota"])


@T.row("a trust policy may be as long as the quota", source=QUOTA)
def _(play: Play) -> str:
    return play.saving(trust_of_size(play, quota(play)), ALLOW)


@T.row("a trust policy must not be one character longer", source=QUOTA, expect="LimitExceeded")
def _(play: Play) -> str:
    return play.saving(trust_of_size(play, quota(play) + 1), "LimitExceeded")


@T.row("white space does not count", source=QUOTA)
def _(play: Play) -> str:
    spread = json.dumps(json.loads(trust_of_size(play, quota(play))), indent=8)
    return play.saving(spread, ALLOW)


@T.row("the inline policies of a role share 10,240 characters", source=QUOTA, expect="LimitExceeded")
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()))
    iam = play.sandbox.admin(play.sandbox.host)
    half = json.dumps(document(allow("s3:GetObject", ["arn:aws:s3:::" + "b" * 900 + str(n) for n in range(7)])))

    def put(name: str) -> None:
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=half)

    if play.sandbox.outcome(lambda: put("first"), ALLOW) != ALLOW:
        return "the first did not fit"
    return play.sandbox.outcome(lambda: put("second"), "LimitExceeded")


@T.row("fifty dated Denies fit into a role's inline policies", source="aws.md §4 Inline quota [measured]")
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()))
    dated = {"DateGreaterThanEquals": {"aws:CurrentTime": at(HOUR)}}
    expiry_policy = [
        deny("*", "*", Condition={"StringEquals": {"aws:userid": f"{role.id}:grant-{number}"}, **dated})
        for number in range(50)
    ]
    return play.sandbox.outcome(lambda: play.close(role, *expiry_policy), ALLOW)


def orphaned(play: Play, *, more: bool = False) -> tuple[Role, User]:
    """Return a role that trusts a user, and that user, who has been deleted since."""
    sandbox = play.sandbox
    before = sandbox.user(sandbox.contractor, "Ghost", play.reach())
    statements = [play.statement(Principal={"AWS": before.arn})] + ([play.statement()] if more else [])
    role = sandbox.role(document(*statements))
    delete(play, before)
    return role, before


def delete(play: Play, user: User) -> None:
    iam = play.sandbox.admin(play.sandbox.contractor)
    iam.delete_user_policy(UserName=user.name, PolicyName="given")
    iam.delete_access_key(UserName=user.name, AccessKeyId=user.keys.access_key)
    iam.delete_user(UserName=user.name)


def make_again(play: Play, user: User) -> Credentials:
    iam = play.sandbox.admin(play.sandbox.contractor)
    iam.create_user(UserName=user.name)
    iam.put_user_policy(UserName=user.name, PolicyName="given", PolicyDocument=json.dumps(play.reach()))
    return Credentials.of(iam.create_access_key(UserName=user.name))


@T.row("a user deleted and made again under the same name is somebody else", source=GHOST, expect=DENIED)
def _(play: Play) -> str:
    role, ghost = orphaned(play)
    return play.assuming(make_again(play, ghost), role, DENIED)


@T.row("writing the same ARN again lets the new user in", source=GHOST)
def _(play: Play) -> str:
    role, ghost = orphaned(play)
    keys = make_again(play, ghost)
    text = json.dumps(document(play.statement(Principal={"AWS": ghost.arn})))
    iam = play.sandbox.admin(play.sandbox.host)
    play.sandbox.patiently(lambda: iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=text))
    return play.assuming(keys, role, ALLOW)


def principals_read(play: Play, role: Role) -> Any:
    answer = play.sandbox.admin(play.sandbox.host).get_role(RoleName=role.name)
    return answer["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]


@T.row("a deleted principal is read back as the bare unique id", source=GHOST, expect="the bare id")
def _(play: Play) -> str:
    role, ghost = orphaned(play)
    found = principals_read(play, role)
    return "the bare id" if found == ghost.id else str(found)


@T.row("a principal made again is still read back as the old bare id", source=GHOST, expect="the old id")
def _(play: Play) -> str:
    role, ghost = orphaned(play)
    make_again(play, ghost)
    found = principals_read(play, role)
    return "the old id" if found == ghost.id else str(found)


@T.row("a dead unique id cannot be written back", source=GHOST, expect=MALFORMED)
def _(play: Play) -> str:
    _, ghost = orphaned(play)
    return play.saving(document(play.statement(), play.statement(Principal={"AWS": ghost.id})), MALFORMED)


@T.row("the other statements of a role with a deleted principal still work", source=GHOST)
def _(play: Play) -> str:
    role, _ = orphaned(play, more=True)
    return play.assuming(play.richard.keys, role, ALLOW)


@T.row(
    "the bare account number is read back as its root ARN or as itself",
    source="aws.md §1 Principals",
    expect="the account",
)
def _(play: Play) -> str:
    account = play.sandbox.contractor.account
    found = principals_read(play, play.sandbox.role(document(play.statement(Principal={"AWS": account}))))
    return "the account" if found in {account, f"arn:aws:iam::{account}:root"} else str(found)
