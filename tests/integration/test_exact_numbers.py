"""Numbers in AWS's documents are read as they are written: two that differ are never taken for the same."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from access import aws, trust
from access.aws import roles
from access.catalogue import accepting
from access.models import Role, UnmanagedStatement
from tests.faults.tenant import DEFAULT_DENY
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, state

ALIKE = {
    "larger than any float": ("1e999", "1e998"),
    "as large as no float in full": ("1e999", "1" + "0" * 400),
    "below zero": ("-1e999", "-1e998"),
    "smaller than any float": ("1e-999", "0.0"),
    "finer than a float": ("3600.0000000000001", "3600.0"),
    "with an exponent out of range": ("1e-99999999999999999999", "1e-99999999999999999998"),
}
alike = pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=list(ALIKE))


def edit(env: Environment, number: str, to: str) -> None:
    """Add by hand an Allow for somebody else that has this number in a condition."""
    allow = {
        "Sid": "Odd",
        "Effect": "Allow",
        "Principal": {"AWS": to},
        "Action": "sts:AssumeRole",
        "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "NUMBER"}},
    }
    body = [*DEFAULT_DENY["Statement"], allow]
    document = json.dumps({"Version": "2012-10-17", "Statement": body}).replace('"NUMBER"', number)
    env.aws.root().update_assume_role_policy(RoleName=env.role.name, PolicyDocument=document)


def read(env: Environment) -> Any:
    target = env.role.account.aws_target()
    return aws.read_role(target=target, arn=env.role.arn, expiry_policy_name=EXPIRY_POLICY_NAME).trust


@alike
def test_two_numbers_have_two_hashes(env: Environment, one: str, other: str) -> None:
    mallory = env.contractor_user(env.aws.fresh("Mallory"))
    found = []
    for number in (one, other, one):
        edit(env, number, mallory)
        found.append(read(env))
    assert trust.hashes(found[0]) == trust.hashes(found[2]) != trust.hashes(found[1])
    assert trust.same(found[0], found[2])
    assert not trust.same(found[0], found[1])


def test_an_acceptance_does_not_hold_for_another_number(env: Environment) -> None:
    Role.objects.update(is_managed=False)
    env.reconcile()
    mallory = env.contractor_user(env.aws.fresh("Mallory"))
    edit(env, "1e998", mallory)
    grant = env.create_grant()
    env.reconcile()
    waiting = UnmanagedStatement.objects.get()
    accepting.accept_statement(by=env.cast.ada, role=env.role, sha256=waiting.sha256, now=env.clock())
    edit(env, "1e999", mallory)
    env.clock.forward(seconds=30)
    env.reconcile(times=2)
    assert state(grant, env.clock()) == "blocked"
    assert env.sids() == ["dpclosed", "Odd"]


@pytest.mark.parametrize("digits", [600, 601, 4300, 4301, 10_000])
def test_a_number_of_thousands_of_digits_can_be_read_and_written(digits: int) -> None:
    """Python reads and writes no whole number that long; IAM takes a policy with one."""
    text = '{"Statement":[{"Condition":{"NumericEquals":{"s3:max-keys":[' + "1" * digits + ",7]}}}]}"
    found = roles.document(quote(text))
    assert json.dumps(found, separators=(",", ":")).replace('"' + "1" * digits + '"', "1" * digits) == text
    assert found["Statement"][0]["Condition"]["NumericEquals"]["s3:max-keys"][1] == 7


@pytest.mark.parametrize("value", ["not JSON", "", "%7B", '{"a":}'])
def test_a_document_that_is_no_json_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        roles.document(value)
