"""Changes of how is decided: rules that approve, delegates, a role's rules, and emails; each with its event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from access.ledger.chain import Entry, append, role_subject, subject_of
from access.ledger.changes import Conflict
from access.ledger.people import person_subject
from access.ledger.spool import record, record_all
from access.models import AutoApprovalPolicy, Comment, Decision, Delegation, Notification, Request, RoleChange, User

AUTO_APPROVAL = "auto-approval"


@transaction.atomic
def record_auto_approval(request: Request, policy: AutoApprovalPolicy, *, now: datetime) -> Decision:
    """Store an approval by a policy, with who made and who confirmed the policy."""
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
        sentence=f"by a rule that {policy.made_by} made and {policy.confirmed_by} confirmed",
    )
    return decision


@transaction.atomic
def record_auto_approval_policy(policy: AutoApprovalPolicy, *, by: User, now: datetime) -> AutoApprovalPolicy:
    """Store a rule, which approves nothing before it is confirmed."""
    policy.save(force_insert=True)
    append(
        verb="auto_approval_policy.created", subject=role_subject(policy.role), by=by, now=now, **policy_details(policy)
    )
    return policy


@transaction.atomic
def record_auto_approval_policy_confirmation(policy: AutoApprovalPolicy, *, by: User, now: datetime) -> None:
    """Record that a second administrator confirms the policy; raises Conflict when it no longer waits for one."""
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
    """Record that a rule approves nothing any more; raises Conflict when somebody was faster."""
    if not AutoApprovalPolicy.objects.filter(pk=policy.pk, ended_at=None).update(ended_by=by, ended_at=now):
        raise Conflict("auto_approval_ended")
    record(
        verb="auto_approval_policy.ended", subject=role_subject(policy.role), by=by, now=now, policy=policy.public_id
    )


def policy_details(policy: AutoApprovalPolicy) -> dict[str, Any]:
    """Return what a rule says, as the record keeps it."""
    hours = policy.office_hours()
    return {
        "policy": policy.public_id,
        "company": policy.company.name,
        "longest_window": policy.longest_window,
        "hours": hours.in_words() if hours else "",
        "per_week": policy.per_week,
        "hours_per_week": policy.hours_per_week,
        "expires_at": policy.expires_at,
        "made_by": policy.made_by.email,
    }


@transaction.atomic
def record_delegation(row: Delegation, *, by: User, now: datetime) -> Delegation:
    """Store who decides in somebody's place."""
    row.save(force_insert=True)
    append(
        verb="delegation.created",
        subject=person_subject(row.approver),
        by=by,
        now=now,
        delegate=row.delegate.email,
        from_at=row.from_at,
        until_at=row.until_at,
    )
    return row


@transaction.atomic
def record_delegations_ended(rows: Iterable[Delegation], *, at: datetime, by: User | str, now: datetime) -> None:
    """Record that delegates decide in nobody's place any more; those that somebody else ended are left alone."""
    ended = [row for row in rows if Delegation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)]
    entries = [
        Entry("delegation.ended", person_subject(row.approver), {"delegate": row.delegate.email}) for row in ended
    ]
    record_all(entries, by=by, now=now)


def end_expired_delegations(*, now: datetime) -> None:
    """End the delegates whose time is over; they decide nothing from that moment on, whenever this runs."""
    over = Delegation.objects.filter(ended_at=None, until_at__lte=now).select_related("approver", "delegate")
    rows = list(over.order_by("pk")[:100])
    if rows:
        record_delegations_ended(rows, at=now, by="daypass", now=now)


def notify_stage(request: Request, *, now: datetime) -> None:
    """Notify the approvers of the present stage immediately: it is a new stage, or the terms changed."""
    Request.objects.filter(pk=request.pk).update(times_notified=0, notify_next_at=now)


@transaction.atomic
def record_comment(row: Comment, *, by: User, now: datetime) -> Comment:
    """Store what somebody asked or answered about a request."""
    row.save(force_insert=True)
    verb = "request.information_requested" if row.is_question else "request.answered"
    append(verb=verb, subject=subject_of(row.request), by=by, now=now, text=row.text)
    return row


def notify_again(request: Request, *, now: datetime) -> None:
    """Notify those who can decide immediately that there is something new to decide."""
    Request.objects.filter(pk=request.pk).update(notify_next_at=now)


@transaction.atomic
def notify_approvers(
    request: Request, people: Iterable[User], *, stage: int, next_at: datetime | None, now: datetime
) -> bool:
    """Write the emails of one round and return whether this call wrote them: each round is written only once."""
    mine = Request.objects.filter(
        pk=request.pk, times_notified=request.times_notified, notify_next_at=request.notify_next_at
    )
    if not mine.update(times_notified=F("times_notified") + 1, notify_next_at=next_at):
        return False
    rounds = request.notifications.filter(kind=Notification.Kind.ASKED).aggregate(last=Max("number"))["last"]
    number = 0 if rounds is None else rounds + 1
    create_notifications(Notification.Kind.ASKED, request, people, stage=stage, number=number, now=now)
    return True


def create_notifications(
    kind: Notification.Kind, request: Request, people: Iterable[User], *, now: datetime, stage: int = 1, number: int = 0
) -> None:
    """Write an email to each of these people; the worker sends it."""
    notifications = [
        Notification(kind=kind, request=request, person=person, stage=stage, number=number, made_at=now)
        for person in people
    ]
    Notification.objects.bulk_create(notifications, ignore_conflicts=True)


def create_change_notifications(change: RoleChange, *, now: datetime) -> None:
    """Write an email to every administrator who can confirm a proposed change; the worker sends it."""
    others = User.objects.filter(is_staff=True, is_active=True, contractor=None).exclude(pk=change.proposed_by_id)
    notifications = [
        Notification(kind=Notification.Kind.ROLE_CHANGE, change=change, person=one, made_at=now) for one in others
    ]
    Notification.objects.bulk_create(notifications, ignore_conflicts=True)
