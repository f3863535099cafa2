"""What confirms an action: a passkey or code of the last five minutes, or a password beside one that is not too old."""

from datetime import UTC, datetime, timedelta

import pytest

from access.rules.confirming import Check, Proof, is_confirmed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WITHIN, HOUR, SECOND = timedelta(minutes=5), timedelta(hours=1), timedelta(seconds=1)


def check(proof: Proof, age: timedelta) -> Check:
    return Check(proof, NOON - age)


def factor(age: timedelta) -> Check:
    return check(Proof.FACTOR, age)


def password(age: timedelta) -> Check:
    return check(Proof.PASSWORD, age)


@pytest.mark.parametrize(
    ("checks", "factor_age", "confirms"),
    [
        ([], HOUR, False),
        ([factor(SECOND * 0)], HOUR, True),
        ([factor(WITHIN - SECOND)], HOUR, True),
        ([factor(WITHIN)], HOUR, False),
        ([factor(2 * WITHIN), factor(SECOND)], HOUR, True),
        ([factor(SECOND), factor(2 * WITHIN)], HOUR, True),
        ([password(SECOND)], HOUR, False),
        ([password(SECOND), factor(HOUR - SECOND)], HOUR, True),
        ([password(SECOND), factor(HOUR)], HOUR, False),
        ([password(WITHIN), factor(HOUR - SECOND)], HOUR, False),
        # The role asks for a fresher factor than five minutes.
        ([factor(2 * WITHIN / 5)], WITHIN / 5, False),
        ([password(SECOND), factor(2 * WITHIN / 5)], WITHIN / 5, False),
        ([factor(SECOND)], WITHIN / 5, True),
        # Clocks in the future count as over.
        ([factor(-2 * SECOND)], HOUR, False),
        ([factor(-HOUR)], HOUR, False),
        ([password(-2 * SECOND), factor(2 * WITHIN)], HOUR, False),
        ([password(SECOND), factor(-HOUR)], HOUR, False),
    ],
)
def test_checks_confirm_an_action(checks: list[Check], factor_age: timedelta, confirms: bool) -> None:
    assert is_confirmed(checks, within=WITHIN, factor_age=factor_age, now=NOON) is confirms
