"""The trust policy that is compiled: Richard's statement, and nothing that must not be there."""

import random
from dataclasses import replace
from typing import Any

import pytest

from access.lifecycle import GrantFacts, Problem
from access.texts.text import Text
from access.trust import CompiledTrust, Document, compile_trust_policy
from tests.unit.facts import HOUR, IMPORTED, ISSUER_ARN, NOON, ROLE, grant, numbered

EXACT = {
    "Sid": "dprichardrichard",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:user/Richard"},
    "Action": "sts:AssumeRole",
    "Condition": {
        "StringEquals": {"sts:RoleSessionName": "dprichardrichard"},
        "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2026-11-24T13:00:00Z"},
    },
}
DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def compiled(*grants: GrantFacts, present: Document | None = None, **options: Any) -> CompiledTrust:
    return compile_trust_policy(ROLE, grants, present=present, **{"now": NOON} | options)


def statement(facts: GrantFacts) -> Document:
    found: Document = compiled(facts).document["Statement"][0]
    return found


def test_richards_statement_is_this_one() -> None:
    assert compiled(grant()).document == {"Version": "2012-10-17", "Statement": [EXACT]}


def test_without_grants_the_role_is_closed_to_everybody() -> None:
    assert compiled().document == {"Version": "2012-10-17", "Statement": [DEFAULT_DENY]}


def test_the_default_deny_statement_is_there_only_while_there_is_no_grant() -> None:
    closed = compiled().document
    opened = compiled(grant(), present=closed).document
    assert opened["Statement"] == [EXACT]
    assert compiled(grant(), present=opened, now=NOON + HOUR).document == closed


def test_a_proven_user_is_bound_to_their_unique_id() -> None:
    bound = statement(grant(unique_id="AIDARICHARDRICHARD01"))["Condition"]
    assert bound["StringEquals"] == {"sts:RoleSessionName": "dprichardrichard", "aws:userid": "AIDARICHARDRICHARD01"}


def test_a_proven_role_is_bound_to_its_unique_id_in_any_session() -> None:
    bound = statement(grant(principal_arn="arn:aws:iam::222222222222:role/Deploy", unique_id="AROADEPLOYDEPLOYDEP01"))[
        "Condition"
    ]
    assert bound["StringLike"] == {"aws:userid": "AROADEPLOYDEPLOYDEP01:*"}
    assert bound["StringEquals"] == {"sts:RoleSessionName": "dprichardrichard"}


