"""One house for the tests of one process, on PostgreSQL; each test has a company and roles of its own in it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from dev.postgres import Postgres
from tests.faults.audit import lived
from tests.faults.company import Company
from tests.faults.counts import FULL
from tests.faults.house import House, house

LIVES = 60  # companies in one house: every sweep reads the roles of all that were there before


class Houses:
    """The house that tests are in, which is left for a new one when too many have lived there."""

    def __init__(self, directory: Path, server: Postgres) -> None:
        self._directory, self._server = directory, server
        self._open = ExitStack()
        self._lives = 0
        self._house: House | None = None

    def enter(self) -> House:
        if self._house is None or self._lives % LIVES == 0:
            self.leave()
            name = f"faults{self._lives // LIVES}"
            database_url = self._server.create(name)
            self._house = self._open.enter_context(house(self._directory / name, database_url=database_url))
        self._lives += 1
        return self._house

    def leave(self) -> None:
        self._open.close()


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[Houses]:
    street = Houses(tmp_path_factory.mktemp("houses"), postgres_server)
    yield street
    street.leave()


@pytest.fixture
def company(request: pytest.FixtureRequest, houses: Houses, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    """People at work in a house without faults; when the test is over, all that happened is judged.

    In `make faults` the workload goes on aside of every test, in `make test` of those that are marked `busy`.
    """
    is_busy = FULL or request.node.get_closest_marker("busy") is not None
    with django_db_blocker.unblock(), lived(houses.enter(), is_busy=is_busy) as company:
        yield company
