"""The judge and the audit themselves: they see what they are there to see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults import audit
from tests.faults.approvals import Approval, ContractorUser
from tests.faults.history import NEVER, Change
from tests.faults.oracle import Caller, admits, denies
from tests.faults.tenant import Tenant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
RICHARD, MALLORY = (f"arn:aws:iam::222222222222:user/{name}" for name in ("Richard", "Mallory"))
NAME = "dpricharddricha"


def statement(**different: Any) -> dict[str, Any]:
    """Return Richard's statement, from noon for an hour."""
    dates = {
        "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T12:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": different.pop("end", "2026-11-24T13:00:00Z")},
    }
    return {
        "Sid": NAME,
        "Effect": "Allow",
        "Principal": {"AWS": RICHARD},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:RoleSessionName": NAME}, **dates},
    } | different


def trust(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("caller", "at", "is_in"),
    [
        (Caller(RICHARD, NAME), NOON, True),
        (Caller(RICHARD, NAME), NOON - SECOND / 5, False),
        (Caller(RICHARD, NAME), NOON + HOUR - SECOND / 5, True),
        (Caller(RICHARD, NAME), NOON + HOUR, False),
        (Caller(RICHARD, "other"), NOON, False),
        (Caller(MALLORY, NAME), NOON, False),
    ],
)
def test_the_oracle_reads_a_statement_as_iam_does(caller: Caller, at: datetime, is_in: bool) -> None:
    assert admits(trust(statement()), caller, at) is is_in
    everybody_denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    assert not admits(trust(statement(), everybody_denied), caller, at)


def test_the_oracle_does_not_guess_unknown_conditions() -> None:
    unknown = {"StringNotEquals": {"sts:RoleSessionName": "x"}}
    with pytest.raises(KeyError):
        admits(trust(statement(Condition=unknown)), Caller(RICHARD, NAME), NOON)


def test_a_dated_deny_counts_from_its_date() -> None:
    condition = {
        "StringEquals": {"aws:userid": f"AROA:{NAME}"},
        "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T13:00:00Z"},
    }
    expiry_policy = trust({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
    assert denies(expiry_policy, f"AROA:{NAME}", NOON + HOUR)
    assert not denies(expiry_policy, f"AROA:{NAME}", NOON + HOUR - SECOND / 5)
    assert not denies(expiry_policy, "AROA:other", NOON + HOUR)


@pytest.mark.parametrize(
    ("document", "is_trespass"),
    [
        (trust(statement()), False),
        (trust(statement(end="2026-11-24T13:00:01Z")), True),
        (trust(statement(Principal={"AWS": "222222222222"})), True),
        (trust(statement(Principal={"AWS": [RICHARD, MALLORY]})), True),
        (trust(statement(Condition={})), True),
    ],
)
def test_the_audit_finds_every_document_that_admits_more_than_was_approved(
    tenant_of_richard: Tenant, document: dict[str, Any], is_trespass: bool
) -> None:
    found = list(audit.trespasses([change(trust=document)], tenant_of_richard))
    assert bool(found) is is_trespass


def test_the_audit_finds_a_document_in_force_before_its_approval(tenant_of_richard: Tenant) -> None:
    early = change(trust=trust(statement()), since=NOON - 2 * SECOND)
    assert list(audit.trespasses([early], tenant_of_richard))


def test_the_audit_finds_a_session_that_nothing_would_end(tenant_of_richard: Tenant) -> None:
    condition = {"StringEquals": {"aws:userid": f"AROA:{NAME}"}}
    expiry_policy = trust({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
    closed = change(trust=trust(statement()), expiry_policy=expiry_policy)
    assert list(audit.unclosed([closed], tenant_of_richard)) == []
    assert list(audit.unclosed([replace(closed, expiry_policy=None)], tenant_of_richard))


def change(**different: Any) -> Change:
    facts: dict[str, Any] = {"since": NOON, "until": NEVER, "sent": NOON, "late": False, "expiry_policy": None}
    return Change(
        **{"n": 1, "role": "put", "action": "UpdateAssumeRolePolicy", "by_worker": True, **facts, **different}
    )


@pytest.fixture
def tenant_of_richard() -> Tenant:
    """Return a tenant with Richard approved a second before noon, for an hour from noon."""
    nobody: Any = None
    richard = ContractorUser(nobody, RICHARD, nobody)
    grant: Any = type("Grant", (), {"session_name": NAME})
    approval = Approval(grant, richard, "put", NOON, [(NOON - SECOND, NOON + HOUR)])
    return Tenant(nobody, nobody, nobody, [richard], [], {NAME: approval}, {"put": "AROA"})
