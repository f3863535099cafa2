"""R12: somebody adds an Allow beside the default-deny statement, which then admits nobody all the same."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from access.models import AuditEvent, Role, UnmanagedStatement
from tests.faults.approvals import Outsider
from tests.faults.company import CLOSED, Company
from tests.faults.counts import times
from tests.faults.house import wait_until
from tests.localaws.server import HOST_ACCOUNT

SWEEPS = 4  # with the sweeps of a second that the house has
LOCK: dict[str, Any] = CLOSED["Statement"][0]  # type: ignore[assignment]


def allow(outsider: Outsider, sid: str = "Debug") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": outsider.arn}, "Action": "sts:AssumeRole"}


def is_admitted(company: Company, outsider: Outsider, role: Role) -> bool:
    """Whether AWS lets somebody in who was approved for nothing."""
    sts = company.house.aws.as_(outsider.keys, "sts")
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/{role.name}"
    try:
        sts.assume_role(RoleArn=arn, RoleSessionName="somebody")
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def watch(company: Company, outsider: Outsider, role: Role) -> None:
    """See that nobody is admitted for some sweeps."""
    last = time.monotonic() + SWEEPS
    while time.monotonic() < last:
        assert not is_admitted(company, outsider, role)
        time.sleep(0.1)


def on_record(verb: str, role: Role) -> list[str]:
    events = AuditEvent.objects.filter(verb=verb, subject__endswith=f"/{role.name}")
    return [str(details["sid"]) for details in events.values_list("details", flat=True)]


@pytest.mark.busy
@pytest.mark.parametrize("round_", range(times(1, 25)))
def test_an_allow_beside_the_lock_of_a_managed_role_is_removed_before_it_admits_anybody(
    company: Company, round_: int
) -> None:
    role, stranger = company.role(), company.outsiders[1]
    company.settle()
    company.write_trust(role.name, [LOCK, allow(stranger)])
    watch(company, stranger, role)
    assert company.trust(role.name) == CLOSED
    assert on_record("role.unmanaged_statement", role) == on_record("role.statement_removed", role) == ["Debug"]
    company.write_trust(role.name, [LOCK, allow(stranger)])
    wait_until(lambda: company.trust(role.name) == CLOSED, "the statement is removed again")
    wait_until(lambda: UnmanagedStatement.objects.filter(role=role, is_urgent=True).exists(), "that is urgent")


def test_an_allow_is_removed_although_aws_fails_for_a_while(company: Company) -> None:
    role, stranger = company.role(), company.outsiders[1]
    company.settle()
    company.house.aws.fault("GetAccountAuthorizationDetails", "error", status=503, times=2)
    company.house.aws.fault("GetRole", "error", status=503, role=role.name, times=2)
    company.write_trust(role.name, [LOCK, allow(stranger)])
    watch(company, stranger, role)
    wait_until(lambda: company.trust(role.name) == CLOSED, "the statement is removed")


@pytest.mark.busy
@pytest.mark.parametrize("round_", range(times(1, 25)))
def test_no_grant_of_an_imported_role_is_written_beside_an_allow_that_the_lock_holds_back(
    company: Company, round_: int
) -> None:
    role, stranger = company.role(is_managed=False), company.outsiders[1]
    company.settle()
    company.write_trust(role.name, [LOCK, allow(stranger)])
    approval = company.give(role)
    company.await_problem(approval, "unmanaged_statement")
    watch(company, stranger, role)
    assert {statement["Sid"] for statement in company.trust(role.name)["Statement"]} == {"dpclosed", "Debug"}
    company.write_trust(role.name, [LOCK])
    company.settle()
    assert company.is_let_in(approval)
    company.write_trust(role.name, [LOCK, *company.trust(role.name)["Statement"], allow(stranger, "Again")])
    company.revoke(approval)
    company.await_state(approval, "ended")
    watch(company, stranger, role)