def test_external_id_second_factor_and_address_are_required() -> None:
    asked = statement(
        grant(external_id="dp-ext-1", requires_mfa=True, source_cidrs=("203.0.113.0/24", "198.51.100.7/32"))
    )
    assert asked["Condition"]["StringEquals"]["sts:ExternalId"] == "dp-ext-1"
    assert asked["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert asked["Condition"]["IpAddress"] == {"aws:SourceIp": ["198.51.100.7/32", "203.0.113.0/24"]}


def test_the_portals_own_sessions_carry_neither_second_factor_nor_address() -> None:
    issued = statement(
        grant(principal_arn=ISSUER_ARN, portal_issued=True, requires_mfa=True, source_cidrs=("203.0.113.0/24",))
    )
    assert issued["Principal"] == {"AWS": ISSUER_ARN}
    assert set(issued["Condition"]) == {"StringEquals", "DateGreaterThanEquals", "DateLessThan"}


def test_a_grant_that_starts_later_is_written_now_with_its_dates() -> None:
    later = statement(grant(starts_at=NOON + 24 * HOUR, ends_at=NOON + 25 * HOUR))["Condition"]
    assert later["DateGreaterThanEquals"] == {"aws:CurrentTime": "2026-11-25T12:00:00Z"}
    assert later["DateLessThan"] == {"aws:CurrentTime": "2026-11-25T13:00:00Z"}


@pytest.mark.parametrize(
    "over", [{"ends_at": NOON, "starts_at": NOON - HOUR}, {"revoked_at": NOON}], ids=["expired", "revoked"]
)
def test_an_ended_grant_is_not_written(over: dict[str, Any]) -> None:
    assert compiled(grant(**over)).document["Statement"] == [DEFAULT_DENY]


def test_two_grants_of_one_person_are_two_statements_that_end_separately() -> None:
    first, second = grant("dpaaaaaaaaaaaaaa"), grant("dpbbbbbbbbbbbbbb", ends_at=NOON + 2 * HOUR)
    both = compiled(first, second).document
    assert [s["Sid"] for s in both["Statement"]] == ["dpaaaaaaaaaaaaaa", "dpbbbbbbbbbbbbbb"]
    after = compiled(first, second, present=both, now=NOON + HOUR).document
    assert after["Statement"] == [both["Statement"][1]]


def test_the_order_of_the_grants_does_not_matter() -> None:
    grants = [numbered(number) for number in range(8)]
    shuffled = random.Random(7).sample(grants, k=8)
    assert compiled(*grants).document == compiled(*shuffled).document


def test_compiling_again_changes_nothing() -> None:
    once = compiled(grant(), numbered(1)).document
    assert compiled(grant(), numbered(1), present=once).document == once


BAD = {
    "everybody": ({"principal_arn": "*"}, "principal_invalid"),
    "a whole account": ({"principal_arn": "arn:aws:iam::222222222222:root"}, "principal_invalid"),
    "a line break": ({"principal_arn": "arn:aws:iam::222222222222:user/Richard\n"}, "principal_invalid"),
    "a session": ({"principal_arn": "arn:aws:sts::222222222222:assumed-role/D/s"}, "principal_invalid"),
    "the role itself": ({"principal_arn": ROLE.arn}, "role_trusts_itself"),
    "a user of our own account": ({"principal_arn": "arn:aws:iam::111111111111:user/ada"}, "principal_in_own_account"),
    "our issuer, not portal-issued": ({"principal_arn": ISSUER_ARN}, "principal_in_own_account"),
    "another partition": ({"principal_arn": "arn:aws-cn:iam::222222222222:user/R"}, "principal_in_other_partition"),
    "somebody else, portal-issued": ({"portal_issued": True}, "issuer_is_another"),
    "a session name that is not ours": ({"session_name": "richard"}, "session_name_not_ours"),
    "a session name with a line break": ({"session_name": "dprichardrichard\n"}, "session_name_not_ours"),
    "the name of the default-deny statement": ({"session_name": "dpclosed"}, "session_name_not_ours"),
    "a reversed window": ({"ends_at": NOON - HOUR, "starts_at": NOON}, "window_empty"),
    "an empty window": ({"starts_at": NOON + HOUR}, "window_empty"),
    "fractions of a second": ({"ends_at": (NOON + HOUR).replace(microsecond=1)}, "window_not_whole_seconds"),
    "a policy variable as external id": ({"external_id": "${aws:username}"}, "external_id_not_accepted"),
    "an external id with a quotation mark": ({"external_id": '","Effect":"Allow'}, "external_id_not_accepted"),
    "an address that is none": ({"source_cidrs": ("office",)}, "source_not_accepted"),
    "an address inside a network": ({"source_cidrs": ("203.0.113.7/24",)}, "source_not_accepted"),
    "an address in another spelling": ({"source_cidrs": ("203.0.113.7",)}, "source_not_accepted"),
    "a unique id with a wildcard": ({"unique_id": "AROA*"}, "unique_id_not_accepted"),
}


@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD.keys())
def test_a_principal_that_must_not_be_trusted_is_left_out_with_a_reason_and_the_others_are_written(
    bad: dict[str, Any], code: str
) -> None:
    wrong = replace(grant(), **bad)
    found = compiled(wrong, numbered(1), now=NOON - 2 * HOUR)
    problem, said = found.left_out[wrong.session_name]
    assert problem is Problem.POLICY_REFUSED
    assert said.code == code
    assert [s["Sid"] for s in found.document["Statement"]] == [numbered(1).session_name]


def test_a_deleted_principal_is_never_written_again() -> None:
    found = compiled(grant(problem=Problem.PRINCIPAL_DELETED), numbered(1))
    assert found.left_out["dprichardrichard"][0] is Problem.PRINCIPAL_DELETED
    assert [s["Sid"] for s in found.document["Statement"]] == [numbered(1).session_name]


def test_a_grant_to_be_left_out_is_left_out_with_the_given_reason() -> None:
    reason = {"dprichardrichard": (Problem.PRINCIPAL_MISSING, Text("principal_not_in_iam"))}
    found = compiled(grant(), leave_out=reason)
    assert dict(found.left_out) == reason
    assert found.document["Statement"] == [DEFAULT_DENY]


def test_typed_text_reaches_the_document_only_through_the_parser() -> None:
    assert statement(grant())["Principal"]["AWS"] is not grant().principal_arn
    assert compile_trust_policy(IMPORTED, [grant()], present=None, now=NOON).document["Statement"] == [EXACT]
