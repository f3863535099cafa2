"""Unmanaged statements whose conditions nobody can decide, and what else can be in a policy."""

import json
from typing import Any

from tests.factories import CONTRACTOR_ACCOUNT

TO_ALL_OF_THE_COMPANY = {
    "Sid": "Odd",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


def dated(value: Any, *, operator: str = "DateLessThan", key: str = "aws:CurrentTime") -> dict[str, Any]:
    return {operator: {key: value}}


# What IAM takes.
TAKEN: dict[str, Any] = {
    "a date of 13 digits": dated("1763978400000"),
    "a date of 12 digits": dated("999999999999"),
    "a date on the epoch": dated("2026-11-24T12:00:00Z", key="aws:EpochTime"),
    "a W3C year": dated("2027"),
    "a network that is none": {"IpAddress": {"aws:SourceIp": "300.1.2.3/8"}},
    "a number that is none": {"NumericLessThan": {"aws:MultiFactorAuthAge": "nan and a half"}},
    "an infinite number": {"NumericLessThan": {"aws:MultiFactorAuthAge": "1e999"}},
    "a binary value": {"BinaryEquals": {"aws:PrincipalTag/x": "not base64!"}},
    "a variable": {"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}},
    "a set operator": {"ForAllValues:DateLessThan": {"aws:CurrentTime": "1763978400000"}},
    "if it exists": {"DateLessThanIfExists": {"aws:CurrentTime": "1763978400000"}},
}
# What IAM refuses today, but may be in a reading of it.
IMPOSSIBLE: dict[str, Any] = {
    "a date of 400 digits": dated("9" * 400),
    "a month without a day": dated("2027-01", operator="DateGreaterThanEquals"),
    "no date": dated("tomorrow"),
    "a date with an offset of a day": dated("2027-01-01T00:00:00+24:00"),
    "two dates, one of them none": dated(["2027-01-01T00:00:00Z", "never"]),
    "no condition": None,
    "a list": [],
    "a list of operators": [dated("2027-01-01T00:00:00Z")],
    "a text": "x",
    "an operator with null": {"DateLessThan": None},
    "an operator with a list": {"DateLessThan": ["aws:CurrentTime"]},
    "a key with null": {"DateLessThan": {"aws:CurrentTime": None}},
    "a key with an object": {"DateLessThan": {"aws:CurrentTime": {"x": []}}},
    "a number of 400 digits": dated(int("9" * 400)),
    "a list of lists": dated([["2027"]]),
}


def statement(condition: Any, **different: Any) -> dict[str, Any]:
    return {**TO_ALL_OF_THE_COMPANY, "Condition": condition, **different}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": json.loads(json.dumps(list(statements)))}
