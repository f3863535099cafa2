"""One local AWS for all the tests of it; each test gets it empty."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.localaws.example import Example, make_example
from tests.localaws.server import LocalAws, local_aws, start


@pytest.fixture(scope="session")
def shared_aws() -> Iterator[LocalAws]:
    with local_aws() as aws:
        yield aws


@pytest.fixture
def aws(shared_aws: LocalAws) -> LocalAws:
    shared_aws.reset()
    return shared_aws


@pytest.fixture
def begin() -> Iterator[Callable[..., LocalAws]]:
    """Yield a function that starts local AWSes; those still running at the end of the test are stopped."""
    begun: list[LocalAws] = []

    def begin_one(**options: Any) -> LocalAws:
        begun.append(start(**options))
        return begun[-1]

    yield begin_one
    for aws in begun:
        aws.stop(signal.SIGKILL)


@pytest.fixture
def example(aws: LocalAws) -> Example:
    return make_example(aws)
