"""The worker dies between the commit and the write, or between the write and its answer, on the laptop's database.

On PostgreSQL, at every other step and against every other fault: `tests/faults`.
"""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.audit import audited_tenant
from tests.faults.environment import WORKERS, Environment, running_environment
from tests.faults.tenant import Tenant

HOLD = 1.0  # seconds that AWS keeps the call


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with running_environment(tmp_path_factory.mktemp("killed") / "var") as running:
        yield running


@pytest.fixture
def tenant(on_sqlite: Environment, django_db_blocker: DjangoDbBlocker) -> Iterator[Tenant]:
    with django_db_blocker.unblock(), audited_tenant(on_sqlite) as tenant:
        yield tenant


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        pytest.param("GetRole", "slow", id="between the commit and the write"),
        pytest.param("UpdateAssumeRolePolicy", "lost", id="between the write and its answer"),
    ],
)
def test_an_approval_takes_effect_although_the_worker_is_killed(tenant: Tenant, action: str, kind: str) -> None:
    role = tenant.role()
    fault = tenant.env.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name)
    approval = tenant.create_grant(role)
    tenant.env.await_met(fault)
    tenant.env.kill(*WORKERS)
    tenant.env.start(*WORKERS)
    tenant.await_state(approval, "active")
    assert tenant.is_admitted(approval)
    assert [change.action for change in tenant.writes(role.name)] == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
