"""One house for the tests of one process, on PostgreSQL; each test has a company and roles of its own in it."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from dev.postgres import Postgres
from tests.faults.audit import lived
from tests.faults.company import Company
from tests.faults.house import House, house


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[House]:
    var = tmp_path_factory.mktemp("house") / "var"
    with house(var, database_url=postgres_server.create("faults")) as running:
        yield running


@pytest.fixture
def company(shared_house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    """People at work in a house without faults; when the test is over, all that happened is judged."""
    with django_db_blocker.unblock(), lived(shared_house) as company:
        yield company
