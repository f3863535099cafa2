"""One person's session of Identity Center as a principal: written only with its own id, judged by itself."""

from typing import Any

import pytest

from access import arns, trust, verify
from access.lifecycle import GrantFacts
from access.texts.text import Text
from tests.unit.facts import NOON, ROLE, grant

ARN = "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/richard@example.com"
UNIQUE_ID = "AROASSOSSOSSOSSOSSO01:richard@example.com"
RICHARDS = grant(principal_arn=ARN, unique_id=UNIQUE_ID)
WRONG = {
    "no id": grant(principal_arn=ARN),
    "the id of the whole role": grant(principal_arn=ARN, unique_id="AROASSOSSOSSOSSOSSO01"),
    "the id of a user": grant(principal_arn=ARN, unique_id="AIDARICHARDRICHARD01"),
    "the id of another session": grant(principal_arn=ARN, unique_id="AROASSOSSOSSOSSOSSO01:eve@example.com"),
    "a wildcard in the id": grant(principal_arn=ARN, unique_id="AROASSOSSOSSOSSOSSO01:*"),
    "a role of which anybody can name sessions": grant(
        principal_arn="arn:aws:sts::222222222222:assumed-role/Deploy/me", unique_id="AROADEPLOYDEPLOYDEPL1:me"
    ),
    "a user with the id of a session": grant(unique_id=UNIQUE_ID),
    "a longer session": grant(principal_arn=ARN + "/x", unique_id=UNIQUE_ID + "/x"),
}


def statement(facts: GrantFacts) -> dict[str, Any]:
    document = trust.compile_trust_policy(ROLE, [facts], present=None, now=NOON).document
    found: dict[str, Any] = document["Statement"][0]
    return found


def findings(facts: GrantFacts, written: dict[str, Any]) -> list[Text]:
    document = {"Version": "2012-10-17", "Statement": [written]}
    expiry_policy = trust.compile_expiry_policy(ROLE, [facts], now=NOON)
    return verify.check(
        ROLE,
        [facts],
        trust=document,
        expiry_policy=expiry_policy,
        left_out=frozenset(),
        before=None,
        expiry_policy_before=None,
        now=NOON,
    )


def test_the_statement_names_the_session_and_its_own_id_and_the_verifier_agrees() -> None:
    written = statement(RICHARDS)
    assert written["Principal"] == {"AWS": ARN}
    assert "StringLike" not in written["Condition"]
    assert written["Condition"]["StringEquals"]["aws:userid"] == UNIQUE_ID
    assert findings(RICHARDS, written) == []


@pytest.mark.parametrize("facts", WRONG.values(), ids=WRONG)
def test_the_compiler_leaves_out_any_other_session(facts: GrantFacts) -> None:
    compiled = trust.compile_trust_policy(ROLE, [facts], present=None, now=NOON)
    assert list(compiled.left_out) == [facts.session_name]
    assert [found["Sid"] for found in compiled.document["Statement"]] == ["dpclosed"]


@pytest.mark.parametrize("name", ["no id", "the id of another session", "a role of which anybody can name sessions"])
def test_the_verifier_refuses_any_other_session_independently(name: str) -> None:
    facts, written = WRONG[name], statement(RICHARDS)
    assert findings(facts, {**written, "Principal": {"AWS": facts.principal_arn}})


def test_the_verifier_refuses_a_statement_without_the_id() -> None:
    written = statement(RICHARDS)
    del written["Condition"]["StringEquals"]["aws:userid"]
    assert findings(RICHARDS, written)


@pytest.mark.parametrize(
    "principal",
    [
        ARN,
        "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef",
        "222222222222",
        "*",
    ],
)
def test_unmanaged_statements_that_admit_the_session_are_found(principal: str) -> None:
    others = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [others]}
    assert verify.unmanaged_admits(document, RICHARDS, known=frozenset(), at=NOON)


def test_unmanaged_statements_for_another_role_are_not() -> None:
    others = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::222222222222:role/AWSReservedSSO_Other_0123456789abcdef"},
        "Action": "sts:AssumeRole",
    }
    assert not verify.unmanaged_admits({"Statement": [others]}, RICHARDS, known=frozenset(), at=NOON)


def test_a_typed_session_is_refused_whatever_its_role() -> None:
    with pytest.raises(arns.ArnError) as refused:
        arns.parse(ARN)
    assert refused.value.code == "arn_of_session"


def test_an_unmanaged_statement_for_any_session_admits_the_proven_role() -> None:
    deploy = grant(principal_arn="arn:aws:iam::222222222222:role/Deploy", unique_id="AROADEPLOYDEPLOYDEPL1")
    others = {
        "Effect": "Allow",
        "Principal": {"AWS": deploy.principal_arn},
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"aws:userid": "AROADEPLOYDEPLOYDEPL1:*"}},
    }
    assert verify.unmanaged_admits({"Statement": [others]}, deploy, known=frozenset(), at=NOON)
