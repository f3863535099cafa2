"""Unmanaged statements that IAM takes and that nobody can judge; they admit nobody in these tests."""

from typing import Any

from tests.faults.oracle import Document
from tests.localaws.server import CONTRACTOR_ACCOUNT

ODD = "HumanOdd"  # the name by which such a statement is found again
CONDITIONS: dict[str, dict[str, Any]] = {
    "a date of 13 digits": {"DateLessThan": {"aws:CurrentTime": "1763978400000"}},
    "a date of 12 digits": {"DateGreaterThan": {"aws:CurrentTime": "999999999999"}},
    "a date on the epoch": {"DateLessThan": {"aws:EpochTime": "2027-01-01T00:00:00Z"}},
    "a W3C year": {"DateLessThan": {"aws:CurrentTime": "2027"}},
    "a network that is none": {"IpAddress": {"aws:SourceIp": "300.1.2.3/8"}},
    "a number that is none": {"NumericLessThan": {"aws:MultiFactorAuthAge": "many"}},
    "a variable": {"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}},
}


def odd_statement(condition: dict[str, Any], *, effect: str = "Allow") -> Document:
    """Return a statement about the contractors' whole account that asks for an external id, which nobody sends."""
    asked = {"StringEquals": {"sts:ExternalId": "known-to-nobody"}}
    for operator, tests in condition.items():
        asked[operator] = asked.get(operator, {}) | tests
    principal = {"AWS": f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"}
    return {"Sid": ODD, "Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", "Condition": asked}
