"""R07, R08, R12: AWS throttles, fails, answers late or with stale reads, and people edit IAM by hand meanwhile."""

import random
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.models import Role
from tests.faults import audit
from tests.faults.approvals import Approval
from tests.faults.counts import FULL, times
from tests.faults.environment import PATIENCE, wait_until
from tests.faults.history import NEVER
from tests.faults.oracle import admits
from tests.faults.stale import stale_aws
from tests.faults.tenant import Tenant

SECONDS = times(1, 180)
LONGEST_PAUSE = 60  # seconds between two tries of a role that has failed for a while
TROUBLES: dict[str, list[dict[str, Any]]] = {
    "everything is throttled": [{"kind": "throttle"}],
    "IAM is unavailable": [{"kind": "error", "status": 503}],
    "a third of the calls is throttled, fails or loses its answer": [
        {"kind": "throttle", "probability": 0.13},
        {"kind": "error", "status": 500, "probability": 0.13},
        {"kind": "lost", "status": 500, "probability": 0.13},
    ],
}
ONE_BY_ONE: dict[str, list[dict[str, Any]]] = {
    "a third of the calls is throttled": [{"kind": "throttle", "probability": 0.3}],
    "a third of the calls fails": [{"kind": "error", "status": 500, "probability": 0.3}],
    "a third of the answers is lost": [{"kind": "lost", "status": 500, "probability": 0.3}],
}
if FULL:
    TROUBLES |= ONE_BY_ONE
