"""Trust findings by meaning: what a condition's operator, quantifier and value hold, not that its key is there."""

from typing import Any

import pytest

from access.explain import Kind, PolicyError, find_in_trust, read_policy
from tests.refusals import refusing

ACCOUNT = "111111111111"
RICHARD = {"AWS": "arn:aws:iam::222222222222:user/Richard"}
GITHUB = "token.actions.githubusercontent.com"
ORG = "o-a1b2c3d4e5"
WINDOW = {
    "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T10:00:00Z"},
    "DateLessThan": {"aws:CurrentTime": "2026-11-24T18:00:00Z"},
}


def oidc(provider: str) -> dict[str, str]:
    return {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{provider}"}


def found(principal: Any, condition: dict[str, Any], action: str = "sts:AssumeRole") -> list[str]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}
    findings = find_in_trust({"Version": "2012-10-17", "Statement": [statement]}, account_id=ACCOUNT)
    return [f"{finding.weight} {finding.rule}" for finding in findings]


def github(**tests: Any) -> dict[str, Any]:
    """Return the usual test of the audience, and tests of the subject by operator ("StringLike" and so on)."""
    named = {operator.replace("__", ":"): {f"{GITHUB}:sub": value} for operator, value in tests.items()}
    audience = {f"{GITHUB}:aud": "sts.amazonaws.com"}
    return {**named, "StringEquals": {**audience, **named.get("StringEquals", {})}}


ANY_REPOSITORY = {
    "only the audience": github(),
    "any subject": github(StringLike="*"),
    "any subject, in other words": github(StringLike="repo:*"),
    "any owner that begins so": github(StringLike="repo:acme*"),
    "any owner, the repository named": github(StringLike="repo:*/site:*"),
    "one of two that takes all": github(StringLike=["repo:acme/site:*", "*"]),
    "each value of a set that may be empty": github(ForAllValues__StringLike="repo:acme/site:*"),
    "an absent subject": github(StringLikeIfExists="repo:acme/site:*"),
    "anything but one": github(StringNotEquals="repo:acme/site:ref:refs/heads/main"),
    "a subject that is there": github(Null="false"),
    "an operator that IAM does not have": github(stringLike="repo:acme/site:*"),
}
ONE_REPOSITORY = {
    "one branch": github(StringEquals="repo:acme/site:ref:refs/heads/main"),
    "a repository": github(StringLike="repo:acme/site:*"),
    "an organization": github(StringLike="repo:acme/*"),
    "any value of a set": github(ForAnyValue__StringLike="repo:acme/site:*"),
    "a workflow": {"StringLike": {f"{GITHUB}:job_workflow_ref": "acme/flows/.github/workflows/deploy.yml@*"}},
    "an owner": {"StringEquals": {f"{GITHUB}:repository_owner_id": "4711"}},
}


@pytest.mark.parametrize("condition", ANY_REPOSITORY.values(), ids=ANY_REPOSITORY)
def test_any_github_repository_is_admitted(condition: dict[str, Any]) -> None:
    assert "high open-federation" in found(oidc(GITHUB), condition, "sts:AssumeRoleWithWebIdentity")


@pytest.mark.parametrize("condition", ONE_REPOSITORY.values(), ids=ONE_REPOSITORY)
def test_repositories_of_one_owner_are_admitted(condition: dict[str, Any]) -> None:
    assert found(oidc(GITHUB), condition, "sts:AssumeRoleWithWebIdentity") == []


