# ruff: noqa: E501  # AWS's sentences are kept as they are
"""Why am I denied? AWS's sentences against what is known of the grant: the first reason has to be the right one."""

import ast
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from access import uploads
from access.diagnose import SYMPTOMS, KnownRole, Reason, parse, reasons
from access.diagnose.policies import _NAMED
from access.diagnose.reason import Weight
from access.lifecycle import GrantFacts, Problem
from access.texts import diagnosis
from access.texts.text import Text
from dev.options import ROOT
from tests.unit.facts import HOUR, ISSUER_ARN, NOON, RICHARD_ARN, ROLE, grant

NOW = NOON + 30 * timedelta(minutes=1)
ACTIVE = grant(applied_at=NOON)
RITAS = replace(ACTIVE, portal_issued=True, principal_arn=ISSUER_ARN)
PUT = uploads.upload_policy("importantprojectbucket", must_belong_to_us=False)
OURS = uploads.upload_policy("importantprojectbucket", must_belong_to_us=True)
NAME = ROLE.arn.rsplit("/", 1)[1]
SESSION = f"arn:aws:sts::111111111111:assumed-role/{NAME}/{ACTIVE.session_name}"
OBJECT = '"arn:aws:s3:::importantprojectbucket/file.txt"'


def found(
    text: str, facts: GrantFacts = ACTIVE, symptom: str = "", *, address: str = "", **role: object
) -> list[Reason]:
    known = replace(KnownRole(ROLE.arn, PUT), **role)  # type: ignore[arg-type]
    return reasons(text, symptom, facts, known, now=NOW, address=address)


def codes(*answer: Reason) -> list[str]:
    return [one.why.code.removeprefix("denied_") for one in answer]


def refused(operation: str, rest: str) -> str:
    return f"An error occurred (AccessDenied) when calling the {operation} operation: {rest}"


def no_assume(caller: str = RICHARD_ARN, resource: str = ROLE.arn, because: str = "") -> str:
    words = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {resource}{because}"
    return refused("AssumeRole", words)


def no_s3(action: str, because: str, caller: str = SESSION) -> str:
    words = f"User: {caller} is not authorized to perform: s3:{action} on resource: {OBJECT} {because}"
    return refused(action, words)


