"""Live sessions: how they end, what session policies do, how long they may last, the second factor, sign-in."""

import json
from typing import Any

from tests.contract.moments import HOUR, at
from tests.contract.onetime import Device
from tests.contract.rows import ALLOW, CLOCK, DENIED, MALFORMED, Play, Table, allow, deny, document
from tests.contract.sandbox import Document

T = Table()
ENDING = "aws.md §4 One session [UG:reference_identifiers]"
POLICY = "aws.md §2 Session policy [UG:access_policies]"
DURATION = "aws.md §2 DurationSeconds"
CHAIN = "aws.md §0.8 and §2 Chaining"
MFA = "aws.md §1 MFA [UG:condition-keys]"
SIGNIN = "aws.md §3 [UG:enable-console-custom-url]"
NAME = "grant-1"
FULL = allow("*", "*")


def expiry_policy(user_id: str | list[str], **condition: Any) -> Document:
    return deny("*", "*", Condition={"StringEquals": {"aws:userid": user_id}, **condition})


@T.row("a dated Deny on the session ends it", source=ENDING, expect=DENIED)
def _(play: Play) -> str:
    opened = play.session(session=NAME)
    past = {"DateGreaterThanEquals": {"aws:CurrentTime": at(-HOUR)}}
    play.close(opened.role, expiry_policy(f"{opened.role.id}:{NAME}", **past))
    return play.putting(opened.keys, DENIED)


@T.row("a Deny that is dated later does not end it yet", source=ENDING)
def _(play: Play) -> str:
    opened = play.session(session=NAME)
    later = {"DateGreaterThanEquals": {"aws:CurrentTime": at(HOUR)}}
    play.close(opened.role, expiry_policy(f"{opened.role.id}:{NAME}", **later))
    return play.putting(opened.keys, ALLOW)


@T.row("the dated Deny ends the session by AWS's clock", source="aws.md §0.2", expect=DENIED, needs=CLOCK)
def _(play: Play) -> str:
    opened = play.session(session=NAME)
    soon = {"DateGreaterThanEquals": {"aws:CurrentTime": at(600)}}
    play.close(opened.role, expiry_policy(f"{opened.role.id}:{NAME}", **soon))
    if play.putting(opened.keys, ALLOW) != ALLOW:
        return "ended too early"
    play.sandbox.aws.clock(601)
    return play.putting(opened.keys, DENIED)


@T.row("the Deny on one session does not affect another session of the role", source=ENDING)
def _(play: Play) -> str:
    opened = play.session(session="grant-2")
    play.close(opened.role, expiry_policy(f"{opened.role.id}:{NAME}"))
    return play.putting(opened.keys, ALLOW)


@T.row("an undated Deny may list many sessions", source=ENDING, expect=DENIED)
def _(play: Play) -> str:
    opened = play.session(session="grant-3")
    play.close(opened.role, expiry_policy([f"{opened.role.id}:grant-{number}" for number in range(1, 40)]))
    return play.putting(opened.keys, DENIED)


@T.row("a Deny on older tokens ends the sessions that are open", source="aws.md §4 All sessions", expect=DENIED)
def _(play: Play) -> str:
    opened = play.session()
    older = {"DateLessThan": {"aws:TokenIssueTime": at(HOUR)}}
    play.close(opened.role, deny("*", "*", Condition=older))
    return play.putting(opened.keys, DENIED)


@T.row("a Deny on older tokens leaves newer sessions alone", source="aws.md §4 All sessions")
def _(play: Play) -> str:
    opened = play.session()
    older = {"DateLessThan": {"aws:TokenIssueTime": at(-HOUR)}}
    play.close(opened.role, deny("*", "*", Condition=older))
    return play.putting(opened.keys, ALLOW)


