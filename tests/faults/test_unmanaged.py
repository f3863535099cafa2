"""R12: somebody adds an Allow beside the default-deny statement, which then admits nobody all the same."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from access.models import AuditEvent, Role, UnmanagedStatement
from tests.faults.approvals import ContractorUser
from tests.faults.counts import times
from tests.faults.environment import wait_until
from tests.faults.tenant import DEFAULT_DENY, Tenant
from tests.localaws.server import HOST_ACCOUNT

SWEEPS = 3  # for which nobody is admitted after what was waited for
LOCK: dict[str, Any] = DEFAULT_DENY["Statement"][0]  # type: ignore[assignment]


def allow(contractor: ContractorUser, sid: str = "Debug") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": contractor.arn}, "Action": "sts:AssumeRole"}


def is_admitted(tenant: Tenant, contractor: ContractorUser, role: Role) -> bool:
    """Return whether AWS admits somebody without any approval."""
    sts = tenant.env.aws.as_(contractor.keys, "sts")
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/{role.name}"
    try:
        sts.assume_role(RoleArn=arn, RoleSessionName="somebody")
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def watch(tenant: Tenant, contractor: ContractorUser, role: Role, until: Callable[[], object], what: str) -> None:
    """See that nobody is admitted until it is so, however long that takes, and for some sweeps more."""

    def is_so() -> bool:
        assert not is_admitted(tenant, contractor, role)
        return bool(until())

    wait_until(is_so, what)
    last = tenant.env.sweeps() + SWEEPS
    wait_until(lambda: is_so() and tenant.env.sweeps() >= last, f"{what} for {SWEEPS} sweeps")


def is_closed(tenant: Tenant, role: Role) -> bool:
    """Return whether the role's trust policy is the default-deny statement and nothing else."""
    return tenant.trust(role.name) == DEFAULT_DENY


def on_record(verb: str, role: Role) -> list[str]:
    events = AuditEvent.objects.filter(verb=verb, subject__endswith=f"/{role.name}")
    return [str(details["sid"]) for details in events.values_list("details", flat=True)]


@pytest.mark.busy
@pytest.mark.parametrize("round_", range(times(1, 25)))
def test_an_allow_beside_the_default_deny_statement_is_removed_before_it_admits_anybody(
    tenant: Tenant, round_: int
) -> None:
    role, stranger = tenant.role(), tenant.contractors[1]
    tenant.settle()
    tenant.write_trust(role.name, [LOCK, allow(stranger)])
    watch(tenant, stranger, role, lambda: on_record("role.statement_removed", role), "the statement is removed")
    assert is_closed(tenant, role)
    assert on_record("role.unmanaged_statement", role) == on_record("role.statement_removed", role) == ["Debug"]
    tenant.write_trust(role.name, [LOCK, allow(stranger)])
    wait_until(lambda: is_closed(tenant, role), "the statement is removed again")
    wait_until(lambda: UnmanagedStatement.objects.filter(role=role, is_urgent=True).exists(), "that is urgent")


def test_an_allow_is_removed_even_if_aws_fails_for_a_while(tenant: Tenant) -> None:
    role, stranger = tenant.role(), tenant.contractors[1]
    tenant.settle()
    lists = tenant.env.aws.fault("GetAccountAuthorizationDetails", "error", status=503, times=2)
    reads = tenant.env.aws.fault("GetRole", "error", status=503, role=role.name, times=2)
    tenant.write_trust(role.name, [LOCK, allow(stranger)])
    # Only the worker must meet the faults, so nobody else reads the role before.
    for fault in (lists, reads):
        tenant.env.await_met(fault)
    watch(tenant, stranger, role, lambda: is_closed(tenant, role), "the statement is removed")


@pytest.mark.busy
@pytest.mark.parametrize("round_", range(times(1, 25)))
def test_no_grant_is_written_beside_an_allow_held_back_by_the_default_deny_statement(
    tenant: Tenant, round_: int
) -> None:
    role, stranger = tenant.role(is_managed=False), tenant.contractors[1]
    tenant.settle()
    tenant.write_trust(role.name, [LOCK, allow(stranger)])
    approval = tenant.create_grant(role)
    watch(tenant, stranger, role, lambda: "unmanaged_statement" in tenant.problems(approval), "the problem is told")
    assert {statement["Sid"] for statement in tenant.trust(role.name)["Statement"]} == {"dpclosed", "Debug"}
    tenant.write_trust(role.name, [LOCK])
    tenant.settle()
    assert tenant.is_admitted(approval)
    tenant.write_trust(role.name, [LOCK, *tenant.trust(role.name)["Statement"], allow(stranger, "Again")])
    tenant.revoke(approval)
    watch(tenant, stranger, role, lambda: tenant.state(approval) == "ended", "the grant is called ended")
