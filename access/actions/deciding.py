"""Decide on a request: approve, approve with changes, or deny."""

from datetime import datetime

from django.db import transaction

from access import admission, skew, stops, tasks
from access.actions import auto_approvals
from access.actions.contents import check_shown, check_unchanged, new_grant
from access.actions.locking import current_grant, lock_people, locked_grants, locked_request
from access.ledger.auto_approvals import AUTO_APPROVAL, record_auto_approval
from access.ledger.conflicts import Conflict
from access.ledger.decisions import record_decision
from access.ledger.grants import record_extension, record_grant
from access.ledger.notifications import create_notifications, notify_again, notify_stage
from access.ledger.requests import settle
from access.ledger.roles import add_overflow_role
from access.models import AutoApprovalPolicy, Decision, Grant, Notification, Request, Role, User
from access.rules.checks import check_can_approve, check_can_be_extended, check_can_decide, check_reason
from access.rules.deciding import is_decided_by, still_needed
from access.rules.facts import RequestFacts, Terms
from access.rules.terms import check_has_all, check_reduces_terms
from access.rules.windows import up_to_second


@transaction.atomic
def approve(
    *, by: User, request: Request, content_hash: str, now: datetime, role_arn: str = "", terms: Terms | None = None
) -> Decision:
    """Store an approval. The last one that the role's stages need creates the grant and enqueues the worker.

    `terms` are for an approval with changes, and `content_hash` is the hash of the request with them; earlier approvals
    of more access no longer count. `role_arn` is the role that the page named as the one that will hold the grant: an
    overflow role when the requested role is full.
    """
    skew.check(now=now)
    request = locked_request(request)
    lock_people(by)
    facts = request.facts()
    for grant in locked_grants(Grant.objects.filter(extensions=request).select_related("role__account", "role__state")):
        check_has_all(facts.role, grant.facts())
        admission.check_expiry_enforceable(grant.role)
    wanted = terms or facts.terms
    # Check the rules for the second at which access would begin: half a second before the end, none is left.
    vote = check_can_approve(by.facts(), facts.with_terms(wanted), now=up_to_second(now))
    stops.check_request(request)
    check_shown(request, content_hash, terms=wanted)
    check_reduces_terms(facts, wanted, now=now)
    check_unchanged(request)
    reduced = wanted if wanted != facts.terms else None
    # Approvers who saw other terms have not approved these terms.
    counted = request.facts(terms=wanted)
    decision = record_decision(
        request, Decision.Verdict.APPROVE, vote=vote, shown=content_hash, terms=reduced, reason="", by=by, now=now
    )
    if is_decided_by(counted, vote):
        _fulfil(request, wanted, role_arn, by=by, now=now)
    else:
        _ask_the_others(request, facts, reduced, now=now)
    return decision


@transaction.atomic
def deny(*, by: User, request: Request, content_hash: str, reason: str, now: datetime) -> Decision:
    """Store a denial, which settles the request."""
    request = locked_request(request)
    lock_people(by)
    facts = request.facts()
    vote = check_can_decide(by.facts(), facts, now=now)
    check_reason(reason)
    check_shown(request, content_hash, terms=facts.terms)
    decision = record_decision(
        request, Decision.Verdict.DENY, vote=vote, shown=content_hash, reason=reason.strip(), by=by, now=now
    )
    settle(request, "deny", by=by, now=now, reason=reason.strip())
    _notify_requester(request, now=now)
    tasks.enqueue_notifications()
    return decision


def auto_approve(policy: AutoApprovalPolicy, request: Request, role_arn: str, *, now: datetime) -> None:
    """Approve a request by a policy, with the same effects as a person's approval, and notify the approvers."""
    record_auto_approval(request, policy, now=now)
    _fulfil(request, request.terms(), role_arn, by=AUTO_APPROVAL, now=now)
    create_notifications(
        Notification.Kind.AUTO_APPROVED, request, auto_approvals.people_to_notify(request.role, now=now), now=now
    )


def _ask_the_others(request: Request, facts: RequestFacts, reduced: Terms | None, *, now: datetime) -> None:
    """Notify the approvers who decide next: those of the next stage, or all of this one when the terms changed."""
    if reduced:
        notify_again(request, now=now)
    elif still_needed(facts) == 1:
        notify_stage(request, now=now)


def _fulfil(request: Request, terms: Terms, role_arn: str, *, by: User | str, now: datetime) -> None:
    """Settle an approved request, create or extend its grant, and enqueue the worker."""
    settle(request, "approve", by=by, now=now)
    role = (
        _extend(request.extends, request, terms, by=by, now=now)
        if request.extends
        else _create_grant(request, terms, role_arn, by=by, now=now)
    )
    tasks.enqueue(role.pk)
    _notify_requester(request, now=now)


def _notify_requester(request: Request, *, now: datetime) -> None:
    create_notifications(Notification.Kind.DECIDED, request, [request.requester], now=now)


def _create_grant(request: Request, terms: Terms, shown_arn: str, *, by: User | str, now: datetime) -> Role:
    """Create the approved grant and return the role that holds it: the requested one or an overflow role."""
    grant = new_grant(request, terms=terms, now=now)
    admission.check_overlap(request, grant, now=now)
    placement = admission.find_placement(request.role, grant.facts(), now=now)
    if placement.role.arn != (shown_arn or request.role.arn):
        raise Conflict("placement_changed")
    if placement.is_new:
        add_overflow_role(placement.role, by=by, now=now)
    grant.role = placement.role
    record_grant(grant, by=by, now=now)
    return placement.role


def _extend(extended: Grant, request: Request, terms: Terms, *, by: User | str, now: datetime) -> Role:
    """Move the end of a grant while it lives, and give its role."""
    grant = current_grant(extended)
    check_can_be_extended(grant.facts(), now=now)
    record_extension(grant, request, ends_at=terms.window.if_approved(now=now).ends_at, by=by, now=now)
    return grant.role