@T.row(
    "a session of a role that was deleted and made again may do nothing", source="aws.md §1 Principals", expect=DENIED
)
def _(play: Play) -> str:
    opened = play.session()
    iam, name = play.sandbox.admin(play.sandbox.host), opened.role.name
    iam.delete_role_policy(RoleName=name, PolicyName="permissions")
    iam.delete_role(RoleName=name)
    text = json.dumps(document(play.statement()))
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)
    iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=json.dumps(play.putter))
    # AWS may also answer that the token is unknown; either way nothing gets done.
    found = play.putting(opened.keys, DENIED)
    return DENIED if found in {DENIED, "InvalidAccessKeyId", "InvalidToken"} else found


def session_policy(name: str, expect: str, *statements: Document) -> None:
    @T.row(name, source=POLICY, expect=expect)
    def _(play: Play) -> str:
        opened = play.session(Policy=json.dumps(document(*statements)))
        return play.putting(opened.keys, expect)


def until(seconds: float) -> Document:
    return deny("*", "*", Condition={"DateGreaterThanEquals": {"aws:CurrentTime": at(seconds)}})


session_policy("Allow all and a Deny from later on leaves the session alone until then", ALLOW, FULL, until(HOUR))
session_policy("Allow all and a Deny from earlier on leaves nothing", DENIED, FULL, until(-HOUR))
session_policy("a session policy with a lone Deny leaves nothing", DENIED, until(HOUR))
session_policy("a session policy for something else leaves nothing", DENIED, allow("s3:GetObject", "*"))


@T.row("a session policy adds nothing to the role's permissions", source=POLICY, expect=DENIED)
def _(play: Play) -> str:
    opened = play.session(Policy=json.dumps(document(FULL)))
    s3 = play.sandbox.of(opened.keys, "s3")
    return play.sandbox.outcome(s3.list_buckets, DENIED)


@T.row("the session policy ends the session by AWS's clock", source="aws.md §0.2", expect=DENIED, needs=CLOCK)
def _(play: Play) -> str:
    opened = play.session(Policy=json.dumps(document(FULL, until(60))))
    if play.putting(opened.keys, ALLOW) != ALLOW:
        return "ended too early"
    play.sandbox.aws.clock(61)
    return play.putting(opened.keys, DENIED)


T.trust("a session policy that is no policy is refused", source="aws.md §2 Errors [B]", expect=MALFORMED,
        call={"Policy": "{}"})  # fmt: skip
T.trust("899 seconds are too few", source=DURATION, expect="ValidationError", call={"DurationSeconds": 899})
T.trust("900 seconds are enough", source=DURATION, expect=ALLOW, call={"DurationSeconds": 900})
T.trust("43201 seconds are too many", source=DURATION, expect="ValidationError", call={"DurationSeconds": 43201},
        role={"MaxSessionDuration": 43200})  # fmt: skip
T.trust("twelve hours need a role that allows them", source=DURATION, expect="ValidationError",
        call={"DurationSeconds": 43200})  # fmt: skip
T.trust("twelve hours on a role that allows them", source=DURATION, expect=ALLOW, call={"DurationSeconds": 43200},
        role={"MaxSessionDuration": 43200})  # fmt: skip
CHAINED: Document = {"who": "team_session", "statement": lambda p: {"Principal": {"AWS": p.team.arn}}}
T.trust("a chained role session lasts an hour", source=CHAIN, expect=ALLOW, call={"DurationSeconds": 3600},
        role={"MaxSessionDuration": 43200}, **CHAINED)  # fmt: skip
T.trust("a chained role session lasts no second more", source=CHAIN, expect="ValidationError",
        call={"DurationSeconds": 3601}, role={"MaxSessionDuration": 43200}, **CHAINED)  # fmt: skip


@T.row("the end that AssumeRole names is AWS's now plus the duration", source=DURATION, expect="on the moved clock",
       needs=CLOCK)  # fmt: skip
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()))
    play.sandbox.aws.clock(10 * HOUR)
    answer = play.sandbox.of(play.richard.keys).assume_role(RoleArn=role.arn, RoleSessionName=NAME, DurationSeconds=900)
    ends = answer["Credentials"]["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return "on the moved clock" if at(10 * HOUR + 840) < ends <= at(10 * HOUR + 901) else ends


@T.row("UpdateRole without MaxSessionDuration sets it back to an hour", source="aws.md §0.11 [B]", expect="3600")
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement()), MaxSessionDuration=43200)
    iam = play.sandbox.admin(play.sandbox.host)
    iam.update_role(RoleName=role.name, Description="a word")
    return str(iam.get_role(RoleName=role.name)["Role"]["MaxSessionDuration"])


