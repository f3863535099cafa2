"""R13: the audit table accepts no events. Who is revoked is out within the promise, and nobody new comes in."""

import json

import pytest
from django.db import DatabaseError

from access.ledger.subjects import subject_of
from access.models import AuditEvent, Grant, SpooledEvent
from dev.ports import get
from tests.faults.approvals import Approval
from tests.faults.counts import FULL
from tests.faults.environment import wait_until
from tests.faults.refused_audit import WAYS, is_refusal, refused
from tests.faults.tenant import Tenant

PLAYED = list(WAYS) if FULL else ["the spool raises too", "the head is locked"]


@pytest.mark.busy
@pytest.mark.parametrize("way", PLAYED)
def test_revoked_and_returned_access_ends_although_no_event_can_be_stored(tenant: Tenant, way: str) -> None:
    role = tenant.role()
    revoked, returned, kept = (tenant.create_grant(role, who=who) for who in (0, 1, 0))
    for approval in (revoked, returned, kept):
        tenant.await_state(approval, "active")
    with refused(way):
        tenant.revoke(revoked)
        tenant.return_access(returned)
        for approval in (revoked, returned):
            tenant.await_state(approval, "ended")
            assert not tenant.is_admitted(approval)
        assert tenant.is_admitted(kept)
        assert_nothing_is_given(tenant)
        wait_until(lambda: "audit_accepts_nothing" in readyz(tenant)["attention"], "/readyz says so")
    wait_until(lambda: readyz(tenant)["audit"] == "ok", lambda: f"all is chained: {readyz(tenant)['audit']}")
    assert_chained_once(revoked, "grant.revoked")
    assert_chained_once(returned, "grant.returned")
    later = tenant.create_grant(role)
    tenant.await_state(later, "active")


def assert_nothing_is_given(tenant: Tenant) -> None:
    grants = Grant.objects.filter(role__in=tenant.roles).count()
    with pytest.raises(DatabaseError) as refusal:
        tenant.create_grant(tenant.roles[-1])
    assert is_refusal(refusal.value)
    assert Grant.objects.filter(role__in=tenant.roles).count() == grants


def assert_chained_once(approval: Approval, verb: str) -> None:
    subject = subject_of(approval.grant.request)
    (event,) = AuditEvent.objects.filter(subject=subject, verb=verb)
    assert event.details["spooled"] is True
    assert event.at == approval.revoked_at
    assert AuditEvent.objects.filter(subject=subject, verb="grant.removed").count() == 1
    assert not SpooledEvent.objects.filter(subject=subject, chained_at=None).exists()


def readyz(tenant: Tenant) -> dict[str, str]:
    """Return what the web says to machines."""
    return dict(json.loads(get(f"{tenant.env.stack.options.url}/readyz")[1]))
