"""The table: what each policy says in plain words, and what is found in it."""

import re

import pytest

from access.explain import (
    Finding,
    find_in_permissions,
    find_in_role,
    find_in_trust,
)
from access.verify.escape import ESCAPES
from tests.unit.explain_table import MANAGED, PERMISSIONS, TRUSTS, Row
from tests.unit.said import permissions_in_words, trust_in_words

ACCOUNT = "111111111111"
# AWS adds actions every week, and the package follows.
_NUMBER = re.compile(r"\d[\d,]*(?= (?:actions?|list|read|tag|write|change|more)\b)")


def without_numbers(sentences: list[str]) -> list[str]:
    return [_NUMBER.sub("N", sentence) for sentence in sentences]


def weighed(findings: list[Finding]) -> list[str]:
    return sorted({f"{finding.weight} {finding.rule}" for finding in findings})


def test_the_table_is_long_enough() -> None:
    assert len(PERMISSIONS) + len(TRUSTS) + len(MANAGED) >= 60
    assert len(MANAGED) >= 15


@pytest.mark.parametrize("row", PERMISSIONS, ids=[row.name for row in PERMISSIONS])
def test_a_permissions_policy_is_explained_and_judged(row: Row) -> None:
    assert without_numbers(permissions_in_words(row.policy)) == row.sentences
    assert weighed(find_in_permissions(row.policy)) == row.findings


@pytest.mark.parametrize("row", TRUSTS, ids=[row.name for row in TRUSTS])
def test_a_trust_policy_is_explained_and_judged(row: Row) -> None:
    assert trust_in_words(row.policy, account_id=ACCOUNT) == row.sentences
    assert weighed(find_in_trust(row.policy, account_id=ACCOUNT)) == row.findings


@pytest.mark.parametrize("row", MANAGED, ids=[row.name for row in MANAGED])
def test_an_aws_managed_policy_is_explained_and_judged_in_a_few_sentences(row: Row) -> None:
    said = permissions_in_words(row.policy)
    assert without_numbers(said)[: len(row.sentences)] == row.sentences
    assert len(said) <= 12
    assert weighed(find_in_permissions(row.policy)) == row.findings


@pytest.mark.parametrize("row", MANAGED, ids=[row.name for row in MANAGED])
def test_a_role_explains_a_policy_under_its_name(row: Row) -> None:
    arn = f"arn:aws:iam::aws:policy/{row.name}"
    said = permissions_in_words({}, attached=[arn], documents={arn: row.policy})
    assert any(sentence.startswith(f"Managed policy {row.name}: can ") for sentence in said)
    assert all(str(one.where).startswith(row.name) for one in find_in_role({}, managed={arn: row.policy}))


def test_every_expiry_bypass_is_a_high_finding() -> None:
    assert len(ESCAPES) > 100
    for action in ESCAPES:
        policy = {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
        assert "high escalation" in weighed(find_in_permissions(policy)), action


@pytest.mark.parametrize(
    ("action", "fix"),
    [
        ("s3:PutObjcet", "Did you mean s3:PutObject?"),
        ("dynamdb:GetItem", "Did you mean dynamodb?"),
        ("ec2:RunInstance", "Did you mean ec2:RunInstances?"),
    ],
)
def test_a_misspelt_action_has_a_suggestion(action: str, fix: str) -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    assert fix in {str(finding.fix) for finding in find_in_permissions(policy)}


def test_findings_are_sorted_by_severity_and_point_at_their_statement() -> None:
    read = {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": "*"}
    every = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
    found = find_in_permissions({"Version": "2012-10-17", "Statement": [read, every]})
    assert [finding.weight.rank for finding in found] == sorted(finding.weight.rank for finding in found)
    assert str(found[0].where) == "statement 2 (All)"
    assert str(found[-1].where) == "statement 1"