ASKS_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
T.trust("where a second factor is asked for, none is not enough", source=MFA, expect=DENIED, condition=ASKS_MFA)
T.trust("BoolIfExists admits long-term keys without a second factor", source=MFA, expect=ALLOW,
        condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})  # fmt: skip
T.trust("the age of a second factor is absent without one", source=MFA, expect=DENIED,
        condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})  # fmt: skip


def second_factor(name: str, expect: str, condition: Document, change: str = "") -> None:
    @T.row(name, source=MFA, expect=expect)
    def _(play: Play) -> str:
        user = play.sandbox.user(play.sandbox.contractor, "Factor", play.reach())
        device = Device.enabled(play.sandbox, user)
        serial, code = device.serial, device.code()
        if change == "wrong code":
            code = f"{(int(code) + 1) % 1_000_000:06d}"
        if change == "other device":
            owner = play.sandbox.user(play.sandbox.contractor, "Owner")
            others = Device.enabled(play.sandbox, owner)
            serial, code = others.serial, others.code()
        role = play.sandbox.role(document(play.statement(Principal={"AWS": user.arn}, Condition=condition)))
        call = {"SerialNumber": serial, "TokenCode": code}
        first = play.assuming(user.keys, role, ALLOW if change == "twice" else expect, **call)
        return play.assuming(user.keys, role, expect, **call) if change == "twice" and first == ALLOW else first


second_factor("a correct code is admitted", ALLOW, ASKS_MFA)
second_factor("a right code has an age", ALLOW, {"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}})
second_factor("a wrong code does not", DENIED, ASKS_MFA, "wrong code")
second_factor("another user's device does not", DENIED, ASKS_MFA, "other device")
second_factor("a wrong code is refused even where none is asked for", DENIED, {}, "wrong code")
second_factor("a code is good once", DENIED, ASKS_MFA, "twice")


@T.row("a role session signs in to the console", source=SIGNIN)
def _(play: Play) -> str:
    return play.sandbox.signin(play.session().keys)


@T.row("a role session from long-term keys may sign in for twelve hours", source=SIGNIN)
def _(play: Play) -> str:
    return play.sandbox.signin(play.session().keys, SessionDuration="43200")


@T.row("a SessionDuration is refused for chained credentials", source=SIGNIN, expect="400")
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Principal={"AWS": play.team.arn})))
    return play.sandbox.signin(play.sandbox.assume(play.team_session, role.arn), SessionDuration="3600")


@T.row("chained credentials sign in without a SessionDuration", source=SIGNIN)
def _(play: Play) -> str:
    role = play.sandbox.role(document(play.statement(Principal={"AWS": play.team.arn})))
    return play.sandbox.signin(play.sandbox.assume(play.team_session, role.arn))


@T.row("a SessionDuration of 899 seconds is refused", source=SIGNIN, expect="400")
def _(play: Play) -> str:
    return play.sandbox.signin(play.session().keys, SessionDuration="899")


@T.row("a SessionDuration of 43201 seconds is refused", source=SIGNIN, expect="400")
def _(play: Play) -> str:
    return play.sandbox.signin(play.session().keys, SessionDuration="43201")


@T.row("long-term keys do not sign in", source=SIGNIN, expect="400")
def _(play: Play) -> str:
    return play.sandbox.signin(play.richard.keys)


@T.row("a session that is over does not sign in", source=SIGNIN, expect="400", needs=CLOCK)
def _(play: Play) -> str:
    opened = play.session()
    play.sandbox.aws.clock(HOUR + 1)
    return play.sandbox.signin(opened.keys)
