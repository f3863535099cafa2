"""Store a stop, everything that ends with it, and its lifting, each with its events.

A few queries store everything that ends access, whatever the number of roles. The events are recorded with
`record_all`, so that no failure of the audit chain prevents a stop.
"""

import itertools
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from access.ledger.chain import Entry, append
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_all_dirty
from access.ledger.spool import record_all
from access.ledger.subjects import break_glass_policy_subject, role_subject, stop_subject, subject_of
from access.lifecycle import RequestState
from access.models import AutoApprovalPolicy, BreakGlassPolicy, Grant, Notification, Request, Stop, User
from access.models.texts import revocation_columns
from access.texts import stored
from access.texts.text import Text

EVENTS_AT_ONCE = 500  # in one statement, which has a few seconds


@transaction.atomic
def store_stop(stop: Stop) -> None:
    """Store a new stop. Its event is recorded later, together with the events of what ends."""
    stop.save(force_insert=True)


@transaction.atomic
def end_grants(stop: Stop, grants: Sequence[Grant], *, reason: Text, by: User, now: datetime) -> list[Entry]:
    """Revoke these locked grants, mark their roles dirty, and return the events."""
    rows = Grant.objects.filter(pk__in=[grant.pk for grant in grants], revoked_at=None)
    rows.update(revoked_at=now, revoked_by=by, ended_by_stop=stop, **revocation_columns(reason))
    mark_all_dirty({grant.role_id for grant in grants}, now=now)
    text = stored.dump(reason)
    return [Entry("grant.revoked", subject_of(grant.request), {"text": text}) for grant in grants]


@transaction.atomic
def withdraw_requests(requests: Sequence[Request], *, reason: Text, now: datetime) -> list[Entry]:
    """Withdraw these locked requests, and return the events."""
    rows = Request.objects.filter(pk__in=[request.pk for request in requests], state=RequestState.PENDING)
    rows.update(state=RequestState.WITHDRAWN, settled_at=now)
    text = stored.dump(reason)
    return [Entry("request.withdrawn", subject_of(request), {"text": text}) for request in requests]


@transaction.atomic
def end_policies(
    auto_approvals: Collection[AutoApprovalPolicy],
    break_glass: Collection[BreakGlassPolicy],
    *,
    by: User,
    now: datetime,
) -> list[Entry]:
    """End these policies, and return the events."""
    keys = [policy.pk for policy in auto_approvals]
    AutoApprovalPolicy.objects.filter(pk__in=keys, ended_at=None).update(ended_by=by, ended_at=now)
    keys = [policy.pk for policy in break_glass]
    BreakGlassPolicy.objects.filter(pk__in=keys, withdrawn_at=None).update(withdrawn_by=by, withdrawn_at=now)
    ended = [
        Entry("auto_approval_policy.ended", role_subject(policy.role), {"policy": policy.public_id})
        for policy in auto_approvals
    ]
    withdrawn = [
        Entry("break_glass_policy.withdrawn", break_glass_policy_subject(policy), {}) for policy in break_glass
    ]
    return ended + withdrawn


def record_stop(stop: Stop, ended: Sequence[Entry], *, by: User, now: datetime) -> None:
    """Record the stop and what ended with it, in the chain, or in the spool if the chain accepts no events."""
    details = {
        "scope": stop.scope,
        "name": str(stop),
        "reason": stop.reason,
        "withdrawn_requests": stop.withdrawn_requests,
        "ended_policies": stop.ended_policies,
    }
    entries = iter([Entry("stop.started", stop_subject(stop), details), *ended])
    while some := list(itertools.islice(entries, EVENTS_AT_ONCE)):
        record_all(some, by=by, now=now)


@transaction.atomic
def store_counts(stop: Stop, *, requests: int, policies: int) -> None:
    """Store how many requests were withdrawn and policies ended. Pressing the button again adds to these numbers."""
    stop.withdrawn_requests += requests
    stop.ended_policies += policies
    stop.save(update_fields=["withdrawn_requests", "ended_policies"])


@transaction.atomic
def create_stop_notifications(stop: Stop, people: Collection[int], *, now: datetime) -> None:
    """Write an email to each person with one of these IDs; the worker sends it."""
    rows = [Notification(kind=Notification.Kind.STOPPED, stop=stop, person_id=one, made_at=now) for one in people]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def propose_lift(stop: Stop, *, by: User, now: datetime) -> None:
    """Record that an administrator proposes to lift a stop. Another administrator must confirm this."""
    Stop.objects.filter(pk=stop.pk, lifted_at=None).update(lift_proposed_by=by, lift_proposed_at=now)
    append(verb="stop.lift_proposed", subject=stop_subject(stop), by=by, now=now, scope=stop.scope, name=str(stop))


@transaction.atomic
def lift(stop: Stop, *, by: User, now: datetime) -> None:
    """Record that a second administrator lifts a stop; raises Conflict if it was lifted in the meantime."""
    if not Stop.objects.filter(pk=stop.pk, lifted_at=None).update(lifted_by=by, lifted_at=now):
        raise Conflict("stop_lifted")
    proposer = stop.lift_proposed_by.email if stop.lift_proposed_by else ""
    append(
        verb="stop.lifted",
        subject=stop_subject(stop),
        by=by,
        now=now,
        scope=stop.scope,
        name=str(stop),
        proposed_by=proposer,
    )
