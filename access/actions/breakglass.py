"""Break the glass: somebody inside gives himself a role by a standing rule, others stop it, and one reviews it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from access import admission, ledger, rules, skew, tasks
from access.actions.contents import content_hash, given
from access.actions.locking import hold
from access.models import EmergencyUse, Grant, Request, Role, StandingRule, User
from access.rules import Refused

STOPPED = "Stopped."


@transaction.atomic
def break_glass(
    *, by: User, rule: StandingRule, length: timedelta, reason: str, has_new_factor: bool, now: datetime
) -> EmergencyUse:
    """Give the role to `by` from now on for `length`, at most an hour, and give the use that has to be reviewed.

    `has_new_factor` says whether a passkey or code was used a moment ago. The record is written before anything is
    given; nothing is in AWS before it is committed.
    """
    if not has_new_factor:
        raise Refused("Use a passkey or a code once more, just now.")
    skew.check(now=now)
    rule = _locked_for(by, rule)
    unreviewed = EmergencyUse.objects.filter(person=by, reviewed_at=None).exists()
    facts = rule.facts()
    rules.check_can_break_glass(by.facts(), facts, unreviewed=unreviewed, now=now)
    rules.check_emergency(facts, length=length, reason=reason)
    request = _request(rule, by=by, length=length, reason=reason, now=now)
    ledger.submit(request, by=by, now=now)
    use = ledger.break_glass(request, rule, untold=_addresses(rule, by, now=now), now=now)
    ledger.settle(request, "approve", by=by, now=now, standing_rule=str(rule.public_id))
    _give(request, by=by, now=now)
    tasks.enqueue_use(use.pk)
    return use


@transaction.atomic
def stop(*, by: User, grant: Grant, now: datetime) -> None:
    """End a use at once. It takes no reason: that it is looked into afterwards is certain."""
    request = _request_of(grant)
    grant = Grant.objects.select_related("role__account", "request").get(pk=grant.pk)
    if not request.facts().is_emergency:
        raise Refused("This is no break-glass. End it on its own page, with a reason.")
    rules.check_can_revoke(by.facts(), request.facts(), grant.facts(), now=now)
    ledger.revoke(grant, verb="grant.revoked", reason=STOPPED, by=by, now=now)
    tasks.enqueue(grant.role_id, urgent=True)


@transaction.atomic
def review_use(*, by: User, use: EmergencyUse, is_fine: bool, remark: str, now: datetime) -> None:
    """Record what somebody else says of a use that is over; from then on the person may break the glass again."""
    grant = Grant.objects.select_related("role__account", "request").get(request=use.request_id)
    request = _request_of(grant)
    rules.check_can_review_use(by.facts(), request.facts(), grant.facts(), now=now)
    rules.check_reason(remark)
    verdict = EmergencyUse.Verdict.FINE if is_fine else EmergencyUse.Verdict.NOT_FINE
    ledger.review_use(use, verdict, remark=remark.strip(), by=by, now=now)


def _locked_for(person: User, rule: StandingRule) -> StandingRule:
    """Give the rule as it is once nobody else changes it: roles first, then the person, then the rule.

    The person's row lets his uses come one after the other, whatever rule they are by.
    """
    family = Q(pk=rule.role_id) | Q(overflow_of=rule.role_id)
    list(Role.objects.select_for_update().filter(family).order_by("pk"))
    hold(person)
    StandingRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    return StandingRule.objects.select_related("role__account", "made_by", "confirmed_by").get(pk=rule.pk)


def _request(rule: StandingRule, *, by: User, length: timedelta, reason: str, now: datetime) -> Request:
    # The whole second before: the window begins at the next one and would be too long otherwise.
    start = now.replace(microsecond=0)
    request = Request(
        standing_rule=rule,
        requester=by,
        role=rule.role,
        starts_at=start,
        ends_at=start + length,
        reason=reason.strip(),
        submitted_at=now,
    )
    request.content_hash = content_hash(request)
    return request


def _give(request: Request, *, by: User, now: datetime) -> None:
    """Give what was asked in the role that has room for it, by the same way as any other access."""
    grant = given(request, now=now)
    placement = admission.find_placement(request.role, grant.facts(), now=now)
    if placement.is_new:
        ledger.add_overflow_role(placement.role, by=by, now=now)
    grant.role = placement.role
    ledger.give(grant, by=by, now=now)
    tasks.enqueue(grant.role_id, urgent=True)


def _request_of(grant: Grant) -> Request:
    """Give the request behind a grant, its role's family locked first."""
    family = Q(pk=grant.role_id) | Q(overflow_of=grant.role_id) | Q(overflow_roles=grant.role_id)
    keys = Role.objects.filter(family).values_list("pk", flat=True)
    list(Role.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk"))
    related = ("role__account", "requester", "standing_rule")
    return Request.objects.select_for_update(of=("self",)).select_related(*related).get(pk=grant.request_id)


def _addresses(rule: StandingRule, person: User, *, now: datetime) -> list[str]:
    """Give the addresses of all who are told: those who answer for the role, and the person himself, who learns by it
    when somebody else sits at his session.
    """
    return sorted({*rule.answering(now=now).values_list("email", flat=True), person.email})
