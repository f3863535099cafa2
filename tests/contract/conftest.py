"""The stages that the contract is played on."""

from collections.abc import Iterator

import pytest

from tests.contract.rows import Play
from tests.contract.stage import local_stage, real_stage
from tests.localaws.server import local_aws


@pytest.fixture(scope="session")
def local_play() -> Iterator[Play]:
    with local_aws() as aws, local_stage(aws) as stage:
        yield Play(stage)


@pytest.fixture(scope="session")
def real_play() -> Iterator[Play]:
    with real_stage() as stage:
        yield Play(stage)
