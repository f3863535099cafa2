"""One environment for the tests of one process, on PostgreSQL; each test has a company and roles of its own in it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from dev.postgres import Postgres
from tests.faults.audit import audited_tenant
from tests.faults.counts import FULL
from tests.faults.environment import Environment, running_environment
from tests.faults.tenant import Tenant

TENANTS_EACH = 60  # companies in one environment: every sweep reads the roles of all earlier ones


class Environments:
    """The environment of the tests, which is replaced by a new one when too many tests have used it."""

    def __init__(self, directory: Path, server: Postgres) -> None:
        self._directory, self._server = directory, server
        self._open = ExitStack()
        self._tenants = 0
        self._env: Environment | None = None

    def enter(self) -> Environment:
        if self._env is None or self._tenants % TENANTS_EACH == 0:
            self.leave()
            name = f"faults{self._tenants // TENANTS_EACH}"
            database_url = self._server.create(name)
            self._env = self._open.enter_context(running_environment(self._directory / name, database_url=database_url))
        self._tenants += 1
        return self._env

    def leave(self) -> None:
        self._open.close()


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[Environments]:
    environments = Environments(tmp_path_factory.mktemp("environments"), postgres_server)
    yield environments
    environments.leave()


@pytest.fixture
def tenant(
    request: pytest.FixtureRequest, environments: Environments, django_db_blocker: DjangoDbBlocker
) -> Iterator[Tenant]:
    """People at work in an environment without faults; when the test is over, all that happened is judged.

    In `make faults` the workload runs beside every test, in `make test` of those that are marked `busy`.
    """
    is_busy = FULL or request.node.get_closest_marker("busy") is not None
    with django_db_blocker.unblock(), audited_tenant(environments.enter(), is_busy=is_busy) as tenant:
        yield tenant