ONE_ROLE: dict[str, tuple[dict[str, Any], str]] = {
    "access is denied": ({"kind": "error", "status": 403, "code": "AccessDenied"}, "aws_denied"),
    "the policy is full": ({"kind": "error", "status": 409, "code": "LimitExceeded"}, "policy_full"),
    "IAM changes it elsewhere": ({"kind": "error", "status": 409, "code": "ConcurrentModification"}, "aws_unavailable"),
    # A worker waits for three roles at most: so many slots it has.
    "IAM is slower than we wait": ({"kind": "slow", "seconds": 10 if FULL else 2.5}, "aws_unavailable"),
    **({"IAM is silent": ({"kind": "slow", "seconds": 70}, "aws_unavailable")} if FULL else {}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_decisions_made_while_aws_fails_take_effect_when_it_recovers(tenant: Tenant, trouble: str) -> None:
    roles, aws = [tenant.role(), tenant.role()], tenant.env.aws
    early = [tenant.create_grant(role) for role in roles]
    tenant.settle()
    for fault in TROUBLES[trouble]:
        aws.fault("*", **fault)
    since = aws.calls()[-1]["n"]
    late = [tenant.create_grant(role, who=1) for role in roles]
    tenant.revoke(early[0])
    time.sleep(SECONDS)
    if all("probability" not in fault for fault in TROUBLES[trouble]):
        wait_until(lambda: tenant.problems(late[0]), "the worker has given up once")
    if "throttle" in trouble:
        assert most_writes_in(aws.calls(since), seconds=3) <= 3 * 5 + 1
    aws.clear_faults()
    tenant.settle()
    assert tenant.is_admitted(late[0])
    assert not tenant.is_admitted(early[0])


@pytest.mark.parametrize("round_", range(times(1, 20)))
def test_trouble_with_single_roles_is_reported_delays_no_other_and_leaves_nothing_open(
    tenant: Tenant, round_: int
) -> None:
    given_up = _revoked_after_a_write_was_given_up(tenant)
    aws, since = tenant.env.aws, time.monotonic()
    sick = {name: tenant.role() for name in ONE_ROLE}
    for name, (fault, _) in ONE_ROLE.items():
        aws.fault(action="UpdateAssumeRolePolicy", role=sick[name].name, **fault)
    waiting = {name: tenant.create_grant(role) for name, role in sick.items()}
    for healthy in [tenant.create_grant(tenant.role()) for _ in range(3)]:
        tenant.await_state(healthy, "active")
    for name, (_, word) in ONE_ROLE.items():
        tenant.await_problem(waiting[name], word)
    time.sleep(times(0, 60))
    aws.clear_faults()
    calls, seconds = aws.calls(), time.monotonic() - since
    for name, approval in waiting.items():
        tries = sum(is_write(call) and call["params"]["RoleName"] == approval.role for call in calls)
        assert tries <= most_tries(seconds), name
        tenant.await_state(approval, "active", seconds=PATIENCE + LONGEST_PAUSE)
    _assert_opened_for_a_while(tenant, given_up)


def test_one_missing_principal_does_not_delay_the_others_of_its_role(tenant: Tenant) -> None:
    role, gone = tenant.role(), tenant.contractors[0]
    tenant.dismiss(gone)
    missing, other = tenant.create_grant(role), tenant.create_grant(role, who=1)
    tenant.await_state(other, "active")
    tenant.await_state(missing, "blocked")
    assert "principal_missing" in tenant.problems(missing)
    tenant.revoke(missing)


def _revoked_after_a_write_was_given_up(tenant: Tenant) -> Approval:
    """Return what was revoked while a write that admits somebody was in flight, and nobody waited for it any more."""
    role, aws = tenant.role(), tenant.env.aws
    fault = aws.fault("UpdateAssumeRolePolicy", "slow", seconds=4, times=1, role=role.name)
    # Nobody writes it again before the revocation, however long that takes.
    aws.fault("UpdateAssumeRolePolicy", "error", status=503, role=role.name, after=fault["id"])
    approval = tenant.create_grant(role)
    tenant.env.await_met(fault)
    tenant.await_problem(approval, "aws_unavailable")
    tenant.revoke(approval)
    aws.clear_faults()
    return approval


def _assert_opened_for_a_while(tenant: Tenant, approval: Approval) -> None:
    """Assert that the late write took effect, and was undone before the grant was called ended."""
    tenant.await_state(approval, "ended")
    assert not tenant.is_admitted(approval)
    writes = tenant.writes(approval.role)
    (late,) = [change for change in writes if admits(change.trust, approval.caller, late_in(approval))]
    assert late.until < NEVER


@pytest.mark.parametrize("stale_seconds", [5, 30] if FULL else [1])
def test_stale_reads_from_iam_do_not_cause_repeated_writes(tenant: Tenant, stale_seconds: int) -> None:
    role, env = tenant.role(), tenant.env
    tenant.reads_are_stale = timedelta(seconds=stale_seconds)
    with stale_aws(env.aws.url, seconds=stale_seconds) as port:
        env.aws_proxy.lead_to(port)
        approval = tenant.create_grant(role)
        tenant.await_state(approval, "active")
        tenant.revoke(approval)
        tenant.await_state(approval, "ended")
        wait_until(lambda: has_come_to_rest(tenant, role), "no read is stale any more and this role is in sync")
        known = len(tenant.writes(role.name))
        env.sweep(5)
        wait_until(lambda: has_come_to_rest(tenant, role), "all that the sweeps asked for is done")
        env.aws_proxy.lead_to(env.aws.port)
    assert len(tenant.writes(role.name)) == known <= 4 + 2 * 2 * tries_within(stale_seconds)


def has_come_to_rest(tenant: Tenant, role: Role) -> bool:
    """Return whether the last write is longer ago than reads are stale, and the worker has nothing more to do."""
    row, last = Role.objects.get(pk=role.pk).state, tenant.writes(role.name)[-1].since
    is_in_sync = row.reconciled_generation == row.generation and not row.failures and not row.lease_holder
    is_empty = not any(tenant.env.redis().llen(queue) for queue in ("default", "urgent"))
    return is_in_sync and is_empty and timezone.now() > last + tenant.reads_are_stale


@pytest.mark.busy
@pytest.mark.parametrize("round_", range(times(1, 25)))
def test_edits_by_hand_at_any_moment_survive_or_go_on_record(tenant: Tenant, round_: int) -> None:
    chance = random.Random(20261124 + round_)
    kinds = [True, False] * 2 if times(4, 1) > 1 else [round_ % 2 == 0]
    roles, env = [tenant.role(is_managed=is_managed) for is_managed in kinds], tenant.env
    for role in roles:
        env.aws.fault("GetRole", "slow", seconds=0.3, probability=0.5, role=role.name)
    for number in range(times(3, 40)):
        approvals = [tenant.create_grant(role, who=number) for role in roles]
        for role in roles:
            time.sleep(chance.uniform(0, 0.6 / len(roles)))
            tenant.edit(role.name, keep=chance.random() < 0.7)
        time.sleep(chance.uniform(0, 0.6))
        for approval in approvals:
            tenant.revoke(approval)
            if chance.random() < 0.3:
                tenant.drop_expiry_policy(approval.role)
    env.aws.clear_faults()
    tenant.settle()
    print(f"edits within the flight of one call: {audit.overwritten_in_flight(tenant)}")


def most_writes_in(calls: list[dict[str, Any]], *, seconds: float) -> int:
    """Return the largest number of writes to IAM that the worker tried in any span of this length."""
    moments = [datetime.fromisoformat(call["at"]) for call in calls if is_write(call)]
    spans = ((start, start + timedelta(seconds=seconds)) for start in moments)
    return max((sum(start <= moment < end for moment in moments) for start, end in spans), default=0)


def is_write(call: dict[str, Any]) -> bool:
    """Return whether the worker tried to write to IAM."""
    return "daypass-worker" in call["caller"] and call["action"] in {"UpdateAssumeRolePolicy", "PutRolePolicy"}


def most_tries(seconds: float) -> int:
    """Return how many writes to one role may be tried in this time.

    The expiry policy is written once. The pauses between two tries of the other are at least half a second, one, two
    and so on up to half a minute; a message that comes meanwhile, and the sweep's own, may each cost one more.
    """
    pauses, spent = 0, 0.0
    while spent < seconds:
        spent += min(30.0, 0.5 * 2**pauses)
        pauses += 1
    return 1 + 2 * (1 + pauses)


def tries_within(seconds: float) -> int:
    """Return how many more tries of a role there can be in this time after one that did not find what it wrote."""
    pauses, spent = 0, 0.5
    while spent <= seconds:
        pauses += 1
        spent += min(30.0, 0.5 * 2**pauses)
    return pauses


def late_in(approval: Approval) -> datetime:
    """Return a moment shortly before the end of the window."""
    return approval.ends_at - timedelta(seconds=1)
