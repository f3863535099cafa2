"""A1: a revocation gets into AWS whatever the worker fails with, and whatever is in the role's trust policy."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from access.models import Role
from tests.faults.approvals import Approval
from tests.faults.counts import EVERY_KIND
from tests.faults.environment import ALL_WORKERS, WORKERS, is_ready, wait_until
from tests.faults.odd import CONDITIONS, odd_statement
from tests.faults.oracle import denies
from tests.faults.tenant import Tenant

BROKEN = ("snapshot", "judging", "planning", "recording") if EVERY_KIND else ("judging",)
SOME = (
    CONDITIONS if EVERY_KIND else {name: CONDITIONS[name] for name in ("a date of 13 digits", "a network that is none")}
)


@pytest.mark.busy
@pytest.mark.parametrize("part", BROKEN)
def test_a_worker_that_fails_at_every_role_still_denies_revoked_grants(
    tenant: Tenant, tmp_path: Path, part: str
) -> None:
    role, env = tenant.role(), tenant.env
    revoked, other = tenant.create_grant(role), tenant.create_grant(role, who=1)
    for approval in (revoked, other):
        tenant.await_state(approval, "active")
        assert tenant.is_admitted(approval)
        assert tenant.can_upload(approval)
    env.kill(*ALL_WORKERS)
    with env.neighbour(tmp_path / "var", app=f"tests.faults.broken:{part}") as broken:
        broken.start_daypass(WORKERS)
        wait_until(lambda: is_ready(broken), "the broken worker is up")
        tenant.revoke(revoked)
        wait_until(lambda: is_denied(tenant, revoked), "the Deny is in AWS")
        assert not tenant.can_upload(revoked)
        assert tenant.can_upload(other)
        wait_until(lambda: Role.objects.get(pk=role.pk).state.failures > 0, "the failure counts")
        assert Role.objects.get(pk=role.pk).state.problem == "internal_error"
    env.heal()
    for one in tenant.roles:
        tenant.enqueue(one)  # after so many failures the pauses are long
    tenant.await_state(revoked, "ended")
    assert not tenant.is_admitted(revoked)
    assert tenant.can_upload(other)


@pytest.mark.busy
@pytest.mark.parametrize("condition", SOME.values(), ids=SOME.keys())
def test_an_undecidable_statement_beside_it_blocks_no_end(tenant: Tenant, condition: dict[str, Any]) -> None:
    role = tenant.role(is_managed=False)
    revoked, other = tenant.create_grant(role), tenant.create_grant(role, who=1)
    for approval in (revoked, other):
        tenant.await_state(approval, "active")
    tenant.put(role.name, odd_statement(condition))
    tenant.await_state(other, "blocked")
    tenant.revoke(revoked)
    tenant.await_state(revoked, "ended")
    assert is_denied(tenant, revoked)
    assert not tenant.is_admitted(revoked)
    tenant.put(role.name)
    tenant.await_state(other, "active")


def is_denied(tenant: Tenant, approval: Approval) -> bool:
    """Return whether the expiry policy that AWS shows denies the session now."""
    user_id = f"{tenant.unique_id(approval.role)}:{approval.session_name}"
    return denies(tenant.expiry_policy(approval.role), user_id, timezone.now())
