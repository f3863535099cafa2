"""The evaluator decides as IAM would; what it cannot decide counts on the unsafe side."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.verify import Caller, admits, denies, unmanaged_admits, with_deleted_principal
from access.verify.evaluator import could_admit
from tests.unit.facts import DAY, HOUR, NOON, RICHARD_ARN, grant

RICHARD = Caller(
    arn=RICHARD_ARN,
    session_name="upload",
    user_id="AIDARICHARDRICHARD01",
    external_id="dp-ext-1",
    mfa=True,
    source_ip="203.0.113.7",
)
FACTS = grant(unique_id="AIDARICHARDRICHARD01")
DEPLOY = Caller(arn="arn:aws:iam::333333333333:role/x/Deploy", session_name="s", user_id="AROADEPLOYDEPLOYDEP01:me")


def allow(condition: Any = None, **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": RICHARD_ARN}, "Action": "sts:AssumeRole"} | elements
    held = {} if condition is None else {"Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement | held]}


HOLDS: dict[str, dict[str, dict[str, Any]]] = {
    "StringEquals": {"StringEquals": {"sts:RoleSessionName": "upload"}},
    "StringEquals one of": {"StringEquals": {"sts:RoleSessionName": ["other", "upload"]}},
    "StringEqualsIgnoreCase": {"StringEqualsIgnoreCase": {"sts:RoleSessionName": "UPLOAD"}},
    "StringLike star": {"StringLike": {"sts:RoleSessionName": "up*"}},
    "StringLike question mark": {"StringLike": {"sts:RoleSessionName": "uploa?"}},
    "StringNotEquals": {"StringNotEquals": {"sts:RoleSessionName": ["a", "b"]}},
    "StringNotLike": {"StringNotLike": {"sts:RoleSessionName": "down*"}},
    "StringNotEqualsIgnoreCase": {"StringNotEqualsIgnoreCase": {"sts:RoleSessionName": "download"}},
    "a key in another case": {"StringEquals": {"STS:RoleSessionName": "upload"}},
    "an operator in another case": {"stringequals": {"sts:RoleSessionName": "upload"}},
    "ArnEquals": {"ArnEquals": {"aws:PrincipalArn": RICHARD_ARN}},
    "ArnLike": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:user/*"}},
    "ArnNotLike": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::3*:*"}},
    "the account": {"StringEquals": {"aws:PrincipalAccount": "222222222222"}},
    "Bool": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "Bool as a boolean": {"Bool": {"aws:MultiFactorAuthPresent": True}},
    "NotIpAddress": {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    "the user's name": {"StringEquals": {"aws:username": "Richard"}},
    "the kind of principal": {"StringEquals": {"aws:PrincipalType": "User"}},
    "ForAnyValue of one value": {"ForAnyValue:StringLike": {"sts:RoleSessionName": ["x", "up*"]}},
    "ForAllValues of one value": {"ForAllValues:StringEquals": {"sts:RoleSessionName": "upload"}},
    "many stars": {"StringLike": {"sts:RoleSessionName": "*" * 500 + "d"}},
    "DateGreaterThan": {"DateGreaterThan": {"aws:CurrentTime": "2026-11-24T11:59:59Z"}},
    "DateGreaterThanEquals at the edge": {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
    "DateLessThan": {"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:00:01Z"}},
    "DateLessThanEquals at the edge": {"DateLessThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
    "DateEquals": {"DateEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
    "DateNotEquals": {"DateNotEquals": {"aws:CurrentTime": "2026-11-25T12:00:00Z"}},
    "a date elsewhere": {"DateLessThanEquals": {"aws:CurrentTime": "2026-11-24T13:00:00+01:00"}},
    "a date in seconds": {"DateLessThan": {"aws:CurrentTime": "1795521601"}},
    "seconds": {"NumericLessThan": {"aws:EpochTime": "1795521601"}},
    "Null of what is there": {"Null": {"sts:ExternalId": "false"}},
    "IfExists of what is": {"StringEqualsIfExists": {"sts:RoleSessionName": "upload"}},
    "two that hold": {"StringEquals": {"sts:RoleSessionName": "upload", "sts:ExternalId": "dp-ext-1"}},
}
FAILS: dict[str, dict[str, dict[str, Any]]] = {
    "StringEquals": {"StringEquals": {"sts:RoleSessionName": "Upload"}},
    "StringEquals knows no wildcard": {"StringEquals": {"sts:RoleSessionName": "*"}},
    "StringLike": {"StringLike": {"sts:RoleSessionName": "up"}},
    "StringLike knows no sets": {"StringLike": {"sts:RoleSessionName": "[u]pload"}},
    "StringNotEquals with one that matches": {"StringNotEquals": {"sts:RoleSessionName": ["a", "upload"]}},
    "ArnLike": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::3*:*"}},
    "Bool": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    "IpAddress": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    "another user's name": {"StringLike": {"aws:username": "richard"}},
    "ForAnyValue of another": {"ForAnyValue:StringEquals": {"sts:RoleSessionName": "other"}},
    "an Arn pattern across a colon": {"ArnLike": {"aws:PrincipalArn": "arn:aws:*:222222222222:user:*"}},
    "DateGreaterThan at the edge": {"DateGreaterThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
    "DateGreaterThanEquals": {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:01Z"}},
    "DateLessThan at the edge": {"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
    "DateLessThanEquals": {"DateLessThanEquals": {"aws:CurrentTime": "2026-11-24T11:59:59Z"}},
    "IfExists of what is there": {"StringEqualsIfExists": {"sts:RoleSessionName": "other"}},
    "Null of what is there": {"Null": {"sts:ExternalId": "true"}},
    "one of two": {"StringEquals": {"sts:RoleSessionName": "upload", "sts:ExternalId": "other"}},
}
UNDECIDED: dict[str, Any] = {
    "an operator that nobody knows": {"StringResembles": {"sts:RoleSessionName": "x"}},
    "a set operator that nobody knows": {"ForMostValues:StringEquals": {"sts:RoleSessionName": "upload"}},
    "a policy variable": {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}},
    "a key that is not known": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    "a key that is not known, negated": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    "a key that is not known, IfExists": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
    "a key that is not known, Null true": {"Null": {"aws:PrincipalOrgID": "true"}},
    "a key that is not known, Null false": {"Null": {"aws:PrincipalTag/team": "false"}},
    "transport": {"Bool": {"aws:SecureTransport": "true"}},
    "an address that a VPC endpoint hides": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "one of such addresses": {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.7/32"]}},
    "not that address": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "a date that is none": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}},
    "milliseconds": {"DateLessThan": {"aws:CurrentTime": "1763978400000"}},
    "twelve digits": {"DateLessThan": {"aws:CurrentTime": "999999999999"}},
    "a year": {"DateGreaterThan": {"aws:CurrentTime": "2027"}},
    "a month": {"DateGreaterThan": {"aws:CurrentTime": "2026-12"}},
    "an ISO week": {"DateGreaterThan": {"aws:CurrentTime": "2026-W50"}},
    "a basic ISO date": {"DateGreaterThan": {"aws:CurrentTime": "20261201T000000Z"}},
    "a time without zone": {"DateLessThan": {"aws:CurrentTime": "2026-11-24T13:00:00"}},
    "a day that is none": {"DateLessThan": {"aws:CurrentTime": "2026-02-30"}},
    "a date before all": {"DateLessThan": {"aws:CurrentTime": "0001-01-01T00:00:00+14:00"}},
    "a date for the seconds": {"DateLessThan": {"aws:EpochTime": "2026-11-24T12:00:01Z"}},
    "four hundred digits": {"NumericLessThan": {"aws:EpochTime": "9" * 400}},
    "a number of four hundred digits": {"NumericLessThan": {"aws:EpochTime": 10**400}},
    "no number": {"NumericLessThan": {"aws:EpochTime": "nan"}},
    "a network that is none": {"IpAddress": {"aws:SourceIp": "home"}},
    "a network with a mask": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/255.255.255.0"}},
    "no boolean": {"Bool": {"aws:MultiFactorAuthPresent": "yes"}},
    "Null of no boolean": {"Null": {"sts:ExternalId": "maybe"}},
    "Null with IfExists": {"NullIfExists": {"sts:ExternalId": "false"}},
    "a short Arn pattern": {"ArnLike": {"aws:PrincipalArn": "*Richard"}},
    "a short Arn pattern, negated": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*"}},
    "no value": {"StringEquals": {"sts:RoleSessionName": []}},
    "a value of null": {"StringEquals": {"sts:RoleSessionName": None}},
    "a value that is an object": {"StringEquals": {"sts:RoleSessionName": {"a": "b"}}},
    "an operator of null": {"StringEquals": None},
    "an operator of a list": {"StringEquals": ["sts:RoleSessionName"]},
    "a Condition of a list": [],
    "a Condition of text": "aws:SecureTransport",
}


@pytest.mark.parametrize("condition", HOLDS.values(), ids=HOLDS.keys())
def test_a_condition_that_holds_admits_and_denies(condition: dict[str, Any]) -> None:
    assert admits(allow(condition), RICHARD, at=NOON)
    shut = {"Statement": [allow()["Statement"][0], {**allow(condition)["Statement"][0], "Effect": "Deny"}]}
    assert not admits(shut, RICHARD, at=NOON)


@pytest.mark.parametrize("condition", FAILS.values(), ids=FAILS.keys())
def test_a_condition_that_fails_neither_admits_nor_denies(condition: dict[str, Any]) -> None:
    assert not admits(allow(condition), RICHARD, at=NOON)
    shut = {"Statement": [allow()["Statement"][0], {**allow(condition)["Statement"][0], "Effect": "Deny"}]}
    assert admits(shut, RICHARD, at=NOON)


@pytest.mark.parametrize("condition", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_an_undecided_condition_counts_as_open(condition: Any) -> None:
    assert admits(allow(condition), RICHARD, at=NOON)
    shut = {"Statement": [allow()["Statement"][0], {**allow(condition)["Statement"][0], "Effect": "Deny"}]}
    assert admits(shut, RICHARD, at=NOON)


def test_a_condition_of_null_is_undecided() -> None:
    assert admits(allow(Condition=None), RICHARD, at=NOON)
    shut = {"Statement": [allow()["Statement"][0], {**allow(Effect="Deny", Condition=None)["Statement"][0]}]}
    assert admits(shut, RICHARD, at=NOON)


PRINCIPALS: dict[str, tuple[dict[str, Any], bool]] = {
    "himself": ({"Principal": {"AWS": RICHARD_ARN}}, True),
    "the caller in a list": ({"Principal": {"AWS": ["arn:aws:iam::1:user/x", RICHARD_ARN]}}, True),
    "everybody": ({"Principal": "*"}, True),
    "every AWS principal": ({"Principal": {"AWS": "*"}}, True),
    "the caller's account": ({"Principal": {"AWS": "222222222222"}}, True),
    "the root of the caller's account": ({"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}, True),
    "everybody but another": ({"Principal": {}, "NotPrincipal": {"AWS": "arn:aws:iam::1:user/x"}}, True),
    "everybody but the caller": ({"Principal": {}, "NotPrincipal": {"AWS": RICHARD_ARN}}, False),
    "another user": ({"Principal": {"AWS": "arn:aws:iam::222222222222:user/Eve"}}, False),
    "the caller's name in another case": ({"Principal": {"AWS": RICHARD_ARN.lower()}}, False),
    "the caller's name elsewhere": ({"Principal": {"AWS": "arn:aws:iam::333333333333:user/Richard"}}, False),
    "another account": ({"Principal": {"AWS": "333333333333"}}, False),
    "a service": ({"Principal": {"Service": "ec2.amazonaws.com"}}, False),
    "a federation": ({"Principal": {"Federated": RICHARD_ARN}}, False),
    "the caller, deleted": ({"Principal": {"AWS": "AIDARICHARDRICHARD01"}}, False),
    "another action": ({"Action": "sts:AssumeRoleWithSAML"}, False),
    "any STS action": ({"Action": "sts:*"}, True),
    "any action": ({"Action": "*"}, True),
    "the action among others": ({"Action": ["sts:TagSession", "STS:ASSUMEROLE"]}, True),
    "any action but one": ({"Action": [], "NotAction": "sts:TagSession"}, True),
    "any action but this": ({"Action": [], "NotAction": ["sts:AssumeRole"]}, False),
    "an action that is no text": ({"Action": [None]}, True),
    "no principal": ({"Principal": None}, True),
    "a principal that is no text": ({"Principal": {"AWS": [7]}}, True),
    "a pattern of principals": ({"Principal": {"AWS": "arn:aws:iam::222222222222:user/*"}}, True),
    "an effect that is none": ({"Effect": "allow"}, True),
}


@pytest.mark.parametrize(("elements", "admitted"), PRINCIPALS.values(), ids=PRINCIPALS.keys())
def test_the_named_principal_is_admitted_for_the_named_action(elements: dict[str, Any], admitted: bool) -> None:
    assert admits(allow(**elements), RICHARD, at=NOON) is admitted


def test_deny_beats_allow_whatever_the_order() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    letting_in = allow()["Statement"][0]
    assert not admits({"Statement": [letting_in, deny]}, RICHARD, at=NOON)
    assert not admits({"Statement": [deny, letting_in]}, RICHARD, at=NOON)


@pytest.mark.parametrize("document", [None, {}, {"Statement": []}])
def test_an_empty_policy_admits_nobody(document: dict[str, Any] | None) -> None:
    assert not admits(document, RICHARD, at=NOON)


def test_a_single_statement_needs_no_list() -> None:
    assert admits({"Statement": allow()["Statement"][0]}, RICHARD, at=NOON)


def test_a_role_is_known_by_its_id_and_any_session() -> None:
    named = {"Principal": {"AWS": DEPLOY.arn}}
    document = allow({"StringLike": {"aws:userid": "AROADEPLOYDEPLOYDEP01:*"}}, **named)
    assert admits(document, DEPLOY, at=NOON)
    assert not admits(document, replace(DEPLOY, user_id="AROAREMADEREMADEREM01:me"), at=NOON)


def expiry_policy(condition: dict[str, Any], **elements: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition} | elements]}


FROM_NOON = {
    "StringEquals": {"aws:userid": "AROAR:s"},
    "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"},
}


@pytest.mark.parametrize(
    ("at", "denied"), [(NOON - HOUR, False), (NOON, True), (NOON + 9999 * DAY, True)], ids=["before", "at", "after"]
)
def test_a_dated_deny_denies_from_its_date_on(at: datetime, denied: bool) -> None:
    assert denies(expiry_policy(FROM_NOON), user_id="AROAR:s", at=at) is denied


def test_a_deny_denies_nobody_else() -> None:
    assert not denies(expiry_policy(FROM_NOON), user_id="AROAR:other", at=NOON)
    assert not denies(None, user_id="AROAR:s", at=NOON)


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": "Allow"},
        {"Action": "s3:*"},
        {"Resource": "arn:aws:s3:::b"},
        {"Condition": {"X": {"y": "z"}}},
        {"Condition": FROM_NOON | {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Condition": FROM_NOON | {"BoolIfExists": {"aws:ViaAWSService": "false"}}},
        {"Condition": FROM_NOON | {"Null": {"aws:PrincipalTag/x": "true"}}},
        {"Condition": None},
    ],
)
def test_a_deny_of_less_than_everything_does_not_count(elements: dict[str, Any]) -> None:
    assert not denies(expiry_policy(FROM_NOON, **elements), user_id="AROAR:s", at=NOON)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
CONDITION = st.dictionaries(
    st.sampled_from(["StringLike", "DateLessThan", "Null", "Bool", "ArnLike", "IpAddress", "NumericEquals", "x"]),
    st.dictionaries(st.sampled_from(["aws:CurrentTime", "aws:SourceIp", "aws:userid", "aws:EpochTime"]), JSON) | JSON,
)
STATEMENT = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Principal": st.just({"AWS": "*"}) | JSON},
    optional={"Action": st.just("sts:AssumeRole") | JSON, "NotPrincipal": JSON, "NotAction": JSON, "Sid": JSON},
)


@settings(max_examples=300, deadline=None)
@given(statements=st.lists(STATEMENT | JSON, max_size=3) | JSON, condition=CONDITION | JSON)
def test_no_json_makes_the_verifier_raise(statements: Any, condition: Any) -> None:
    held = allow(condition)["Statement"]
    document = {"Statement": [*held, *statements] if isinstance(statements, list) else statements}
    for one in (document, statements, {"Statement": held}):
        admits(one, RICHARD, at=NOON)
        could_admit(one, DEPLOY, at=NOON)
        denies(one, user_id="AROAR:s", at=NOON)
        with_deleted_principal(one)
        unmanaged_admits(one, FACTS, known=frozenset({"dprichardrichard"}), at=NOON)


def test_a_bare_unique_id_says_that_the_principal_was_deleted() -> None:
    document = {
        "Statement": [
            {"Sid": "dpa", "Principal": {"AWS": "AIDARICHARDRICHARD01"}},
            {"Sid": "dpb", "Principal": {"AWS": RICHARD_ARN}},
            {"Sid": "dpc", "Principal": "*"},
            {"Sid": "dpd", "Principal": {"AWS": "AROADEPLOYDEPLOYDEP01"}},
        ]
    }
    assert with_deleted_principal(document) == {"dpa", "dpd"}
