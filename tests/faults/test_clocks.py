"""A3: a clock of a process, or AWS's, is wrong or jumps: nobody is admitted, and revoked grants are denied."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from access import clock, skew
from access.models import Account, ClockEpisode, Role, RoleState
from tests.faults.approvals import Approval
from tests.faults.counts import EVERY_KIND, times
from tests.faults.environment import ALL_WORKERS, Environment, wait_until
from tests.faults.oracle import Document, denies
from tests.faults.tenant import Tenant
from tests.faults.test_takeover import is_denied
from tests.refusals import refusing

HOUR = 3600
AHEAD = [HOUR, -HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR, 45, -45]


@pytest.mark.busy
@pytest.mark.parametrize("ahead", AHEAD if EVERY_KIND else [HOUR])
def test_a_worker_with_a_wrong_clock_denies_revoked_grants_and_admits_nobody(tenant: Tenant, ahead: int) -> None:
    revoked, other, env = admitted(tenant), admitted(tenant), tenant.env
    env.kill(*ALL_WORKERS)
    new = tenant.create_grant(tenant.role())
    for name in ALL_WORKERS:
        env.set_clock(name, ahead=ahead)
    tenant.revoke(revoked)
    expiry_policy = tenant.expiry_policy(other.role)
    must_be_out(tenant, revoked)
    tenant.await_problem(new, "clock_skew")
    assert not tenant.is_admitted(new)
    assert is_denied_as_before(tenant, other, expiry_policy)
    must_be_told(tenant)
    env.heal()
    must_admit_again(tenant, new)


@pytest.mark.busy
@pytest.mark.parametrize("ahead", AHEAD if EVERY_KIND else [-HOUR])
def test_while_the_clock_of_aws_differs_revoked_grants_are_denied_and_nobody_is_admitted(
    tenant: Tenant, ahead: int
) -> None:
    revoked, env = admitted(tenant), tenant.env
    env.kill(*ALL_WORKERS)
    new = tenant.create_grant(tenant.role())
    env.aws.settings(date_skew_seconds=ahead)
    env.start(*ALL_WORKERS)
    tenant.revoke(revoked)
    must_be_out(tenant, revoked)
    tenant.await_problem(new, "clock_skew")
    assert not tenant.is_admitted(new)
    must_be_told(tenant)
    env.heal()
    must_admit_again(tenant, new)


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_clocks_that_jump_back_and_forth_stop_no_sweep_and_no_revocation(tenant: Tenant, round_: int) -> None:
    env = tenant.env
    approvals = [admitted(tenant) for _ in range(3)]
    for name in (*ALL_WORKERS, "beat"):
        env.set_clock(name, ahead=0)
    env.await_sweeps(1)
    for approval, ahead in zip(approvals, (HOUR, -HOUR, 0), strict=True):
        for name in (*ALL_WORKERS, "beat"):
            env.set_clock(name, ahead=ahead)
        tenant.revoke(approval)
        env.redis().flushall()  # only a sweep can find it
        must_be_out(tenant, approval)
        env.await_sweeps(2)
    env.heal()
    must_admit_again(tenant)


def test_a_write_while_the_clock_was_ahead_does_not_outlive_that(tenant: Tenant) -> None:
    approval, env = admitted(tenant), tenant.env
    for name in ALL_WORKERS:
        env.set_clock(name, ahead=0)
    env.await_sweeps(1)
    fault = env.aws.fault("*", "error", status=503)
    for name in ALL_WORKERS:
        env.set_clock(name, ahead=HOUR)
    tenant.revoke(approval)
    wait_until(lambda: Role.objects.get(pk=tenant.roles[0].pk).state.failures > 1, f"two tries meet {fault}")
    env.heal()
    must_be_out(tenant, approval)


def test_times_that_are_far_ahead_delay_nothing(tenant: Tenant) -> None:
    """What the database's own clock wrote an hour ahead, before somebody set it right."""
    approval, env = admitted(tenant), tenant.env
    env.kill(*ALL_WORKERS)
    tenant.revoke(approval)
    far = timezone.now() + timedelta(hours=1)
    RoleState.objects.filter(role__name=approval.role).update(
        retry_at=far, lease_holder="dead", leased_until=far, settle_until=far, reconciled_at=far, waiting_since=far
    )
    Account.objects.update(unreachable_at=far, throttled_at=far, next_write_at=far, trust_quota_read_at=far)
    env.redis().flushall()
    env.start(*ALL_WORKERS)
    must_be_out(tenant, approval)


def admitted(tenant: Tenant) -> Approval:
    """Return access to somebody who has a session by it, once the clocks agree: the test before may have set them."""
    wait_until(lambda: not skew.found(now=clock.now()), lambda: str(skew.found(now=clock.now())))
    approval = tenant.create_grant(tenant.role())
    tenant.await_state(approval, "active")
    assert tenant.is_admitted(approval)
    assert tenant.can_upload(approval)
    return approval


def must_be_out(tenant: Tenant, approval: Approval) -> None:
    """Return when the contractor is out: no new session, none that continues, and the portal says so."""
    wait_until(lambda: is_denied(tenant, approval), "the sessions are denied")
    wait_until(lambda: not tenant.is_admitted(approval), "nobody is admitted")
    assert not tenant.can_upload(approval)
    tenant.await_state(approval, "ended")


def is_denied_as_before(tenant: Tenant, approval: Approval, before: Document | None) -> bool:
    """Return whether the Deny of a grant that continues is unchanged."""
    user_id = f"{tenant.unique_id(approval.role)}:{approval.session_name}"
    edges = [approval.ends_at + timedelta(seconds=offset) for offset in (-1, 0, 1, 13 * HOUR)]
    expiry_policy = tenant.expiry_policy(approval.role)
    return [denies(expiry_policy, user_id, at) for at in edges] == [denies(before, user_id, at) for at in edges]


def must_be_told(tenant: Tenant) -> None:
    """Return when machines and administrators are informed, and approvers are refused."""
    wait_until(lambda: "clocks" in readyz(tenant.env)["codes"], "/readyz says that clocks differ")
    wait_until(lambda: ClockEpisode.objects.filter(ended_at=None, notified_at__isnull=False), "they are notified")
    mails = tenant.env.stack.options.var / "mail"
    assert any("clocks differ" in file.read_text() for file in mails.iterdir())
    with refusing("clock_skew"):
        tenant.create_grant(tenant.roles[0])


def readyz(env: Environment) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{env.stack.options.url}/readyz", timeout=10).json()
    return answer


def must_admit_again(tenant: Tenant, *waiting: Approval) -> None:
    """Return when the clocks agree again, and what waited is given."""
    wait_until(lambda: not skew.found(now=clock.now()), lambda: str(skew.found(now=clock.now())))
    for approval in waiting:
        tenant.await_state(approval, "active")
        assert tenant.is_admitted(approval)
    tenant.settle()
