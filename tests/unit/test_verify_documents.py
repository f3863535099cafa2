"""No admission that AWS documents is missed: `could_admit` beside a small judge that knows one request in full.

Whenever the judge admits a request that the caller can make now or later, `could_admit` must say that it could.
"""

import copy
from random import Random
from typing import Any, NamedTuple

import pytest

from access.verify import Caller
from access.verify.evaluator import could_admit
from tests.unit.aws_semantics import admits
from tests.unit.trust_documents import AT, CALLERS, document, request

DOCUMENTS = 1200
REQUESTS = 6  # for each document


class Count(NamedTuple):
    """Of generated documents: those that admit somebody unnoticed, how many admit the caller, and how many cannot."""

    missed: list[Any]
    admitted: int
    refused: int


def compare(seed: int, documents: int) -> Count:
    random, missed, admitted, refused = Random(seed), [], 0, 0
    for _ in range(documents):
        who = random.choice(CALLERS)
        drawn = document(random, who)
        asked = [request(random, who, copy.deepcopy(drawn)) for _ in range(REQUESTS)]
        for one in drawn["Statement"] if isinstance(drawn["Statement"], list) else [drawn["Statement"]]:
            del one["times"]
        known = random.choice((who.user_id, who.user_id.partition(":")[0], ""))  # of a role any session, or unknown
        could = could_admit(drawn, Caller(arn=who.arn, session_name="other", user_id=known), at=AT)
        is_admitted = any(admits(drawn, one) for one in asked)
        admitted, refused = admitted + is_admitted, refused + (not could)
        if is_admitted and not could:
            missed.append((who.arn, drawn))
    return Count(missed, admitted, refused)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_documented_admission_is_missed(seed: int) -> None:
    count = compare(seed, DOCUMENTS)
    assert count.missed == []
    assert count.admitted > DOCUMENTS / 3
    assert count.refused > DOCUMENTS / 4


USER = CALLERS[0]
ALLOW: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": USER.arn}, "Action": "sts:AssumeRole"}
DENY: dict[str, Any] = ALLOW | {"Effect": "Deny"}
ACCOUNT = {"AWS": "arn:aws:iam::222222222222:root"}


def could(*statements: dict[str, Any], **more: Any) -> bool:
    held = {"Version": "2012-10-17", "Statement": list(statements)} | more
    return could_admit(held, Caller(arn=USER.arn, session_name="s", user_id=USER.user_id), at=AT)


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericGreaterThan": {"aws:EpochTime": 1795608000.0}},
        {"NumericGreaterThan": {"aws:EpochTime": "1795608000.5"}},
        {"NumericGreaterThan": {"aws:EpochTime": "01795608000"}},
        {"NumericEquals": {"aws:EpochTime": "1795608000.0"}},
        {"NumericGreaterThan": {"aws:EpochTime": "1795608000.7"}, "NumericLessThan": {"aws:EpochTime": "1795608001.1"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
        {"DateNotEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}},
        {"StringLike": {"aws:CurrentTime": "2027-*"}},
        {"StringEquals": {"aws:EpochTime": "1795608000"}},
        {"ForAllValues:Null": {"aws:username": "true"}},
    ],
)
def test_an_allow_that_holds_later_can_admit(condition: dict[str, Any]) -> None:
    assert could(ALLOW | {"Condition": condition})


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"*": "*"}},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"CanonicalUser": "79a59df900b949e55d96a1e6"}},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Federated": "*"}},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": ACCOUNT},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "222222222222"}},
        {"effect": "Allow", "action": "sts:AssumeRole", "principal": {"AWS": USER.arn}},
    ],
)
def test_an_allow_that_aws_does_not_document_can_admit(statement: dict[str, Any]) -> None:
    assert could(statement)


@pytest.mark.parametrize(
    "statement",
    [
        DENY | {"condition": {"Bool": {"aws:SecureTransport": "false"}}},
        DENY | {"Resource": "arn:aws:iam::111111111111:role/other"},
        DENY | {"NotPrincipal": ACCOUNT},
        DENY | {"NotAction": "sts:TagSession"},
        DENY | {"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e6"}},
    ],
)
def test_a_deny_that_aws_does_not_document_denies_nobody_for_certain(statement: dict[str, Any]) -> None:
    assert could(ALLOW, statement)
    assert not could(ALLOW, DENY)


def test_a_document_with_an_unknown_element_can_admit() -> None:
    assert could(statement=[ALLOW])
    assert not could(Id="mine")
