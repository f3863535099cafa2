"""Every policy that AWS manages can be explained, and a judged sample says how often that is right.

`judged_findings.json` holds high findings of random samples (`random.Random(seed).sample`) with a verdict each: is it
really a way to more permissions, past the end, or out of the account, by what AWS documents? `judged_sentences.json`
holds 60 random policies whose sentences were read beside the policy. docs/reference/findings.md has the figures.
"""

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from access.explain import Finding, find_in_permissions
from access.explain import permissions as in_permissions
from access.texts.text import Text
from tests.unit.aws_managed import aws_managed

_HERE = Path(__file__).parent
FINDINGS: list[dict[str, Any]] = json.loads((_HERE / "judged_findings.json").read_text())
SENTENCES: list[dict[str, Any]] = json.loads((_HERE / "judged_sentences.json").read_text())

_DANGEROUS = """
    AWSAccountManagementFullAccess AWSBatchFullAccess AWSCloudFormationFullAccess AWSCodeBuildAdminAccess
    AWSCodePipeline_FullAccess AWSDataPipeline_FullAccess AWSGlueConsoleFullAccess AWSLambda_FullAccess
    AWSRolesAnywhereFullAccess AWSSSOMasterAccountAdministrator AWSStepFunctionsFullAccess AdministratorAccess
    AdministratorAccess-AWSElasticBeanstalk AdministratorAccess-Amplify AmazonAthenaFullAccess AmazonDynamoDBFullAccess
    AmazonEC2FullAccess AmazonECS_FullAccess AmazonElasticMapReduceFullAccess AmazonRDSFullAccess AmazonS3FullAccess
    AmazonS3OutpostsFullAccess AmazonS3TablesFullAccess AmazonSQSFullAccess AmazonSSMFullAccess
    AmazonSageMakerFullAccess DataScientist DatabaseAdministrator IAMFullAccess PowerUserAccess ReadOnlyAccess
    SecretsManagerReadWrite SystemAdministrator
"""
_HARMLESS = """
    AWSBillingReadOnlyAccess AWSCertificateManagerReadOnly AWSSupportAccess AmazonEC2ReadOnlyAccess
    AmazonVPCReadOnlyAccess AutoScalingReadOnlyAccess CloudFrontReadOnlyAccess ElasticLoadBalancingReadOnly
    IAMReadOnlyAccess IAMUserChangePassword SecurityAudit ViewOnlyAccess
"""


@functools.cache
def found(name: str) -> tuple[Finding, ...]:
    return tuple(find_in_permissions(aws_managed()[name]))


@functools.cache
def said(name: str) -> tuple[Text, ...]:
    return tuple(in_permissions.permissions_in_words(aws_managed()[name]))


def is_high(row: Mapping[str, Any]) -> bool:
    """Return whether the finding of a row is high today."""
    return any(
        (one.weight, one.rule, one.where.facts["number"]) == ("high", row["rule"], row["statement"])
        and row["action"] in str(one.sentence)
        for one in found(row["policy"])
        if isinstance(one.where, Text)
    )


def shape(sentence: Text) -> str:
    """Return what Daypass itself says: the code, the place and the conditions, without AWS's lists and descriptions."""
    return f"{sentence.code}: {sentence.facts.get('place', '')}; {sentence.facts.get('conditions', '')}"


def digest(name: str) -> str:
    return hashlib.sha256("\n".join(map(shape, said(name))).encode()).hexdigest()[:16]


def test_every_managed_policy_is_explained_and_judged() -> None:
    assert len(aws_managed()) > 1400
    for name in aws_managed():
        for text in (*said(name), *(part for one in found(name) for part in (one.sentence, one.fix))):
            sentence = str(text)
            assert sentence.endswith((".", "?")), (name, sentence)
            assert not {"None", "()", "{}"} & set(sentence.split()), (name, sentence)


def test_at_least_nine_of_ten_judged_high_findings_are_right() -> None:
    high = [row for row in FINDINGS if is_high(row)]
    right = [row for row in high if row["right"]]
    assert len(high) > 150
    assert len(right) >= 0.9 * len(high)


def test_no_finding_that_was_judged_right_is_lost() -> None:
    assert [row for row in FINDINGS if row["right"] and not is_high(row)] == []


def test_each_verdict_has_a_reason() -> None:
    assert [row for row in FINDINGS if not row["reason"]] == []
    assert len({(row["policy"], row["statement"], row["rule"], row["action"]) for row in FINDINGS}) == len(FINDINGS)


@pytest.mark.parametrize("name", _DANGEROUS.split())
def test_a_policy_that_leads_further_has_a_high_finding(name: str) -> None:
    assert "high" in {one.weight for one in found(name)}


@pytest.mark.parametrize("name", _HARMLESS.split())
def test_a_policy_that_only_lists_has_no_high_finding(name: str) -> None:
    assert [str(one.sentence) for one in found(name) if one.weight == "high"] == []


def test_every_sentence_of_sixty_policies_was_read_and_none_is_false() -> None:
    """A row says which sentences were read; where today's differ, somebody has to read those of the policy again."""
    assert len(SENTENCES) == 60
    assert [row["policy"] for row in SENTENCES if row["false"]] == []
    assert [row["policy"] for row in SENTENCES if row["digest"] != digest(row["policy"])] == []
    assert [
        row["policy"] for row in SENTENCES if row["codes"] != Counter(one.code for one in said(row["policy"]))
    ] == []
