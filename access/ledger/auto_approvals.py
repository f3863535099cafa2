"""Store auto-approval policies and their approvals, each with its event."""

from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.spool import record
from access.ledger.subjects import role_subject, subject_of
from access.models import AutoApprovalPolicy, Decision, Request, User
from access.rules.hours import OfficeHours
from access.texts import stored
from access.texts.text import Text

AUTO_APPROVAL = "auto-approval"


@transaction.atomic
def record_auto_approval(request: Request, policy: AutoApprovalPolicy, *, now: datetime) -> Decision:
    """Store an approval by a policy. The event names the administrators who created and confirmed the policy."""
    decision = Decision.objects.create(
        request=request,
        auto_approval_policy=policy,
        requester=request.requester,
        verdict=Decision.Verdict.APPROVE,
        content_hash=request.content_hash,
        decided_at=now,
    )
    append(
        verb="decision.approved",
        subject=subject_of(request),
        by=AUTO_APPROVAL,
        now=now,
        content_hash=request.content_hash,
        policy=policy.public_id,
        text=stored.dump(_reason(policy)),
    )
    return decision


@transaction.atomic
def record_auto_approval_policy(policy: AutoApprovalPolicy, *, by: User, now: datetime) -> AutoApprovalPolicy:
    """Store a policy. It approves nothing until another administrator confirms it."""
    policy.save(force_insert=True)
    append(
        verb="auto_approval_policy.created", subject=role_subject(policy.role), by=by, now=now, **policy_details(policy)
    )
    return policy


@transaction.atomic
def record_auto_approval_policy_confirmation(policy: AutoApprovalPolicy, *, by: User, now: datetime) -> None:
    """Record that a second administrator confirms the policy; raises Conflict if it no longer needs a confirmation."""
    waiting = AutoApprovalPolicy.objects.filter(pk=policy.pk, confirmed_at=None, ended_at=None, expires_at__gt=now)
    if not waiting.exclude(made_by=by).update(confirmed_by=by, confirmed_at=now):
        raise Conflict("auto_approval_not_pending")
    append(
        verb="auto_approval_policy.confirmed",
        subject=role_subject(policy.role),
        by=by,
        now=now,
        **policy_details(policy),
    )


@transaction.atomic
def record_auto_approval_policy_end(policy: AutoApprovalPolicy, *, by: User, now: datetime) -> None:
    """Record that a policy has ended; raises Conflict if somebody else ended it first."""
    if not AutoApprovalPolicy.objects.filter(pk=policy.pk, ended_at=None).update(ended_by=by, ended_at=now):
        raise Conflict("auto_approval_ended")
    record(
        verb="auto_approval_policy.ended", subject=role_subject(policy.role), by=by, now=now, policy=policy.public_id
    )


def _reason(policy: AutoApprovalPolicy) -> Text:
    return Text("approved_by_policy", {"made_by": str(policy.made_by), "confirmed_by": str(policy.confirmed_by)})


def _plain(hours: OfficeHours) -> dict[str, Any]:
    return {"days": sorted(hours.days), "opens": hours.opens, "closes": hours.closes, "zone": hours.zone}


def policy_details(policy: AutoApprovalPolicy) -> dict[str, Any]:
    """Return the terms of a policy for the audit log."""
    hours = policy.office_hours()
    return {
        "policy": policy.public_id,
        "company": policy.company.name,
        "longest_window": policy.longest_window,
        "hours": _plain(hours) if hours else None,
        "per_week": policy.per_week,
        "hours_per_week": policy.hours_per_week,
        "expires_at": policy.expires_at,
        "made_by": policy.made_by.email,
    }
