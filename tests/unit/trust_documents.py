"""Trust policies in every form that AWS documents, and requests that a caller can make, from a seeded generator."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.unit.aws_semantics import Request

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
SSO = "AWSReservedSSO_Dev_0123456789abcdef"


class Who(NamedTuple):
    """A caller as Daypass knows them, and what AWS puts into their requests."""

    arn: str
    user_id: str
    names: tuple[str, ...]
    identity: dict[str, str]


def _who(arn: str, user_id: str, account: str, *others: str, **identity: str) -> Who:
    names = (arn, account, f"arn:aws:iam::{account}:root", "*", *others)
    known = {"aws:userid": user_id, "aws:principalaccount": account}
    return Who(arn, user_id, names, known | {f"aws:{key}": value for key, value in identity.items()})


_USER = "arn:aws:iam::222222222222:user/team/Richard"
_ROLE = "arn:aws:iam::333333333333:role/x/Deploy"
_PERSON = f"arn:aws:sts::333333333333:assumed-role/{SSO}/rita@example.org"
_SSO_ROLE = f"arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO}"
CALLERS = (
    _who(_USER, "AIDARICHARDRICHARD01", "222222222222", principalarn=_USER, principaltype="User", username="Richard"),
    _who(
        _ROLE, "AROADEPLOYDEPLOYDEP01:me", "333333333333", "arn:aws:sts::333333333333:assumed-role/Deploy/me",
        principalarn=_ROLE, principaltype="AssumedRole",
    ),
    _who(
        _PERSON, "AROASSOSSOSSOSSOSSO01:rita@example.org", "333333333333", _SSO_ROLE,
        principalarn=_SSO_ROLE, principaltype="AssumedRole",
    ),
)  # fmt: skip
_STRANGERS = ("arn:aws:iam::444444444444:user/eve", "444444444444", "arn:aws:iam::444444444444:root")
_ACTIONS = (
    "sts:AssumeRole", "sts:*", "sts:Assume*", "sts:AssumeRole*", "*", "STS:assumerole", "sts:A?sumeRole", "s?s:*Role",
)  # fmt: skip
_OTHER_ACTIONS = (
    "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext", "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
)  # fmt: skip
_TEXT_KEYS = {
    "aws:PrincipalArn": (_USER, _ROLE, _SSO_ROLE, "arn:aws:iam::222222222222:user/*", "arn:aws:iam::*:role/*/Deploy"),
    "aws:userid": ("AIDARICHARDRICHARD01", "AROADEPLOYDEPLOYDEP01:*", "AROA*", "*:me", "*"),
    "aws:username": ("Richard", "richard", "R*", "${aws:username}", "Eve"),
    "aws:PrincipalAccount": ("222222222222", "333333333333", "2*"),
    "aws:PrincipalType": ("User", "AssumedRole", "A*"),
    "aws:PrincipalOrgID": ("o-abc", "o-*", "o-other"),
    "aws:PrincipalTag/team": ("a", "b", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/none, 'a'}", ""),
    "AWS:PRINCIPALTAG/TEAM": ("A", "a"),
    "sts:ExternalId": ("ext-1", "ext-2", "ext-?", "${*}"),
    "sts:RoleSessionName": ("upload", "dp*", "${aws:username}"),
    "sts:SourceIdentity": ("rita", "*"),
    "aws:RequestedRegion": ("us-east-1", "eu-*"),
    "aws:SourceVpce": ("vpce-1",),
    "aws:RequestTag/project": ("x",),
}
_MANY_KEYS = {"aws:PrincipalOrgPaths": ("o-abc/r-1/ou-1/", "o-abc/*", "o-other/*"), "aws:TagKeys": ("project", "p*")}
_STRING = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
           "StringNotLike")  # fmt: skip
_ARN = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


def document(random: Random, who: Who) -> dict[str, Any]:
    """Return a trust policy of one to three statements."""
    effects = random.choice((("Allow",), ("Allow",), ("Allow", "Deny"), ("Allow", "Allow", "Deny"), ("Deny", "Allow")))
    statements = [_statement(random, who, effect) for effect in effects]
    body = statements[0] if len(statements) == 1 and random.random() < 0.3 else statements
    version = random.choice(({"Version": "2012-10-17"},) * 4 + ({"Version": "2008-10-17"}, {}))
    return {**version, "Statement": body}


def request(random: Random, who: Who, document: dict[str, Any]) -> Request:
    """Return one request that the caller can make at AT or later; the time is often one that the document names."""
    chosen: dict[str, tuple[str | list[str] | None, ...]] = {
        "aws:sourceip": ("203.0.113.7", "198.51.100.1", "2001:db8::7", None),
        "aws:multifactorauthpresent": ("true", "false", None),
        "aws:multifactorauthage": ("60", None),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false", "true"),
        "aws:principalisawsservice": ("false",),
        "aws:requestedregion": ("us-east-1", "eu-west-1"),
        "aws:principalorgid": ("o-abc", None),
        "aws:principalorgpaths": (["o-abc/r-1/ou-1/"], ["o-abc/r-1/", "o-other/r-2/"], None),
        "aws:principaltag/team": ("a", None),
        "aws:tagkeys": (["project"], ["project", "team"], None),
        "aws:requesttag/project": ("x", None),
        "aws:sourcevpce": ("vpce-1", None),
        "sts:externalid": ("ext-1", "ext-2", None),
        "sts:rolesessionname": ("upload", "dpabc", "Richard"),
        "sts:sourceidentity": ("rita", None),
    }
    picked = {key: random.choice(values) for key, values in chosen.items()}
    at = max(AT, random.choice((AT, *_named_times(document))) + timedelta(seconds=random.choice((-1, 0, 0, 1, 86400))))
    times = {"aws:currenttime": at.isoformat(), "aws:epochtime": str(int(at.timestamp()))}
    context = {key: value for key, value in picked.items() if value is not None} | who.identity | times
    return Request(frozenset(who.names), context)


def _named_times(document: dict[str, Any]) -> list[datetime]:
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    return [at for one in statements for at in one.pop("times", [])]


def _statement(random: Random, who: Who, effect: str) -> dict[str, Any]:
    times: list[datetime] = []
    conditions: dict[str, dict[str, Any]] = {}
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        operator, key, values = _condition(random, times)
        conditions.setdefault(operator, {})[key] = values
    held = {"Condition": conditions} if conditions or random.random() < 0.1 else {}
    return {"Effect": effect, **_principal(random, who), **_action(random), **held, "times": times}


def _principal(random: Random, who: Who) -> dict[str, Any]:
    own = random.choice(who.names)
    listed = [*random.sample([own, *_STRANGERS], 3), own]
    federated = {"Federated": "arn:aws:iam::111111111111:saml-provider/idp", "Service": ["ec2.amazonaws.com"]}
    forms: tuple[dict[str, Any], ...] = (
        {"Principal": {"AWS": own}},
        {"Principal": {"AWS": [own]}},
        {"Principal": {"AWS": listed}},
        {"Principal": {"AWS": own} | federated},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"NotPrincipal": {"AWS": list(_STRANGERS)}},
        {"Principal": federated},
        {"Principal": {"AWS": _STRANGERS[0]}},
    )
    return random.choices(forms, weights=(5, 2, 3, 2, 1, 2, 1, 1, 1))[0]


def _action(random: Random) -> dict[str, Any]:
    right, other = random.choice(_ACTIONS), random.choice(_OTHER_ACTIONS)
    forms: tuple[dict[str, Any], ...] = (
        {"Action": right}, {"Action": [other, right]}, {"NotAction": other}, {"NotAction": [other, "iam:*"]},
        {"Action": other}, {"NotAction": ["sts:AssumeRole"]},
    )  # fmt: skip
    return random.choices(forms, weights=(8, 4, 2, 1, 1, 1))[0]


def _condition(random: Random, times: list[datetime]) -> tuple[str, str, Any]:
    family = random.choice((_time, _time, _text, _text, _text, _many, _bool, _ip, _null))
    operator, key, values = family(random, times)
    if operator != "Null" and random.random() < 0.2:
        operator += "IfExists"
    return operator, key, values


def _values(random: Random, offered: tuple[Any, ...]) -> Any:
    chosen = random.sample(offered, min(len(offered), random.choice((1, 1, 2))))
    return chosen[0] if len(chosen) == 1 and random.random() < 0.6 else chosen


def _text(random: Random, _times: list[datetime]) -> tuple[str, str, Any]:
    key = random.choice(list(_TEXT_KEYS))
    arns = _ARN if key == "aws:PrincipalArn" else ()
    quantifier = random.choice(("", "", "", "ForAnyValue:", "ForAllValues:"))
    return quantifier + random.choice((*_STRING, *arns)), key, _values(random, _TEXT_KEYS[key])


def _many(random: Random, _times: list[datetime]) -> tuple[str, str, Any]:
    key = random.choice(list(_MANY_KEYS))
    return (
        random.choice(("ForAnyValue:", "ForAllValues:")) + random.choice(_STRING),
        key,
        _values(random, _MANY_KEYS[key]),
    )


def _bool(random: Random, _times: list[datetime]) -> tuple[str, str, Any]:
    key = random.choice(("aws:MultiFactorAuthPresent", "aws:SecureTransport", "aws:ViaAWSService",
                         "aws:PrincipalIsAWSService"))  # fmt: skip
    return "Bool", key, random.choice(("true", "false", True, False, ["true"], "TRUE"))


def _ip(random: Random, _times: list[datetime]) -> tuple[str, str, Any]:
    networks = ("203.0.113.0/24", "203.0.113.7", "198.51.100.0/24", "2001:db8::/32", "0.0.0.0/0")
    return random.choice(("IpAddress", "NotIpAddress")), "aws:SourceIp", _values(random, networks)


def _null(random: Random, _times: list[datetime]) -> tuple[str, str, Any]:
    keys = (*_TEXT_KEYS, *_MANY_KEYS, "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:CurrentTime")
    return "Null", random.choice(keys), random.choice(("true", "false", True, False, ["true", "false"]))


def _time(random: Random, times: list[datetime]) -> tuple[str, str, Any]:
    at = AT + timedelta(seconds=random.choice((-86400, -1, 0, 1, 3600, 86400, 86400 * 400)))
    times.append(at)
    seconds = int(at.timestamp())
    if random.random() < 0.35:
        number = random.choice((str(seconds), seconds, float(seconds), f"{seconds}.5", f"0{seconds}", f"{seconds}.0"))
        times.append(at + timedelta(seconds=1))
        return f"Numeric{random.choice(_ORDER)}", "aws:EpochTime", number
    forms = (
        at.isoformat(), at.isoformat().replace("+00:00", "Z"), at.isoformat(timespec="milliseconds"),
        at.astimezone(tz=None).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), f"{at:%Y-%m-%dT%H:%MZ}",
        (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+01:00"), f"{at:%Y-%m-%d}", str(seconds), seconds,
    )  # fmt: skip
    key = random.choice(("aws:CurrentTime", "aws:CurrentTime", "AWS:currenttime"))
    return f"Date{random.choice(_ORDER)}", key, random.choice(forms)
