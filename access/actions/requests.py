"""Ask for access, and end it."""

from datetime import datetime

from django.db import transaction

from access import admission, ledger, rules, tasks
from access.actions import automatic
from access.actions.contents import content_hash, given, up_to_second
from access.actions.deciding import approve_by
from access.actions.locking import current, lock_contractor, locked
from access.models import Contractor, Grant, Principal, Request, Role, User
from access.rules import Refused

RETURNED = "Returned by the contractor."


@transaction.atomic
def submit(
    *,
    by: User,
    role: Role,
    principal: Principal | None,
    starts_at: datetime | None,
    ends_at: datetime,
    reason: str,
    now: datetime,
    ticket: str = "",
    asks_mfa: bool = False,
    sources: tuple[str, ...] = (),
) -> Request:
    """Store a request and give it. Without `principal` the portal issues the sessions; without `starts_at` the window
    begins when it is approved. A role that asks for no ticket number keeps none. A rule that two administrators made
    beforehand may approve it in the same breath.
    """
    start, end = up_to_second(starts_at or now), ends_at.replace(microsecond=0)
    lock_contractor(by)
    # The role's row alone is locked too, so that two tabs cannot both take the last place.
    role = Role.objects.select_for_update(of=("self",)).select_related("account").get(pk=role.pk)
    principal = Principal.objects.select_for_update().get(pk=principal.pk) if principal else None
    rules.check_can_submit(
        by.facts(),
        role.rules(),
        starts_at=start,
        ends_at=end,
        reason=reason,
        identity=principal.facts() if principal else None,
        pending=_pending_count(by, now=now),
        now=now,
        ticket=ticket,
        asks_mfa=asks_mfa,
        sources=sources,
    )
    request = Request(
        contractor=Contractor.objects.get(user=by),
        requester=by,
        role=role,
        principal=principal,
        starts_at=start,
        ends_at=end,
        reason=reason.strip(),
        ticket=ticket if role.ticket_pattern else "",
        asks_mfa=asks_mfa,
        source_cidrs=list(sources),
        submitted_at=now,
        **_deadlines(role, now=now),
    )
    request.content_hash = content_hash(request)
    place = admission.find_place(role, given(request, now=now).facts(), now=now)
    standing = automatic.hold([role], by=by, now=now)
    ledger.submit(request, by=by, now=now)
    if rule := automatic.rule_for(request, standing, now=now):
        approve_by(rule, request, place.role.arn, now=now)
    return request


@transaction.atomic
def extend(*, by: User, grant: Grant, ends_at: datetime, reason: str, now: datetime, ticket: str = "") -> Request:
    """Store the request to let a live grant end later, and give it; sessions of the grant keep their name."""
    lock_contractor(by)
    original = locked(grant.request)
    grant = current(grant)
    end = ends_at.replace(microsecond=0)
    rules.check_can_extend(
        by.facts(),
        original.facts(),
        grant.facts(),
        ends_at=end,
        reason=reason,
        pending=_pending_count(by, now=now),
        now=now,
        ticket=ticket,
    )
    request = Request(
        contractor=original.contractor,
        requester=by,
        role=original.role,
        principal=original.principal,
        extends=grant,
        starts_at=grant.ends_at,
        ends_at=end,
        reason=reason.strip(),
        ticket=ticket if original.role.ticket_pattern else "",
        submitted_at=now,
        **_deadlines(original.role, now=now),
    )
    request.content_hash = content_hash(request)
    return ledger.submit(request, by=by, now=now)


@transaction.atomic
def withdraw(*, by: User, request: Request, now: datetime) -> None:
    """Take one's own request back while it waits."""
    request = locked(request)
    rules.check_can_withdraw(by.facts(), request.facts())
    ledger.settle(request, "withdraw", by=by, now=now)


@transaction.atomic
def revoke(*, by: User, grant: Grant, reason: str, now: datetime) -> None:
    """End a grant before its time, with a reason."""
    rules.check_reason(reason)
    _end(grant, verb="grant.revoked", reason=reason.strip(), by=by, now=now)


@transaction.atomic
def return_early(*, by: User, grant: Grant, now: datetime) -> None:
    """End one's own grant, because the work is done."""
    if by.pk != grant.request.requester_id:
        raise Refused("Only the person who has the access can return it.")
    _end(grant, verb="grant.returned", reason=RETURNED, by=by, now=now)


def _pending_count(user: User, *, now: datetime) -> int:
    return Request.objects.waiting(now=now).filter(requester=user).count()


def _deadlines(role: Role, *, now: datetime) -> dict[str, datetime | None]:
    """Give when an undecided request lapses by the rules of its role, and that its approvers are told at once."""
    return {"lapses_at": now + role.lapses_after if role.lapses_after else None, "tell_next_at": now}


def _end(grant: Grant, *, verb: str, reason: str, by: User, now: datetime) -> None:
    request = locked(grant.request)
    grant = current(grant)
    rules.check_can_revoke(by.facts(), request.facts(), grant.facts(), now=now)
    ledger.revoke(grant, verb=verb, reason=reason, by=by, now=now)
    tasks.hint(grant.role_id, urgent=True)
