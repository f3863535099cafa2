"""Use break-glass: an internal user gets a grant by a break-glass policy, others can end it, and somebody else
reviews it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from access import admission, skew, stops, tasks
from access.actions.contents import content_hash, new_grant
from access.actions.locking import lock_people
from access.ledger.break_glass import record_break_glass_grant, record_break_glass_review
from access.ledger.grants import record_grant, record_revocation
from access.ledger.requests import record_request, settle
from access.ledger.roles import add_overflow_role
from access.models import BreakGlassGrant, BreakGlassPolicy, Grant, Request, Role, User
from access.rules.break_glass import check_break_glass_request, check_can_review_break_glass, check_can_use_break_glass
from access.rules.checks import check_can_revoke, check_reason
from access.rules.facts import Refused
from access.texts.text import Text


@transaction.atomic
def use_break_glass(
    *, by: User, policy: BreakGlassPolicy, length: timedelta, reason: str, has_new_factor: bool, now: datetime
) -> BreakGlassGrant:
    """Return the role to `by` from now on for `length`, at most an hour, and return the use that has to be reviewed.

    `has_new_factor` says whether a passkey or code was used a moment ago. The record is written before anything is
    given; nothing is in AWS before it is committed.
    """
    if not has_new_factor:
        raise Refused("confirmation_too_old")
    skew.check(now=now)
    policy = _locked_for(by, policy)
    unreviewed = BreakGlassGrant.objects.filter(person=by, reviewed_at=None).exists()
    facts = policy.facts()
    check_can_use_break_glass(by.facts(), facts, unreviewed=unreviewed, now=now)
    stops.check(role=policy.role, person_id=by.pk)
    check_break_glass_request(facts, length=length, reason=reason)
    request = _new_request(policy, by=by, length=length, reason=reason, now=now)
    record_request(request, by=by, now=now)
    break_glass_grant = record_break_glass_grant(request, policy, not_notified=_addresses(policy, by, now=now), now=now)
    settle(request, "approve", by=by, now=now, break_glass_policy=str(policy.public_id))
    _create_grant(request, by=by, now=now)
    tasks.enqueue_break_glass_notifications(break_glass_grant.pk)
    return break_glass_grant


@transaction.atomic
def stop_break_glass(*, by: User, grant: Grant, now: datetime) -> None:
    """End a break-glass grant immediately. It needs no reason, because every break-glass grant is reviewed."""
    request = _request_of(grant)
    grant = Grant.objects.select_related("role__account", "role__state", "request").get(pk=grant.pk)
    if not request.facts().is_break_glass:
        raise Refused("not_break_glass")
    check_can_revoke(by.facts(), request.facts(), grant.facts(), now=now)
    record_revocation(grant, verb="grant.revoked", reason=Text("revoked_stopped"), by=by, now=now)
    tasks.enqueue(grant.role_id, urgent=True)


@transaction.atomic
def review_break_glass(
    *, by: User, break_glass_grant: BreakGlassGrant, is_justified: bool, comment: str, now: datetime
) -> None:
    """Record what somebody else says of a use that is over; from then on the person can use break-glass again."""
    grant = Grant.objects.select_related("role__account", "role__state", "request").get(
        request=break_glass_grant.request_id
    )
    request = _request_of(grant)
    check_can_review_break_glass(by.facts(), request.facts(), grant.facts(), now=now)
    check_reason(comment)
    verdict = BreakGlassGrant.Verdict.JUSTIFIED if is_justified else BreakGlassGrant.Verdict.NOT_JUSTIFIED
    record_break_glass_review(break_glass_grant, verdict, comment=comment.strip(), by=by, now=now)


def _locked_for(person: User, policy: BreakGlassPolicy) -> BreakGlassPolicy:
    """Return the policy, locked after its roles and the person, as it is in the database.

    The lock on the person keeps their break-glass grants in order, also under different policies.
    """
    family = Q(pk=policy.role_id) | Q(overflow_of=policy.role_id)
    list(Role.objects.lock().filter(family).order_by("pk"))
    lock_people(person)
    BreakGlassPolicy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    return BreakGlassPolicy.objects.select_related("role__account", "role__state", "made_by", "confirmed_by").get(
        pk=policy.pk
    )


def _new_request(policy: BreakGlassPolicy, *, by: User, length: timedelta, reason: str, now: datetime) -> Request:
    # The window begins at the next whole second. If it also ended then, it would be too long.
    start = now.replace(microsecond=0)
    request = Request(
        break_glass_policy=policy,
        requester=by,
        role=policy.role,
        starts_at=start,
        ends_at=start + length,
        expires_at=start + length,
        reason=reason.strip(),
        submitted_at=now,
    )
    request.content_hash = content_hash(request)
    return request


def _create_grant(request: Request, *, by: User, now: datetime) -> None:
    """Return what was asked in the role that has room for it, by the same way as any other access."""
    grant = new_grant(request, now=now)
    placement = admission.find_placement(request.role, grant.facts(), now=now)
    if placement.is_new:
        add_overflow_role(placement.role, by=by, now=now)
    grant.role = placement.role
    record_grant(grant, by=by, now=now)
    tasks.enqueue(grant.role_id, urgent=True)


def _request_of(grant: Grant) -> Request:
    """Return the request behind a grant, its role's family locked first."""
    family = Q(pk=grant.role_id) | Q(overflow_of=grant.role_id) | Q(overflow_roles=grant.role_id)
    keys = Role.objects.filter(family).values_list("pk", flat=True)
    list(Role.objects.lock().filter(pk__in=list(keys)).order_by("pk"))
    related = ("role__account", "role__state", "requester", "break_glass_policy")
    return Request.objects.select_for_update(of=("self",)).select_related(*related).get(pk=grant.request_id)


def _addresses(policy: BreakGlassPolicy, person: User, *, now: datetime) -> list[str]:
    """Return the addresses to notify: everybody responsible for the role, and the person, who notices in this way that
    somebody else is using their session.
    """
    return sorted({*policy.responders(now=now).values_list("email", flat=True), person.email})
