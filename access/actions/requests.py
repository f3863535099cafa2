"""Request access, and end access."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import transaction

from access import admission, skew, stops, tasks
from access.actions import auto_approvals
from access.actions.attempts import tried
from access.actions.contents import RequestDraft, content_hash, new_grant
from access.actions.deciding import auto_approve
from access.actions.locking import current_grant, lock_contractor, locked_request
from access.ledger import extensions
from access.ledger.grants import record_revocation
from access.ledger.requests import record_request, settle
from access.lifecycle import RequestState
from access.models import Contractor, Grant, Principal, Request, Role, User, window_columns
from access.rules.checks import check_can_extend, check_can_revoke, check_can_submit, check_can_withdraw, check_reason
from access.rules.facts import Refused, Terms
from access.rules.windows import Window
from access.texts.text import Text


@transaction.atomic
def submit(*, by: User, role: Role, draft: RequestDraft, now: datetime) -> Request:
    """Store a request and return it. No ticket number is stored for a role that asks for none. An auto-approval policy
    can approve the request in the same transaction.
    """
    lock_contractor(by)
    # Lock the role too, so that two browser tabs cannot both use its last free space.
    role = Role.objects.lock().select_related("account").get(pk=role.pk)
    if draft.principal:
        draft = replace(draft, principal=Principal.objects.select_for_update().get(pk=draft.principal.pk))
    person = by.facts()
    terms = draft.terms(deadline=now + role.expires_after, contract_ends_at=person.contract_ends_at)
    check_can_submit(
        person,
        role.settings(),
        terms,
        reason=draft.reason,
        ticket=draft.ticket,
        identity=draft.principal.facts() if draft.principal else None,
        pending=pending_count(by, now=now),
        now=now,
    )
    stops.check(role=role, contractor=Contractor.objects.get(user=by))
    request = _request(draft, terms, by=by, role=role, now=now)
    placement = admission.find_placement(role, new_grant(request, now=now).facts(), now=now)
    policies = auto_approvals.lock_policies([role], by=by, now=now)
    record_request(request, by=by, now=now)
    # While the clocks differ, no auto-approval policy approves. People can decide after the clocks agree again.
    if not skew.found(now=now) and (policy := auto_approvals.matching_policy(request, policies, now=now)):
        auto_approve(policy, request, placement.role.arn, now=now)
    return request


@transaction.atomic
def extend(*, by: User, grant: Grant, ends_at: datetime, reason: str, now: datetime, ticket: str = "") -> Request:
    """Store and return the request to extend a live grant; the grant keeps its session name and conditions.

    The same form sent twice is one request.
    """
    lock_contractor(by)
    original = locked_request(grant.request)
    grant = current_grant(grant)
    end = ends_at.replace(microsecond=0)
    pending = Request.objects.filter(extends=grant, requester=by, state=RequestState.PENDING)
    if same := pending.filter(ends_at=end, reason=reason.strip()).first():
        return same
    check_can_extend(
        by.facts(),
        original.facts(),
        grant.facts(),
        ends_at=end,
        reason=reason,
        pending=pending_count(by, now=now),
        now=now,
        ticket=ticket,
    )
    stops.check_request(original)
    admission.check_expiry_enforceable(grant.role)
    request = _extension_of(grant, original, ends_at=end, reason=reason.strip(), ticket=ticket, by=by, now=now)
    return record_request(request, by=by, now=now)


def _extension_of(
    grant: Grant, original: Request, *, ends_at: datetime, reason: str, ticket: str, by: User, now: datetime
) -> Request:
    """Return the request, not stored yet, for the time from the end of the grant until `ends_at`."""
    request = Request(
        contractor=original.contractor,
        requester=by,
        role=original.role,
        principal=original.principal,
        extends=grant,
        starts_at=grant.ends_at,
        ends_at=ends_at,
        reason=reason,
        ticket=ticket if original.role.ticket_pattern else "",
        asks_mfa=grant.requires_mfa and not grant.portal_issued,
        source_cidrs=grant.source_cidrs,
        submitted_at=now,
        expires_at=min(now + original.role.expires_after, ends_at),
        notify_next_at=now,
    )
    request.content_hash = content_hash(request)
    return request


@transaction.atomic
def withdraw(*, by: User, request: Request, now: datetime) -> None:
    """Take one's own request back while it waits."""
    request = locked_request(request)
    check_can_withdraw(by.facts(), request.facts())
    settle(request, "withdraw", by=by, now=now)


@transaction.atomic
def revoke(*, by: User, grant: Grant, reason: str, now: datetime) -> None:
    """End a grant before its time, with a reason."""
    check_reason(reason)
    _end(grant, verb="grant.revoked", reason=reason.strip(), by=by, now=now)


@transaction.atomic
def end_after_review(*, by: User, grant: Grant, comment: str, now: datetime) -> None:
    """End a grant that an access review rejected, with the reviewer's comment."""
    check_reason(comment)
    _end(grant, verb="grant.revoked", reason=Text("revoked_by_review", {"comment": comment.strip()}), by=by, now=now)


@transaction.atomic
def return_access(*, by: User, grant: Grant, now: datetime) -> None:
    """End one's own grant, because the work is done."""
    if by.pk != grant.request.requester_id:
        raise Refused("not_grant_holder_return")
    _end(grant, verb="grant.returned", reason=Text("revoked_returned"), by=by, now=now)


def _request(draft: RequestDraft, terms: Terms, *, by: User, role: Role, now: datetime) -> Request:
    """Return the unsaved request that holds what was asked, with its hash. It expires undecided by its role's
    deadline, and a chosen window that is over cannot be approved either.
    """
    deadline = now + role.expires_after
    request = Request(
        contractor=Contractor.objects.get(user=by),
        requester=by,
        role=role,
        principal=draft.principal,
        **window_columns(terms.window),
        expires_at=min(deadline, terms.window.ends_at) if isinstance(terms.window, Window) else deadline,
        reason=draft.reason.strip(),
        ticket=draft.ticket if role.ticket_pattern else "",
        asks_mfa=draft.asks_mfa,
        source_cidrs=list(draft.sources),
        submitted_at=now,
        notify_next_at=now,
    )
    request.content_hash = content_hash(request)
    return request


def pending_count(user: User, *, now: datetime) -> int:
    """Return how many requests of this person wait for a decision."""
    return Request.objects.waiting(now=now).filter(requester=user).count()


def _end(grant: Grant, *, verb: str, reason: str | Text, by: User, now: datetime) -> None:
    request = locked_request(grant.request)
    waiting = tried(partial(extensions.waiting_extensions_of, grant.pk), event="revocation.step_failed") or []
    grant = current_grant(grant)
    check_can_revoke(by.facts(), request.facts(), grant.facts(), now=now)
    record_revocation(grant, verb=verb, reason=reason, by=by, now=now)
    # What fails here is left to the next sweep: the access ends in any case.
    tried(partial(extensions.withdraw, waiting, by=by, now=now), event="revocation.step_failed")
    tasks.enqueue(grant.role_id, urgent=True)
    if waiting:
        tasks.enqueue_notifications()
