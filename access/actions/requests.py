"""Ask for access, decide about it, end it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from access import admission, ledger, rules, tasks
from access.actions import automatic
from access.actions.contents import content_hash
from access.ledger import Conflict
from access.models import AutoApproval, Contractor, Decision, Grant, Letter, Principal, Request, Role, User
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
    start, end = _up_to_second(starts_at or now), ends_at.replace(microsecond=0)
    _lock_contractor(by)
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
    place = admission.find_place(role, terms(request, now=now).facts(), now=now)
    standing = automatic.hold([role], by=by, now=now)
    ledger.submit(request, by=by, now=now)
    if rule := automatic.rule_for(request, standing, now=now):
        _approve_by(rule, request, place.role.arn, now=now)
    return request


@transaction.atomic
def extend(*, by: User, grant: Grant, ends_at: datetime, reason: str, now: datetime, ticket: str = "") -> Request:
    """Store the request to let a live grant end later, and give it; sessions of the grant keep their name."""
    _lock_contractor(by)
    original = _locked(grant.request)
    grant = _current(grant)
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
def approve(*, by: User, request: Request, content_hash: str, now: datetime, role_arn: str = "") -> Decision:
    """Store a yes; with the last one that the role's stages need, the grant is given and the worker is told.

    `role_arn` is the role that the page named as the one that will hold the grant: one of the twins when the role that
    was asked for is full.
    """
    request = _locked(request)
    _hold(by)
    facts = request.facts()
    # Judged at the second from which the access would count: in the last half second there is none left to give.
    voice = rules.check_can_approve(by.facts(), facts, now=_up_to_second(now))
    _check_shown(request, content_hash)
    _check_unchanged(request)
    decision = ledger.decide(request, Decision.Verdict.APPROVE, voice=voice, reason="", by=by, now=now)
    if rules.is_decided_by(facts, voice):
        _fulfil(request, role_arn, by=by, now=now)
    elif rules.still_needed(facts) == 1:
        ledger.tell_stage(request, now=now)
    return decision


@transaction.atomic
def deny(*, by: User, request: Request, content_hash: str, reason: str, now: datetime) -> Decision:
    """Store a no, which settles the request."""
    request = _locked(request)
    _hold(by)
    voice = rules.check_can_decide(by.facts(), request.facts(), now=now)
    rules.check_reason(reason)
    _check_shown(request, content_hash)
    decision = ledger.decide(request, Decision.Verdict.DENY, voice=voice, reason=reason.strip(), by=by, now=now)
    ledger.settle(request, "deny", by=by, now=now, reason=reason.strip())
    return decision


@transaction.atomic
def withdraw(*, by: User, request: Request, now: datetime) -> None:
    """Take one's own request back while it waits."""
    request = _locked(request)
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


def _lock_contractor(person: User) -> None:
    """Let one person's requests come one after the other: they are counted over all roles. Taken before any role."""
    list(Contractor.objects.select_for_update(no_key=True).filter(user=person))


def _locked(request: Request) -> Request:
    """Give the request again, its role's row and its own locked, roles always first: none wait in a ring.

    The role's twins are locked with it: one of them may hold the grant. The contractor comes before them, so that who
    is being switched off is either waited for or seen.
    """
    list(Contractor.objects.select_for_update(no_key=True).filter(pk=request.contractor_id or 0))
    family = Q(pk=request.role_id) | Q(twin_of=request.role_id)
    list(Role.objects.select_for_update().filter(family).order_by("pk"))
    Request.objects.select_for_update().get(pk=request.pk)
    related = ("role__account", "contractor__company", "contractor__sponsor", "principal", "requester", "extends")
    return Request.objects.select_related(*related).get(pk=request.pk)


def _hold(person: User) -> None:
    """Keep somebody from being switched off until his decision is made: whoever is faster, the other sees it."""
    list(User.objects.select_for_update(no_key=True).filter(pk=person.pk))


def _check_shown(request: Request, shown: str) -> None:
    if shown != request.content_hash:
        raise Conflict("This page did not show the whole request. Look at it again before you decide.")


def _check_unchanged(request: Request) -> None:
    if content_hash(request) != request.content_hash:
        raise Conflict(
            "The role has changed since this was asked, or what is known of the AWS identity. It can only be denied. "
            "Let it be asked again."
        )


def _end(grant: Grant, *, verb: str, reason: str, by: User, now: datetime) -> None:
    request = _locked(grant.request)
    grant = _current(grant)
    rules.check_can_revoke(by.facts(), request.facts(), grant.facts(), now=now)
    ledger.revoke(grant, verb=verb, reason=reason, by=by, now=now)
    tasks.hint(grant.role_id, urgent=True)


def _approve_by(rule: AutoApproval, request: Request, role_arn: str, *, now: datetime) -> None:
    """Let a rule say yes: what follows is what follows a person's, and who could have said it is told."""
    ledger.decide_by_rule(request, rule, now=now)
    _fulfil(request, role_arn, by=ledger.AUTO, now=now)
    ledger.write_letters(Letter.Kind.AUTO_APPROVED, request, automatic.to_tell(request.role, now=now), now=now)
    tasks.hint_letters()


def _fulfil(request: Request, role_arn: str, *, by: User | str, now: datetime) -> None:
    """Settle an approved request and give what it asks for; the worker is told."""
    ledger.settle(request, "approve", by=by, now=now)
    role = (
        _prolong(request.extends, request, by=by, now=now)
        if request.extends
        else _give(request, role_arn, by=by, now=now)
    )
    tasks.hint(role.pk)


def _give(request: Request, shown_arn: str, *, by: User | str, now: datetime) -> Role:
    """Give what was asked in the role that has room for it, and that role."""
    grant = terms(request, now=now)
    place = admission.find_place(request.role, grant.facts(), now=now)
    if place.role.arn != (shown_arn or request.role.arn):
        raise Conflict("Another role has to hold this access now than the page showed. Look at it again.")
    if place.is_new:
        ledger.add_twin(place.role, by=by, now=now)
    grant.role = place.role
    ledger.give(grant, by=by, now=now)
    return place.role


def _prolong(extended: Grant, request: Request, *, by: User | str, now: datetime) -> Role:
    """Move the end of a grant while it lives, and give its role."""
    grant = _current(extended)
    rules.check_is_live(grant.facts(), now=now)
    ledger.prolong(grant, request, by=by, now=now)
    return grant.role


def terms(request: Request, *, now: datetime) -> Grant:
    """Give the unsaved grant that a yes at `now` makes of the request; it never begins before the yes."""
    return Grant(
        request=request,
        role=request.role,
        contractor=request.contractor,
        standing_rule=request.standing_rule,
        session_name=request.session_name,
        principal_arn=request.principal.arn if request.principal else "",
        principal_unique_id=request.principal.unique_id if request.principal else "",
        portal_issued=request.portal_issued,
        external_id=request.role.external_id,
        requires_mfa=request.role.requires_mfa or request.asks_mfa,
        source_cidrs=request.source_cidrs,
        starts_at=max(request.starts_at, _up_to_second(now)),
        ends_at=request.ends_at,
    )


def _current(grant: Grant) -> Grant:
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)


def _up_to_second(at: datetime) -> datetime:
    """Give the next whole second: IAM's dates have no fractions, and rounding down would open the door early."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)
