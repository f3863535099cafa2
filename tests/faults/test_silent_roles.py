"""R07: many roles for which AWS gives no answer delay the grants of no other role."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from access.models import Account, Role, RoleState
from tests.faults.counts import FULL
from tests.faults.environment import PATIENCE, wait_until
from tests.faults.tenant import Tenant
from tests.faults.test_revocations import is_denied

SILENT = 22  # more than there are processes and threads for one account
LATE = 5  # seconds after which AWS answers, longer than anybody waits


@contextmanager
def silent(tenant: Tenant, roles: list[Role], *, own_account: bool) -> Iterator[None]:
    """Let AWS not answer reads of these roles, which are in an account of their own, or in that of all others."""
    usual = roles[0].account
    rows = Role.objects.filter(pk__in=[role.pk for role in roles])
    if own_account:
        rows.update(account=Account.objects.create(account_id=f"3{roles[0].pk:011d}", name="Silent"))
    for role in roles:
        for action in ("GetRole", "GetRolePolicy"):
            tenant.env.aws.fault(action, "slow", seconds=LATE, role=role.name)
    try:
        yield
    finally:
        tenant.env.aws.clear_faults()
        rows.update(account=usual)


# Each takes minutes: all of them are in `make faults`.
OWN_ACCOUNT = {"another account": True} | ({"the same account": False} if FULL else {})


@pytest.mark.parametrize("own_account", OWN_ACCOUNT.values(), ids=list(OWN_ACCOUNT))
def test_roles_that_do_not_answer_delay_no_other_revocation(tenant: Tenant, own_account: bool) -> None:
    roles, role = [tenant.role() for _ in range(SILENT)], tenant.role()
    revoked = [tenant.create_grant(one) for one in roles]
    healthy = tenant.create_grant(role)
    tenant.settle()
    with silent(tenant, roles, own_account=own_account):
        for approval in revoked:
            tenant.revoke(approval)
        wait_until(lambda: unanswered(roles), "one of them got no answer")
        tenant.revoke(healthy)
        wait_until(lambda: is_denied(tenant, healthy), "the Deny of the healthy role is in AWS")
        tenant.await_state(healthy, "ended")
        wait_until(lambda: all(is_denied(tenant, one) for one in revoked), "all others", seconds=2 * PATIENCE)
        assert unanswered(roles)
    must_recover(tenant, roles)


def test_roles_that_do_not_answer_delay_no_new_grant_in_another_account(tenant: Tenant) -> None:
    roles, role = [tenant.role() for _ in range(SILENT)], tenant.role()
    with silent(tenant, roles, own_account=True):
        for one in roles:
            tenant.create_grant(one)
        wait_until(lambda: unanswered(roles), "one of them got no answer")
        tenant.await_state(tenant.create_grant(role), "active")
        assert unanswered(roles)
    must_recover(tenant, roles)


def unanswered(roles: list[Role]) -> bool:
    """Return whether an attempt at one of these roles got no answer."""
    return Role.objects.filter(pk__in=[role.pk for role in roles], state__problem_code="aws_silent").exists()


def must_recover(tenant: Tenant, roles: list[Role]) -> None:
    """Return when everything is as it should be, after pauses that are long by now."""
    RoleState.objects.filter(pk__in=[role.pk for role in roles]).update(retry_at=None)
    tenant.settle(seconds=2 * PATIENCE)
