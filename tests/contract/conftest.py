"""The stages that the contract is played on."""

from collections.abc import Iterator

import pytest

from tests.contract.rows import Play
from tests.contract.sandbox import local_sandbox, real_sandbox
from tests.localaws.server import local_aws


@pytest.fixture(scope="session")
def local_play() -> Iterator[Play]:
    with local_aws() as aws, local_sandbox(aws) as sandbox:
        yield Play(sandbox)


@pytest.fixture(scope="session")
def real_play() -> Iterator[Play]:
    with real_sandbox() as sandbox:
        yield Play(sandbox)
