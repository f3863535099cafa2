"""Whether unmanaged statements could let a grant's principal in by themselves: then its window would mean nothing."""

from typing import Any

import pytest

from access.texts.text import Text
from access.verify import explain_admission, unmanaged_admits
from tests.unit.facts import HOUR, ISSUER_ARN, NOON, RICHARD_ARN, grant

RICHARD = grant(unique_id="AIDARICHARDRICHARD01")
DEPLOY = grant(principal_arn="arn:aws:iam::222222222222:role/x/Deploy")
ISSUED = grant(principal_arn=ISSUER_ARN, portal_issued=True)


def allow(condition: dict[str, Any] | None = None, **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": RICHARD_ARN}, "Action": "sts:AssumeRole"} | elements
    return statement | ({"Condition": condition} if condition else {})


def could(*statements: dict[str, Any], facts: Any = RICHARD) -> bool:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return unmanaged_admits(document, facts, known=frozenset({facts.session_name}), at=NOON)


CAN = {
    "no condition": allow(),
    "richard's whole account": allow(Principal={"AWS": "222222222222"}),
    "everybody": allow(Principal="*"),
    "a session name of richard's choice": allow({"StringEquals": {"sts:RoleSessionName": "whatever"}}),
    "an external id that richard might know": allow({"StringEquals": {"sts:ExternalId": "his-own"}}),
    "a second factor that richard might have": allow({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    "an absent second factor": allow({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    "an address that richard might have": allow({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
    "a time to come": allow({"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}),
    "a tag that richard might have": allow({"StringEquals": {"aws:PrincipalTag/team": "a"}}),
    "an organisation that richard might be in": allow({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    "transport that AWS always has": allow({"Bool": {"aws:SecureTransport": "true"}}),
    "richard's own user name": allow({"StringEquals": {"aws:username": "Richard"}}, Principal="*"),
    "no second factor": allow({"Null": {"aws:MultiFactorAuthPresent": "true"}}),
    "a second factor if there is one": allow({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
    "milliseconds": allow({"DateLessThan": {"aws:CurrentTime": "1763978400000"}}),
    "a year": allow({"DateLessThan": {"aws:CurrentTime": "2027"}}),
    "a date of seconds": allow({"DateLessThan": {"aws:EpochTime": "2026-11-24T00:00:00Z"}}),
    "a window to come": allow(
        {
            "DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2027-01-02T00:00:00Z"},
        }
    ),
    "a Condition that is none": allow() | {"Condition": None},
    "an unknown operator": allow({"StringResembles": {"aws:userid": "x"}}),
    "richard's own unique id": allow({"StringEquals": {"aws:userid": "AIDARICHARDRICHARD01"}}),
    "richard's own ARN by pattern": allow({"ArnLike": {"aws:PrincipalArn": "*Richard"}}, Principal="*"),
}
CANNOT = {
    "another user": allow(Principal={"AWS": "arn:aws:iam::222222222222:user/Eve"}),
    "a service": allow(Principal={"Service": "ec2.amazonaws.com"}),
    "another action": allow(Action="sts:TagSession"),
    "another's unique id": allow({"StringEquals": {"aws:userid": "AIDAOTHEROTHEROTHER01"}}),
    "another's ARN": allow({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::3:user/x"}}, Principal="*"),
    "another account": allow({"StringEquals": {"aws:PrincipalAccount": "333333333333"}}, Principal="*"),
    "an end that is past": allow({"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}}),
    "another's user name": allow({"StringEquals": {"aws:username": "Eve"}}, Principal="*"),
    "a window that never opens": allow(
        {
            "DateGreaterThan": {"aws:CurrentTime": "2027-01-02T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        }
    ),
    "a Deny": allow(Effect="Deny"),
}


@pytest.mark.parametrize("statement", CAN.values(), ids=CAN.keys())
def test_this_statement_admits_richard(statement: dict[str, Any]) -> None:
    assert could(statement)


@pytest.mark.parametrize("statement", CANNOT.values(), ids=CANNOT.keys())
def test_this_statement_does_not_admit_richard(statement: dict[str, Any]) -> None:
    assert not could(statement)


def test_an_unconditional_deny_keeps_richard_out() -> None:
    assert not could(allow(), allow(Effect="Deny", Principal="*"))


def test_a_deny_that_richard_can_avoid_does_not() -> None:
    assert could(allow(), allow({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Effect="Deny", Principal="*"))
    assert could(allow(), allow({"StringEquals": {"aws:userid": "AIDAOTHEROTHEROTHER01"}}, Effect="Deny"))


def test_a_deny_with_an_end_keeps_richard_out_only_for_a_time() -> None:
    half_past = {"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:30:00Z"}}
    assert could(allow(), allow(half_past, Effect="Deny", Principal="*"))
    one_oclock = {"DateLessThan": {"aws:CurrentTime": "2026-11-24T13:00:00Z"}}
    assert not could(allow(half_past), allow(one_oclock, Effect="Deny", Principal="*"))


def test_a_deny_that_has_begun_and_has_no_end_keeps_richard_out() -> None:
    begun = {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}}
    assert not could(allow(), allow(begun, Effect="Deny", Principal="*"))
    later = {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:01Z"}}
    assert could(allow(), allow(later, Effect="Deny", Principal="*"))


def test_a_deny_with_an_unknown_condition_does_not_count() -> None:
    other = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert could(allow(), allow(other, Effect="Deny", Principal="*"))
    short = {"ArnLike": {"aws:PrincipalArn": "*Richard"}}
    assert could(allow(), allow(short, Effect="Deny", Principal="*"))


def test_a_session_of_identity_center_is_admitted_through_its_role() -> None:
    path = "aws-reserved/sso.amazonaws.com/eu-west-1"
    role = f"arn:aws:iam::222222222222:role/{path}/AWSReservedSSO_Dev_0123456789abcdef"
    rita = grant(
        principal_arn="arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/rita@example.org",
        unique_id="AROASSOSSOSSOSSOSSO01:rita@example.org",
    )
    assert could(allow(Principal={"AWS": role}), facts=rita)
    assert not could(allow(Principal={"AWS": role.replace("Dev", "Ops")}), facts=rita)
    by_pattern = allow({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::222222222222:role/{path}/*"}}, Principal="*")
    assert could(by_pattern, facts=rita)
    denied = allow(
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/*"}}, Principal="*", Effect="Deny"
    )
    assert not could(by_pattern, denied, facts=rita)


def test_our_statements_do_not_count_but_orphaned_ones_do() -> None:
    assert not could(allow(Sid=RICHARD.session_name))
    assert could(allow(Sid="dpstraystraystra"))


def test_a_role_is_admitted_through_the_name_of_one_of_its_sessions() -> None:
    session = allow(Principal={"AWS": "arn:aws:sts::222222222222:assumed-role/Deploy/me"})
    assert could(session, facts=DEPLOY)
    assert not could(session, facts=RICHARD)
    assert not could(allow(Principal={"AWS": "arn:aws:sts::222222222222:assumed-role/Deployer/me"}), facts=DEPLOY)


def test_an_unproven_principal_can_have_any_unique_id() -> None:
    assert could(allow({"StringEquals": {"aws:userid": "AIDAOTHEROTHEROTHER01"}}), facts=grant())


def test_our_own_account_admits_our_issuer() -> None:
    assert could(allow(Principal={"AWS": "111111111111"}), facts=ISSUED)
    assert not could(allow(Principal={"AWS": "222222222222"}), facts=ISSUED)


def test_an_unmanaged_statement_counts_for_a_grant_that_starts_later() -> None:
    assert could(allow(), facts=grant(starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR))


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (allow(), "admits"),
        (allow(Effect="Deny"), "refuses"),
        (allow({"Bool": {"aws:SecureTransport": "true"}}), "could_admit"),
        (allow({"StringEquals": {"aws:PrincipalTag/team": "a"}}), "could_admit"),
    ],
)
def test_the_record_says_what_is_certain_and_what_is_undecided(statement: dict[str, Any], verdict: str) -> None:
    said = explain_admission({"Statement": [statement]}, RICHARD, at=NOON)
    facts = {"principal": RICHARD_ARN, "session": RICHARD.session_name}
    assert said == Text(f"trust_policy_{verdict}", facts)
