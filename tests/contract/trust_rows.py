"""Admitted principals: both halves, windows, conditions, Deny, removal."""

from tests.contract.moments import HOUR, at, epoch
from tests.contract.rows import ALLOW, CLOCK, DENIED, LOCAL, Play, Table, allow, deny, document

T = Table()
PRINCIPALS = "aws.md §1 Principals [UG:principal]"
HALVES = "aws.md §1 Who needs what [UG:evaluation-logic-cross-account]"
DATES = "aws.md §1 Conditions [UG:condition_operators]"
KEYS = "aws.md §1 Conditions [SAR, UG:condition-keys]"

T.trust("a user named by their exact ARN is admitted", source=PRINCIPALS, expect=ALLOW)
T.trust("another user of the same account does not", source=PRINCIPALS, expect=DENIED, who="rita")
T.trust(
    "the account's root ARN admits whom that account's administrator allows",
    source=PRINCIPALS,
    expect=ALLOW,
    statement=lambda p: {"Principal": {"AWS": f"arn:aws:iam::{p.sandbox.contractor.account}:root"}},
)
T.trust(
    "the bare account number means the same as its root ARN",
    source=PRINCIPALS,
    expect=ALLOW,
    statement=lambda p: {"Principal": {"AWS": p.sandbox.contractor.account}},
)
T.trust(
    "another account's root ARN lets nobody of this account in",
    source=PRINCIPALS,
    expect=DENIED,
    statement=lambda p: {"Principal": {"AWS": f"arn:aws:iam::{p.sandbox.host.account}:root"}},
)
T.trust(
    "the open principal is narrowed by a condition on the account",
    source="aws.md §1 Grammar [UG:access-analyzer-reference-policy-checks]",
    expect=ALLOW,
    statement={"Principal": {"AWS": "*"}},
    condition=lambda p: {"StringEquals": {"aws:PrincipalAccount": p.sandbox.contractor.account}},
)
T.trust(
    "a caller may be the second principal of a statement",
    source=PRINCIPALS,
    expect=ALLOW,
    statement=lambda p: {"Principal": {"AWS": [p.rita.arn, p.richard.arn]}},
)
T.trust(
    "a caller may be named by the second statement",
    source="aws.md §8 (where moto is wrong) [UG:evaluation-logic]",
    expect=ALLOW,
    statement=lambda p: {"Principal": {"AWS": p.rita.arn}},
    more=lambda p: [p.statement()],
)
T.trust(
    "a service principal lets no user in",
    source=PRINCIPALS,
    expect=DENIED,
    statement={"Principal": {"Service": "ec2.amazonaws.com"}},
)
T.trust(
    "a role's ARN admits the sessions of that role",
    source=PRINCIPALS,
    expect=ALLOW,
    who="team_session",
    statement=lambda p: {"Principal": {"AWS": p.team.arn}},
)
T.trust(
    "a role's ARN does not admit the user who could assume it",
    source=PRINCIPALS,
    expect=DENIED,
    statement=lambda p: {"Principal": {"AWS": p.team.arn}},
)
T.trust(
    "a session's ARN admits that session",
    source="aws.md §1 Principals: one person of an Identity Center role",
    expect=ALLOW,
    who="team_session",
    statement=lambda p: {
        "Principal": {"AWS": f"arn:aws:sts::{p.sandbox.contractor.account}:assumed-role/{p.team.name}/richard-of-team"}
    },
)
T.trust(
    "a session's ARN does not admit another session of the role",
    source="aws.md §1 Principals: session ARN narrows to one",
    expect=DENIED,
    who="team_session",
    statement=lambda p: {
        "Principal": {"AWS": f"arn:aws:sts::{p.sandbox.contractor.account}:assumed-role/{p.team.name}/rita-of-team"}
    },
)
T.trust(
    "aws:PrincipalArn of a session is the role's ARN",
    source="aws.md §1 Principals [UG:condition-keys]: never the session ARN",
    expect=ALLOW,
    who="team_session",
    statement=lambda p: {"Principal": {"AWS": p.sandbox.contractor.account}},
    condition=lambda p: {"ArnEquals": {"aws:PrincipalArn": p.team.arn}},
)

T.trust("only trust is not enough across accounts", source=HALVES, expect=DENIED, who="pauper",
        statement=lambda p: {"Principal": {"AWS": p.pauper.arn}})  # fmt: skip
T.trust("only an identity policy is not enough either", source=HALVES, expect=DENIED, who="rita")
T.trust(
    "in one account the user's own name in the trust policy is enough",
    source="aws.md §1 Who needs what [B AssumeRole]",
    expect=ALLOW,
    who="colleague",
    statement=lambda p: {"Principal": {"AWS": p.colleague.arn}},
)
T.trust(
    "in one account the account's root ARN is not enough",
    source="aws.md §1 Principals: root ARN delegates",
    expect=DENIED,
    who="colleague",
    statement=lambda p: {"Principal": {"AWS": p.sandbox.host.account}},
)