@pytest.mark.parametrize(
    ("provider", "subject", "is_open"),
    [
        ("gitlab.com", "project_path:*", True),
        ("gitlab.com", "project_path:acme/site:ref_type:branch:ref:main", False),
        ("app.terraform.io", "organization:*:project:*", True),
        ("app.terraform.io", "organization:acme:project:*", False),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABC", "system:serviceaccount:*:deploy", True),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABC", "system:serviceaccount:web:deploy", False),
    ],
)
def test_other_shared_providers_are_restricted_by_their_subject(provider: str, subject: str, is_open: bool) -> None:
    condition = {"StringLike": {f"{provider}:sub": subject, f"{provider}:aud": "sts.amazonaws.com"}}
    assert ("high open-federation" in found(oidc(provider), condition)) is is_open
    assert "high open-federation" in found(oidc(provider), {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"}})


def test_a_dedicated_provider_is_restricted_by_its_audience() -> None:
    own = "login.example.com"
    assert found(oidc(own), {"StringEquals": {f"{own}:aud": "daypass"}}) == []
    assert found(oidc(own), {"StringEqualsIfExists": {f"{own}:aud": "daypass"}}) == ["high open-federation"]
    saml = {"Federated": "arn:aws:iam::111111111111:saml-provider/Corp"}
    assert found(saml, {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}) == []
    assert found(saml, {"StringNotEquals": {"SAML:aud": "x"}}) == ["high open-federation"]


ANYBODY = {
    "nothing": {},
    "any organization but one": {"StringNotEquals": {"aws:PrincipalOrgID": ORG}},
    "an organization if there is one": {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}},
    "any organization": {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    "each of no paths": {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-ab12/*"}},
    "any ARN": {"ArnLike": {"aws:PrincipalArn": "*"}},
    "a name in any account": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}},
    "an account that is there": {"Null": {"aws:PrincipalAccount": "false"}},
    "accounts that begin so": {"StringLike": {"aws:PrincipalAccount": "2*"}},
    "any id": {"StringLike": {"aws:userid": "A*"}},
    "one of two that takes all": {"StringLike": {"aws:PrincipalOrgID": [ORG, "*"]}},
}
SOMEBODY = {
    "an organization": {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    "a part of it": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-ab12/ou-ab12-11111111/*"}},
    "an account": {"StringEquals": {"aws:PrincipalAccount": "222222222222"}},
    "an account, always sent": {"StringEqualsIfExists": {"aws:PrincipalAccount": "222222222222"}},
    "an ARN": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/deploy"}},
    "an id": {"StringLike": {"aws:userid": "AROADEPLOYDEPLOYDEP01:*"}},
}


@pytest.mark.parametrize("condition", ANYBODY.values(), ids=ANYBODY)
def test_anybody_in_the_world_is_admitted(condition: dict[str, Any]) -> None:
    assert "high anybody" in found({"AWS": "*"}, condition)


@pytest.mark.parametrize("condition", SOMEBODY.values(), ids=SOMEBODY)
def test_anybody_of_the_named_accounts_is_admitted(condition: dict[str, Any]) -> None:
    assert "medium anybody" in found({"AWS": "*"}, condition)


@pytest.mark.parametrize(
    ("pattern", "is_whole"),
    [
        ("arn:aws:iam::222222222222:*", True),
        ("arn:aws:iam::222222222222:role/*", True),
        ("arn:aws:iam::222222222222:user/*", True),
        ("arn:aws:iam::222222222222:root", True),
        ("*", True),
        ("arn:aws:iam::222222222222:role/deploy", False),
        ("arn:aws:iam::222222222222:role/team/*", False),
    ],
)
def test_a_pattern_that_covers_an_account_is_the_whole_account(pattern: str, is_whole: bool) -> None:
    assert ("medium whole-account" in found("222222222222", {"ArnLike": {"aws:PrincipalArn": pattern}})) is is_whole


ASKED = {"StringEquals": {"sts:ExternalId": "x1-y2"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}, **WINDOW}


def test_a_present_condition_is_not_reported_as_missing() -> None:
    assert found(RICHARD, ASKED) == []


@pytest.mark.parametrize(
    "operator_and_tests",
    [
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        {"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}},
        {"Null": {"aws:MultiFactorAuthPresent": "false"}},
        {"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}},
        {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "0"}},
        {"bool": {"aws:MultiFactorAuthPresent": "true"}},
    ],
)
def test_these_conditions_require_no_second_factor(operator_and_tests: dict[str, Any]) -> None:
    rest = {operator: tests for operator, tests in ASKED.items() if operator != "Bool"}
    assert "note no-mfa" in found(RICHARD, rest | operator_and_tests)


@pytest.mark.parametrize(
    "operator_and_tests",
    [{"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, {"Null": {"aws:MultiFactorAuthAge": "false"}}],
)
def test_these_conditions_require_a_second_factor(operator_and_tests: dict[str, Any]) -> None:
    rest = {operator: tests for operator, tests in ASKED.items() if operator != "Bool"}
    assert found(RICHARD, rest | operator_and_tests) == []


@pytest.mark.parametrize(
    "tests",
    [
        {"StringLike": {"sts:ExternalId": "*"}},
        {"StringLike": {"sts:ExternalId": ["x1-y2", "?*"]}},
        {"StringNotEquals": {"sts:ExternalId": "x"}},
        {"StringEqualsIfExists": {"sts:ExternalId": "x1-y2"}},
        {"ForAllValues:StringEquals": {"sts:ExternalId": "x1-y2"}},
        {"Null": {"sts:ExternalId": "false"}},
    ],
)
def test_these_conditions_require_no_external_id(tests: dict[str, Any]) -> None:
    rest = {operator: one for operator, one in ASKED.items() if operator != "StringEquals"}
    assert "low no-external-id" in found(RICHARD, rest | tests)


def test_an_arbitrary_session_name_pins_no_session() -> None:
    assert found(RICHARD, {**WINDOW, "StringEquals": {"sts:RoleSessionName": "dp-1"}}) == []
    assert found(RICHARD, {**WINDOW, "StringLike": {"sts:RoleSessionName": "*"}}) != []


@pytest.mark.parametrize("text", ["1763978400000", "999999999999", "2027"])
def test_a_date_that_iam_reads_differently_is_invalid_and_ends_nothing(text: str) -> None:
    said = found(RICHARD, {"DateLessThan": {"aws:CurrentTime": text}})
    assert "medium bad-date" in said
    assert "medium no-window" in said


def test_epoch_seconds_are_written_as_a_date() -> None:
    assert "medium bad-date" in found(RICHARD, {"DateLessThan": {"aws:EpochTime": "2026-11-24T18:00:00Z"}})
    assert "medium bad-date" not in found(RICHARD, {"DateLessThan": {"aws:EpochTime": "1795521600"}})


@pytest.mark.parametrize("operator", ["stringEquals", "bool", "StringEqualsIfexists", "forAnyValue:StringEquals"])
def test_an_operator_in_another_case_is_unknown(operator: str) -> None:
    assert "high unknown-operator" in found(RICHARD, {operator: {"sts:ExternalId": "x1-y2"}})


def test_notprincipal_is_refused_in_a_trust_policy() -> None:
    pasted = """{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole",
      "NotPrincipal": {"AWS": "arn:aws:iam::222222222222:user/Richard"}}]}"""
    with refusing("policy_not_principal", PolicyError):
        read_policy(pasted, kind=Kind.TRUST)
