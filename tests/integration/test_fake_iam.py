"""The IAM in memory answers as the local AWS does, wherever the stateful tests rely on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from access import aws
from access.identities import Reach
from tests.factories import CONTRACTOR_ACCOUNT, HOST_ACCOUNT
from tests.fakes.iam import FakeIam
from tests.integration.stage import CLOSED, CLOSING, Stage

HERE = Reach(HOST_ACCOUNT)


class Real:
    """The functions of `access.aws`, speaking to the local AWS."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.arn = stage, stage.role.arn
        self.read_role, self.read_roles, self.read_trust = aws.read_role, aws.read_roles, aws.read_trust
        self.write_trust, self.write_closing = aws.write_trust, aws.write_closing

    def make_principal(self, arn: str) -> None:
        self.stage.outsider(arn.rsplit("/", 1)[1])

    def delete_principal(self, arn: str) -> None:
        self.stage.dismiss(arn)


def fake(stage: Stage) -> FakeIam:
    made = FakeIam()
    made.make_role(stage.role.arn, CLOSED)
    return made


def allow(principal: str, sid: str = "one") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def shape(answer: Any) -> Any:
    """Leave out what no two worlds share: unique ids."""
    return re.sub(r"(AIDA|AROA)[A-Z0-9]{8,}", r"\1…", repr(answer))


def story(world: Any, arn: str, people: list[str]) -> list[Any]:
    """Do everything that matters once, and give what was answered."""
    richard, rosa = people
    answers: list[Any] = []

    def do(call: Callable[[], Any]) -> None:
        try:
            answers.append(shape(call()))
        except aws.AwsError as error:
            answers.append((type(error).__name__, getattr(error, "principals", ())))

    def read() -> Any:
        return world.read_role(reach=HERE, arn=arn, closing_name=CLOSING)

    world.make_principal(richard)
    do(read)
    do(lambda: world.write_trust(reach=HERE, arn=arn, policy=document(allow(richard))))
    do(lambda: world.write_trust(reach=HERE, arn=arn, policy=document(allow(richard), allow(rosa, "two"))))
    do(read)
    world.delete_principal(richard)
    do(read)
    do(lambda: world.write_trust(reach=HERE, arn=arn, policy=document(allow(richard))))
    world.make_principal(richard)
    do(lambda: world.read_trust(reach=HERE, arn=arn))
    do(lambda: world.write_trust(reach=HERE, arn=arn, policy=document(allow(richard))))
    do(lambda: world.read_trust(reach=HERE, arn=arn))
    do(lambda: world.write_trust(reach=HERE, arn=arn, policy=document(*(allow(richard, f"s{n}") for n in range(20)))))
    do(
        lambda: world.write_closing(
            reach=HERE, arn=arn, name=CLOSING, policy=document({"Effect": "Deny", "Action": "*", "Resource": "*"})
        )
    )
    do(read)
    do(lambda: world.read_roles(reach=HERE, closing_name=CLOSING)[arn])
    do(lambda: world.write_closing(reach=HERE, arn=arn, name=CLOSING, policy=None))
    do(lambda: world.write_closing(reach=HERE, arn=arn, name=CLOSING, policy=None))
    do(read)
    do(lambda: world.read_role(reach=HERE, arn=arn + "-not-there", closing_name=CLOSING))
    return answers


@pytest.mark.django_db
def test_the_fake_answers_as_the_local_aws_does(stage: Stage) -> None:
    names = [stage.aws.fresh("Richard"), stage.aws.fresh("Rosa")]
    people = [f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:user/{name}" for name in names]
    assert story(fake(stage), stage.role.arn, people) == story(Real(stage), stage.role.arn, people)
