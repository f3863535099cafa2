"""The IAM in memory answers as the local AWS does, wherever the stateful tests rely on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from access import aws
from access.workload_identities import AwsTarget
from tests.factories import CONTRACTOR_ACCOUNT, HOST_ACCOUNT
from tests.fakes.iam import FakeIam
from tests.integration.environment import DEFAULT_DENY, EXPIRY_POLICY_NAME, Environment

HERE = AwsTarget(HOST_ACCOUNT)


class Real:
    """The functions of `access.aws`, speaking to the local AWS."""

    def __init__(self, env: Environment) -> None:
        self.env, self.arn = env, env.role.arn
        self.read_role, self.read_roles, self.read_trust = aws.read_role, aws.read_roles, aws.read_trust
        self.write_trust, self.write_expiry_policy = aws.write_trust, aws.write_expiry_policy

    def make_principal(self, arn: str) -> None:
        self.env.contractor_user(arn.rsplit("/", 1)[1])

    def delete_principal(self, arn: str) -> None:
        self.env.dismiss(arn)


def fake(env: Environment) -> FakeIam:
    made = FakeIam()
    made.make_role(env.role.arn, DEFAULT_DENY)
    return made


def allow(principal: str, sid: str = "one") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def shape(answer: Any) -> Any:
    """Leave out what no two worlds share: unique ids."""
    return re.sub(r"(AIDA|AROA)[A-Z0-9]{8,}", r"\1…", repr(answer))


def lifetime(world: Any, arn: str, people: list[str]) -> list[Any]:
    """Do everything that matters once, and return the answers."""
    richard, rosa = people
    answers: list[Any] = []

    def do(call: Callable[[], Any]) -> None:
        try:
            answers.append(shape(call()))
        except aws.AwsError as error:
            answers.append((type(error).__name__, getattr(error, "principals", ())))

    def read() -> Any:
        return world.read_role(target=HERE, arn=arn, expiry_policy_name=EXPIRY_POLICY_NAME)

    world.make_principal(richard)
    do(read)
    do(lambda: world.write_trust(target=HERE, arn=arn, policy=document(allow(richard))))
    do(lambda: world.write_trust(target=HERE, arn=arn, policy=document(allow(richard), allow(rosa, "two"))))
    do(read)
    world.delete_principal(richard)
    do(read)
    do(lambda: world.write_trust(target=HERE, arn=arn, policy=document(allow(richard))))
    world.make_principal(richard)
    do(lambda: world.read_trust(target=HERE, arn=arn))
    do(lambda: world.write_trust(target=HERE, arn=arn, policy=document(allow(richard))))
    do(lambda: world.read_trust(target=HERE, arn=arn))
    do(lambda: world.write_trust(target=HERE, arn=arn, policy=document(*(allow(richard, f"s{n}") for n in range(20)))))
    do(
        lambda: world.write_expiry_policy(
            target=HERE,
            arn=arn,
            name=EXPIRY_POLICY_NAME,
            policy=document({"Effect": "Deny", "Action": "*", "Resource": "*"}),
        )
    )
    do(read)
    do(lambda: world.read_roles(target=HERE, expiry_policy_name=EXPIRY_POLICY_NAME)[arn])
    do(lambda: world.write_expiry_policy(target=HERE, arn=arn, name=EXPIRY_POLICY_NAME, policy=None))
    do(lambda: world.write_expiry_policy(target=HERE, arn=arn, name=EXPIRY_POLICY_NAME, policy=None))
    do(read)
    do(lambda: world.read_role(target=HERE, arn=arn + "-not-there", expiry_policy_name=EXPIRY_POLICY_NAME))
    return answers


@pytest.mark.django_db
def test_the_fake_answers_as_the_local_aws_does(env: Environment) -> None:
    names = [env.aws.fresh("Richard"), env.aws.fresh("Rosa")]
    people = [f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:user/{name}" for name in names]
    assert lifetime(fake(env), env.role.arn, people) == lifetime(Real(env), env.role.arn, people)