@T.row("an identity policy for another role does not help", source=HALVES, expect=DENIED)
def _(play: Play) -> str:
    elsewhere = document(allow("sts:AssumeRole", f"arn:aws:iam::{play.sandbox.host.account}:role/somewhere-else"))
    user = play.sandbox.user(play.sandbox.contractor, "Elsewhere", elsewhere)
    role = play.sandbox.role(document(play.statement(Principal={"AWS": user.arn})))
    return play.assuming(user.keys, role, DENIED)


@T.row("an explicit Deny in the caller's identity policy wins", source=HALVES, expect=DENIED)
def _(play: Play) -> str:
    both = document(*play.reach()["Statement"], deny("sts:AssumeRole", "*"))
    user = play.sandbox.user(play.sandbox.contractor, "Barred", both)
    role = play.sandbox.role(document(play.statement(Principal={"AWS": user.arn})))
    return play.assuming(user.keys, role, DENIED)


@T.row(
    "in one account a Deny in the identity policy wins over the name in the trust policy", source=HALVES, expect=DENIED
)
def _(play: Play) -> str:
    user = play.sandbox.user(play.sandbox.host, "Barred", document(deny("sts:AssumeRole", "*")))
    role = play.sandbox.role(document(play.statement(Principal={"AWS": user.arn})))
    return play.assuming(user.keys, role, DENIED)


@T.row("a role that does not exist answers as a closed one", source="aws.md §7 Error grammar", expect=DENIED)
def _(play: Play) -> str:
    missing = f"arn:aws:iam::{play.sandbox.host.account}:role/{play.sandbox.prefix}-missing"
    sts = play.sandbox.of(play.richard.keys)
    return play.sandbox.outcome(lambda: sts.assume_role(RoleArn=missing, RoleSessionName="daypass-row"), DENIED)


@T.row("a role's ARN without its path names another role", source="aws.md §1 Names [B]", expect=DENIED)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()), Path="/daypass/")
    sts, pathless = play.sandbox.of(play.richard.keys), role.arn.replace("/daypass/", "/")
    return play.sandbox.outcome(lambda: sts.assume_role(RoleArn=pathless, RoleSessionName="daypass-row"), DENIED)


@T.row("an account's root cannot assume roles", source="STS API reference, AssumeRole", expect=DENIED, needs=LOCAL)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Principal={"AWS": play.sandbox.contractor.account})))
    sts = play.sandbox.admin(play.sandbox.contractor, "sts")
    return play.sandbox.outcome(lambda: sts.assume_role(RoleArn=role.arn, RoleSessionName="daypass-row"), DENIED)


def window(start: str, end: str) -> dict[str, dict[str, str]]:
    return {"DateGreaterThanEquals": {"aws:CurrentTime": start}, "DateLessThan": {"aws:CurrentTime": end}}


T.trust(
    "inside the window access is allowed", source=DATES, expect=ALLOW, condition=lambda _: window(at(-HOUR), at(HOUR))
)
T.trust(
    "before the window it is closed", source=DATES, expect=DENIED, condition=lambda _: window(at(HOUR), at(2 * HOUR))
)
T.trust(
    "after the window it is closed", source=DATES, expect=DENIED, condition=lambda _: window(at(-2 * HOUR), at(-HOUR))
)
T.trust(
    "a date may be written as seconds since 1970",
    source=DATES,
    expect=ALLOW,
    condition=lambda _: {"DateLessThan": {"aws:CurrentTime": epoch(HOUR)}},
)
T.trust(
    "aws:EpochTime is judged like aws:CurrentTime",
    source=KEYS,
    expect=DENIED,
    condition=lambda _: {"NumericLessThan": {"aws:EpochTime": epoch(-HOUR)}},
)
T.trust(
    "one open window of two statements is enough",
    source="aws.md §1 [UG:evaluation-logic]: statements are alternatives",
    expect=ALLOW,
    condition=lambda _: window(at(-2 * HOUR), at(-HOUR)),
    more=lambda p: [p.statement(Condition=window(at(-HOUR), at(HOUR)))],
)


@T.row("the window closes by AWS's clock", source="aws.md §0.1 and §2 Clock", expect=DENIED, needs=CLOCK)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Condition=window(at(-HOUR), at(HOUR)))))
    if play.assuming(play.richard.keys, role, ALLOW) != ALLOW:
        return "closed too early"
    play.sandbox.aws.clock(HOUR + 1)
    return play.assuming(play.richard.keys, role, DENIED)


@T.row("the window opens by AWS's clock", source="aws.md §2 Clock", expect=ALLOW, needs=CLOCK)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Condition=window(at(HOUR), at(2 * HOUR)))))
    if play.assuming(play.richard.keys, role, DENIED) != DENIED:
        return "open too early"
    play.sandbox.aws.clock(HOUR + 1)
    return play.assuming(play.richard.keys, role, ALLOW)
