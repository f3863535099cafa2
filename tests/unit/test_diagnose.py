# ruff: noqa: E501  # AWS's sentences are kept as they are
"""Why am I denied? AWS's sentences against what is known of the grant: the first reason has to be the right one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access import uploads
from access.diagnose import SYMPTOMS, KnownRole, Reason, parse, reasons
from access.lifecycle import GrantFacts, Problem
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
    (no_assume(caller="arn:aws:iam::222222222222:user/Eve"), "certain", "the grant is for arn:aws:iam::222222222222:user/Richard"),
    (no_assume(caller="arn:aws:iam::222222222222:user/richard"), "certain", "the grant is for"),
    (no_assume(caller="arn:aws:sts::222222222222:assumed-role/Developer/richard"), "certain", "the grant is for"),
    (no_assume(caller="arn:aws:iam::333333333333:user/Richard"), "certain", "the grant is for"),
    (no_assume(resource="arn:aws:iam::111111111111:role/importantproject"), "certain", "You tried to assume"),
    (no_assume(resource="arn:aws:iam::999999999999:role/daypass/other"), "certain", "You tried to assume"),
    (no_assume(because=" because no identity-based policy allows the sts:AssumeRole action"), "certain", "Your own account does not let"),
    (no_assume(because=" with an explicit deny in an identity-based policy"), "certain", "A policy of your own account denies"),
    (no_assume(because=" with an explicit deny in a service control policy"), "certain", "organisation"),
    (no_assume(because=" because no service control policy allows the sts:AssumeRole action"), "certain", "organisation"),
    (no_assume(because=" because no VPC endpoint policy allows the sts:AssumeRole action"), "certain", "VPC endpoint"),
    (no_assume(because=" because no resource-based policy allows the sts:AssumeRole action"), "likely", "trust policy does not allow this call"),
    (no_assume(because=" because no role trust policy allows the sts:AssumeRole action"), "likely", "trust policy does not allow this call"),
    (no_assume(because=" with an explicit deny in the role trust policy"), "certain", "trust policy denies"),
    (no_assume(), "likely", "session name"),
    (refused("AssumeRole", f"User: {RICHARD_ARN} is not authorized to perform: sts:TagSession on resource: {ROLE.arn}"), "certain", "session tags"),
    (refused("AssumeRole", f"User: {RICHARD_ARN} is not authorized to perform: sts:SetSourceIdentity on resource: {ROLE.arn}"), "certain", "source identity"),
    (refused("AssumeRole", "MultiFactorAuthentication failed with invalid MFA one time pass code."), "certain", "MFA code"),
    ("An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", "certain", "at most one hour"),
    ("An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", "certain", "longer than the role allows"),
    ("An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.", "certain", "session has expired"),
    ("An error occurred (ExpiredTokenException) when calling the AssumeRole operation: The security token included in the request is expired", "certain", "session has expired"),
    ("An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.", "certain", "does not know these keys"),
    ("An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: Signature expired: 20261124T120000Z is now earlier than 20261124T121500Z", "likely", "clock"),
    ("An error occurred (RequestTimeTooSkewed) when calling the PutObject operation: The difference between the request time and the current time is too large.", "likely", "clock"),
    ("Unable to locate credentials. You can configure credentials by running \"aws configure\".", "certain", "found no keys"),
    ("The config profile (daypass) could not be found", "certain", "not in your AWS configuration"),
    (no_s3("PutObject", "", caller=RICHARD_ARN), "certain", "not with the session of this grant"),
    (no_s3("PutObject", "", caller=f"arn:aws:sts::111111111111:assumed-role/{NAME}/another"), "certain", "not with the session of this grant"),
    (no_s3("GetObject", MISSING.format("identity-based")), "certain", "does not permit s3:GetObject"),
    (no_s3("ListBucket", MISSING.format("identity-based")), "certain", "does not permit s3:ListBucket"),
    (refused("GetObject", "Access Denied"), "certain", "does not permit s3:GetObject"),
    (refused("ListObjectsV2", "Access Denied"), "certain", "does not permit s3:ListBucket"),
    ("An error occurred (403) when calling the HeadObject operation: Forbidden", "certain", "does not permit s3:GetObject"),
    (refused("PutObject", "Access Denied"), "likely", "may require that objects belong"),
    (no_s3("PutObject", DENIED.format("a resource-based")), "certain", "bucket policy denies"),
    (no_s3("PutObject", MISSING.format("resource-based")), "likely", "bucket policy does not allow"),
    (no_s3("PutObject", MISSING.format("permissions boundary").replace(" policy", "")), "certain", "permissions boundary does not allow"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary"), "certain", "permissions boundary denies"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary: arn:aws:iam::111111111111:policy/b"), "certain", "permissions boundary denies"),
    (no_s3("PutObject", "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"), "certain", "organisation"),
    (no_s3("PutObject", "because no resource control policy allows the s3:PutObject action"), "certain", "organisation"),
    (no_s3("PutObject", "because no permissions boundary policy allows the action"), "certain", "permissions boundary does not allow"),
    (no_s3("PutObject", "with an explicit deny in a permissions boundary policy"), "certain", "permissions boundary denies"),
    (no_s3("PutObject", DENIED.format("a session")), "likely", "past the end"),
    (no_s3("PutObject", MISSING.format("session")), "certain", "opened with a session policy"),
    (no_s3("PutObject", DENIED.format("an identity-based")), "likely", "a grant that has ended"),
    ("An error occurred (AccessControlListNotSupported) when calling the PutObject operation: The bucket does not allow ACLs", "certain", "does not accept ACLs"),
    (refused("PutObject", f"User: {SESSION} is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:111111111111:key/1"), "certain", "key that encrypts"),
    (refused("GetObject", f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111111111111:key/1"), "certain", "key that encrypts"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "weight", "why"), SENTENCES)
def test_the_first_reason_is_the_one_that_the_error_message_means(text: str, weight: str, why: str) -> None:
    first = found(text)[0]
    assert why in first.why
    assert first.weight == weight
    assert first.fix


STATES = [
    (replace(ACTIVE, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR), "has not started"),
    (replace(ACTIVE, applied_at=None), "not in AWS yet"),
    (replace(ACTIVE, problem=Problem.ADMITTED_BY_UNMANAGED), "prevents the grant from being written"),
    (replace(ACTIVE, revoked_at=NOON), "ended early"),
    (replace(ACTIVE, ends_at=NOON + timedelta(minutes=1)), "The window is over"),
    (replace(ACTIVE, ends_at=NOON + timedelta(minutes=1), removed_at=NOON + HOUR), "The window is over"),
]


@pytest.mark.parametrize(("facts", "why"), STATES)
@pytest.mark.parametrize("text", [no_assume(), refused("PutObject", "Access Denied"), ""])
def test_known_facts_of_the_grant_come_first(facts: GrantFacts, why: str, text: str) -> None:
    first = found(text, facts, "other")[0]
    assert why in first.why
    assert first.weight == "certain"


def test_the_last_snapshot_of_aws_is_compared_with_the_grant() -> None:
    there = {"Statement": [{"Sid": ACTIVE.session_name}]}
    gone = {"Statement": {"Sid": "dpclosed"}}
    assert "was not in it" in found(no_assume(), observed_trust=gone, observed_at=NOON)[0].why
    assert not [one for one in found(no_assume(), observed_trust=there, observed_at=NOON) if "was not in it" in one.why]


def test_a_new_grant_might_not_have_reached_all_of_aws() -> None:
    assert (
        "reached all of AWS yet" in found(no_assume(), replace(ACTIVE, applied_at=NOW - timedelta(seconds=20)))[0].why
    )
    assert not [one for one in found(no_assume()) if "everywhere" in one.why]


def test_only_conditions_of_the_grant_are_named() -> None:
    strict = replace(ACTIVE, external_id="x1", requires_mfa=True, source_cidrs=("192.0.2.0/24",))
    said = " ".join(reason.why for reason in found(no_assume(), strict))
    assert all(word in said for word in ("external ID", "MFA", "192.0.2.0/24"))
    plain = " ".join(reason.why for reason in found(no_assume()))
    assert not any(word in plain for word in ("external ID", "MFA", "address"))


OFFICE = replace(ACTIVE, source_cidrs=("192.0.2.0/24",))


@pytest.mark.parametrize(
    ("address", "weight", "why"),
    [
        ("198.51.100.7", "likely", "The grant can only be used from 192.0.2.0/24, and your address is 198.51.100.7."),
        ("192.0.2.7", "possible", "Your address 192.0.2.7 is allowed"),
        ("", "possible", "The grant can only be used from 192.0.2.0/24."),
    ],
)
def test_the_client_address_is_compared_with_those_of_the_grant(address: str, weight: str, why: str) -> None:
    (reason,) = [one for one in found(no_assume(), OFFICE, address=address) if "192.0.2.0/24" in one.why]
    assert reason.weight == weight
    assert why in reason.why


def test_an_address_is_checked_where_aws_checks_it() -> None:
    rita = replace(RITAS, source_cidrs=("192.0.2.0/24",))
    upload = refused("PutObject", "Access Denied")
    elsewhere = "198.51.100.7"
    assert any("192.0.2.0/24" in one.why for one in found(upload, rita, address=elsewhere))
    assert not any("192.0.2.0/24" in one.why for one in found(upload, OFFICE, address=elsewhere))


def test_switch_role_and_the_missing_policy_in_their_own_account_are_possible_reasons() -> None:
    said = [reason.why for reason in found(no_assume()) if reason.weight == "possible"]
    assert len(said) == 2
    assert "Switch Role" in said[1]


def test_rita_reads_that_the_portal_opens_the_session() -> None:
    assert "Daypass opens the session" in found(no_assume(), RITAS)[0].why
    assert "Daypass opens the session" in found("", RITAS, "assume")[0].why


def test_an_upload_that_must_hand_over_the_object_is_explained() -> None:
    for text, symptom in (
        (no_s3("PutObject", MISSING.format("identity-based")), ""),
        (refused("PutObject", "Access Denied"), ""),
        ("", "upload"),
    ):
        first = found(text, symptom=symptom, permissions=OURS)[0]
        assert "belong to the bucket's owner" in first.why
        assert first.fix == "Add --acl bucket-owner-full-control."


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
    assert "The permissions of the role that Daypass knows do not permit s3:GetObject" in first.why


def test_no_reason_is_given_twice() -> None:
    for text, _, _ in SENTENCES:
        answer = found(text)
        assert len(set(answer)) == len(answer)
