"""The worker dies between the commit and the write, or between the write and its answer, on the laptop's database.

On PostgreSQL, at every other step and against every other fault: `tests/faults`.
"""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.audit import lived
from tests.faults.company import Company
from tests.faults.house import WORKERS, House, house

HOLD = 1.0  # seconds that AWS keeps the call


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("killed") / "var") as running:
        yield running


@pytest.fixture
def company(on_sqlite: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), lived(on_sqlite) as company:
        yield company


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        pytest.param("GetRole", "slow", id="between the commit and the write"),
        pytest.param("UpdateAssumeRolePolicy", "lost", id="between the write and its answer"),
    ],
)
def test_what_was_approved_comes_true_although_the_worker_is_killed(company: Company, action: str, kind: str) -> None:
    role = company.role()
    fault = company.house.aws.fault(action, kind, seconds=HOLD, times=1, role=role.name)
    approval = company.give(role)
    company.house.await_met(fault)
    company.house.kill(*WORKERS)
    company.house.start(*WORKERS)
    company.await_state(approval, "active")
    assert company.is_let_in(approval)
    assert [change.action for change in company.writes(role.name)] == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