MISSING, DENIED = "because no {} policy allows the action", "with an explicit deny in {} policy"
SENTENCES = [
    (no_assume(caller="arn:aws:iam::222222222222:user/Eve"), "certain", "other_caller"),
    (no_assume(caller="arn:aws:iam::222222222222:user/richard"), "certain", "other_caller"),
    (no_assume(caller="arn:aws:sts::222222222222:assumed-role/Developer/richard"), "certain", "other_caller"),
    (no_assume(caller="arn:aws:iam::333333333333:user/Richard"), "certain", "other_caller"),
    (no_assume(resource="arn:aws:iam::111111111111:role/importantproject"), "certain", "other_role"),
    (no_assume(resource="arn:aws:iam::999999999999:role/daypass/other"), "certain", "other_role"),
    (no_assume(because=" because no identity-based policy allows the sts:AssumeRole action"), "certain", "identity_missing_for_assume"),
    (no_assume(because=" with an explicit deny in an identity-based policy"), "certain", "own_policy_denies"),
    (no_assume(because=" with an explicit deny in a service control policy"), "certain", "organisation_denies"),
    (no_assume(because=" because no service control policy allows the sts:AssumeRole action"), "certain", "organisation_missing"),
    (no_assume(because=" because no VPC endpoint policy allows the sts:AssumeRole action"), "certain", "endpoint_missing"),
    (no_assume(because=" because no resource-based policy allows the sts:AssumeRole action"), "likely", "trust_missing"),
    (no_assume(because=" because no role trust policy allows the sts:AssumeRole action"), "likely", "trust_missing"),
    (no_assume(because=" with an explicit deny in the role trust policy"), "certain", "trust_denies"),
    (no_assume(), "likely", "session_name_wrong"),
    (refused("AssumeRole", f"User: {RICHARD_ARN} is not authorized to perform: sts:TagSession on resource: {ROLE.arn}"), "certain", "session_tags"),
    (refused("AssumeRole", f"User: {RICHARD_ARN} is not authorized to perform: sts:SetSourceIdentity on resource: {ROLE.arn}"), "certain", "source_identity"),
    (refused("AssumeRole", "MultiFactorAuthentication failed with invalid MFA one time pass code."), "certain", "mfa_code_wrong"),
    ("An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", "certain", "chained_too_long"),
    ("An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", "certain", "longer_than_role"),
    ("An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.", "certain", "session_expired"),
    ("An error occurred (ExpiredTokenException) when calling the AssumeRole operation: The security token included in the request is expired", "certain", "own_session_expired"),
    ("An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.", "certain", "keys_unknown"),
    ("An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: Signature expired: 20261124T120000Z is now earlier than 20261124T121500Z", "likely", "clock_or_secret"),
    ("An error occurred (RequestTimeTooSkewed) when calling the PutObject operation: The difference between the request time and the current time is too large.", "likely", "clock_or_secret"),
    ("Unable to locate credentials. You can configure credentials by running \"aws configure\".", "certain", "no_keys"),
    ("The config profile (daypass) could not be found", "certain", "no_profile"),
    (no_s3("PutObject", "", caller=RICHARD_ARN), "certain", "other_session"),
    (no_s3("PutObject", "", caller=f"arn:aws:sts::111111111111:assumed-role/{NAME}/another"), "certain", "other_session"),
    (no_s3("GetObject", MISSING.format("identity-based")), "certain", "not_permitted"),
    (no_s3("ListBucket", MISSING.format("identity-based")), "certain", "not_permitted"),
    (refused("GetObject", "Access Denied"), "certain", "not_permitted"),
    (refused("ListObjectsV2", "Access Denied"), "certain", "not_permitted"),
    ("An error occurred (403) when calling the HeadObject operation: Forbidden", "certain", "not_permitted"),
    (refused("PutObject", "Access Denied"), "likely", "bucket_may_require_ownership"),
    (no_s3("PutObject", DENIED.format("a resource-based")), "certain", "resource_denies_s3"),
    (no_s3("PutObject", MISSING.format("resource-based")), "likely", "resource_missing_s3"),
    (no_s3("PutObject", MISSING.format("permissions boundary").replace(" policy", "")), "certain", "boundary_missing"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary"), "certain", "boundary_denies"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary: arn:aws:iam::111111111111:policy/b"), "certain", "boundary_denies"),
    (no_s3("PutObject", "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"), "certain", "organisation_denies"),
    (no_s3("PutObject", "because no resource control policy allows the s3:PutObject action"), "certain", "organisation_missing"),
    (no_s3("PutObject", "because no permissions boundary policy allows the action"), "certain", "boundary_missing"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary policy"), "certain", "boundary_denies"),
    (no_s3("PutObject", DENIED.format("a session")), "likely", "past_end"),
    (no_s3("PutObject", MISSING.format("session")), "certain", "session_policy_missing"),
    (no_s3("PutObject", DENIED.format("an identity-based")), "likely", "grant_ended"),
    ("An error occurred (AccessControlListNotSupported) when calling the PutObject operation: The bucket does not allow ACLs", "certain", "no_acls"),
    (refused("PutObject", f"User: {SESSION} is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:111111111111:key/1"), "certain", "encryption_key"),
    (refused("GetObject", f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111111111111:key/1"), "certain", "encryption_key"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "weight", "why"), SENTENCES)
def test_the_first_reason_is_the_one_that_the_error_message_means(text: str, weight: str, why: str) -> None:
    first = found(text)[0]
    assert codes(first) == [why]
    assert first.weight == weight
    assert str(first.fix).endswith(".")


STATES = [
    (replace(ACTIVE, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR), "not_started"),
    (replace(ACTIVE, applied_at=None), "not_written"),
    (replace(ACTIVE, problem=Problem.ADMITTED_BY_UNMANAGED), "blocked"),
    (replace(ACTIVE, revoked_at=NOON), "ended_early"),
    (replace(ACTIVE, ends_at=NOON + timedelta(minutes=1)), "window_over"),
    (replace(ACTIVE, ends_at=NOON + timedelta(minutes=1), removed_at=NOON + HOUR), "window_over"),
]


@pytest.mark.parametrize(("facts", "why"), STATES)
@pytest.mark.parametrize("text", [no_assume(), refused("PutObject", "Access Denied"), ""])
def test_known_facts_of_the_grant_come_first(facts: GrantFacts, why: str, text: str) -> None:
    first = found(text, facts, "other")[0]
    assert codes(first) == [why]
    assert first.weight == "certain"


def test_the_last_snapshot_of_aws_is_compared_with_the_grant() -> None:
    there = {"Statement": [{"Sid": ACTIVE.session_name}]}
    gone = {"Statement": {"Sid": "dpclosed"}}
    assert found(no_assume(), observed_trust=gone, observed_at=NOON)[0].why == Text(
        "denied_missing_when_read", {"at": NOON}
    )
    assert "missing_when_read" not in codes(*found(no_assume(), observed_trust=there, observed_at=NOON))


def test_a_new_grant_might_not_have_reached_all_of_aws() -> None:
    recent = replace(ACTIVE, applied_at=NOW - timedelta(seconds=20))
    assert codes(found(no_assume(), recent)[0]) == ["just_written"]
    assert "just_written" not in codes(*found(no_assume()))


def test_only_conditions_of_the_grant_are_named() -> None:
    strict = replace(ACTIVE, external_id="x1", requires_mfa=True, source_cidrs=("192.0.2.0/24",))
    of_conditions = {"external_id_missing", "mfa_missing", "address_limited"}
    assert set(codes(*found(no_assume(), strict))) >= of_conditions
    assert not set(codes(*found(no_assume()))) & of_conditions


OFFICE = replace(ACTIVE, source_cidrs=("192.0.2.0/24",))


@pytest.mark.parametrize(
    ("address", "weight", "why"),
    [
        ("198.51.100.7", "likely", "address_differs"),
        ("192.0.2.7", "possible", "address_may_differ"),
        ("", "possible", "address_limited"),
    ],
)
def test_the_client_address_is_compared_with_those_of_the_grant(address: str, weight: str, why: str) -> None:
    (reason,) = [one for one in found(no_assume(), OFFICE, address=address) if "networks" in one.why.facts]
    assert (reason.weight, codes(reason)) == (weight, [why])
    facts = {"networks": ("192.0.2.0/24",), "address": address}
    assert reason.why.facts.items() <= facts.items()


def test_an_address_is_checked_where_aws_checks_it() -> None:
    rita = replace(RITAS, source_cidrs=("192.0.2.0/24",))
    upload = refused("PutObject", "Access Denied")
    elsewhere = "198.51.100.7"
    assert "address_differs" in codes(*found(upload, rita, address=elsewhere))
    assert "address_differs" not in codes(*found(upload, OFFICE, address=elsewhere))


def test_switch_role_and_the_missing_policy_in_their_own_account_are_possible_reasons() -> None:
    possible = [reason for reason in found(no_assume()) if reason.weight == "possible"]
    assert codes(*possible) == ["own_account_refuses", "switch_role"]


def test_rita_reads_that_the_portal_opens_the_session() -> None:
    assert codes(found(no_assume(), RITAS)[0]) == codes(found("", RITAS, "assume")[0]) == ["portal_opens"]


def test_an_upload_that_must_hand_over_the_object_is_explained() -> None:
    for text, symptom in (
        (no_s3("PutObject", MISSING.format("identity-based")), ""),
        (refused("PutObject", "Access Denied"), ""),
        ("", "upload"),
    ):
        first = found(text, symptom=symptom, permissions=OURS)[0]
        assert codes(first) == ["must_hand_over"]
        assert str(first.fix) == "Add --acl bucket-owner-full-control."


@pytest.mark.parametrize("symptom", SYMPTOMS)
@pytest.mark.parametrize("facts", [ACTIVE, RITAS])
def test_every_symptom_has_an_answer_and_the_most_certain_comes_first(symptom: str, facts: GrantFacts) -> None:
    answer = found("", facts, symptom)
    assert answer
    order = ["certain", "likely", "possible"]
    weights = [order.index(reason.weight) for reason in answer]
    assert weights == sorted(weights)


@pytest.mark.parametrize("text", ["", "?", "(" * 4000, "User: " * 700, "a" * 4000, "because no " * 300, "✓\x00\n"])
def test_a_text_that_is_not_from_aws_breaks_nothing(text: str) -> None:
    assert parse(text).action == ""
    assert found(text, symptom="other")


def test_a_role_with_unknown_policies_is_not_said_to_allow_nothing_else() -> None:
    first = found(refused("GetObject", "Access Denied"), has_others=True)[0]
    assert first.weight == "likely"
    assert first.why == Text("denied_not_in_known_permissions", {"action": "s3:GetObject"})


def test_no_reason_is_given_twice() -> None:
    for text, _, _ in SENTENCES:
        answer = found(text)
        assert len(set(answer)) == len(answer)


def made() -> Iterator[tuple[str, set[str]]]:
    """Every text that the package makes, with the names of its facts."""
    for file in (ROOT / "access" / "diagnose").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"why", "fix"}:
                start = "denied_" if node.func.id == "why" else "denied_fix_"  # type: ignore[attr-defined]
                facts = {str(word.arg) for word in node.keywords}
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield start + str(code.value), facts
                elif isinstance(code, ast.JoinedStr) and isinstance(code.values[0], ast.Constant):
                    yield from ((start + str(code.values[0].value) + kind, facts) for kind in (*_NAMED, "resource"))


def test_every_text_has_one_template_with_its_facts_and_every_template_is_used() -> None:
    named = {
        code: {name for _, name, _, _ in string.Formatter().parse(str(phrase.message)) if name}
        for code, phrase in diagnosis.TEMPLATES.items()
    }
    texts = list(made())
    assert [(code, facts) for code, facts in texts if named.get(code) != facts] == []
    assert set(named) - {code for code, _ in texts} == {f"likelihood_{one}" for one in get_args(Weight)}
