"""Standing rules and the uses of them, each change with its event."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from access.ledger.chain import append
from access.ledger.chain import subject_of as request_subject
from access.ledger.changes import Conflict
from access.ledger.spool import record
from access.models import EmergencyUse, Request, StandingRule, User


def standing_subject(rule: StandingRule) -> str:
    """Give the name under which the events of a standing rule are found."""
    return f"standing-rule:{rule.public_id}"


@transaction.atomic
def make_standing(rule: StandingRule, people: Collection[User], *, by: User, now: datetime) -> None:
    """Store a new standing rule, which waits for another administrator."""
    rule.save(force_insert=True)
    rule.people.set(people)
    append(
        verb="standing_rule.made",
        subject=standing_subject(rule),
        by=by,
        now=now,
        role=rule.role.arn,
        people=sorted(person.email for person in people),
        longest_seconds=int(rule.longest.total_seconds()),
        expires_at=rule.expires_at,
        reason=rule.reason,
        content_hash=rule.content_hash(),
    )


@transaction.atomic
def confirm_standing(rule: StandingRule, *, by: User, now: datetime) -> None:
    """Record the second administrator's yes; raises Conflict when somebody was faster."""
    waiting = StandingRule.objects.filter(pk=rule.pk, confirmed_at=None, withdrawn_at=None)
    if not waiting.update(confirmed_by=by, confirmed_at=now):
        raise Conflict("This rule is confirmed or withdrawn already.")
    append(
        verb="standing_rule.confirmed",
        subject=standing_subject(rule),
        by=by,
        now=now,
        content_hash=rule.content_hash(),
    )


@transaction.atomic
def withdraw_standing(rule: StandingRule, *, by: User, now: datetime) -> None:
    """Record that a rule lets nobody do anything any more; raises Conflict when it was withdrawn before."""
    if not StandingRule.objects.filter(pk=rule.pk, withdrawn_at=None).update(withdrawn_by=by, withdrawn_at=now):
        raise Conflict("This rule is withdrawn already.")
    record(verb="standing_rule.withdrawn", subject=standing_subject(rule), by=by, now=now)


@transaction.atomic
def break_glass(request: Request, rule: StandingRule, *, untold: Sequence[str], now: datetime) -> EmergencyUse:
    """Record that somebody breaks the glass, before anything is given; `untold` are the addresses to be told."""
    person = request.requester
    append(
        verb="breakglass.used",
        subject=request_subject(request),
        by=person,
        now=now,
        standing_rule=str(rule.public_id),
        made_by=rule.made_by.email,
        confirmed_by=rule.confirmed_by.email if rule.confirmed_by else "",
        role=request.role.arn,
        reason=request.reason,
        ends_at=request.ends_at,
    )
    return EmergencyUse.objects.create(
        request=request, standing_rule=rule, person=person, used_at=now, untold=list(untold)
    )


@transaction.atomic
def record_told(use: EmergencyUse, *, told: Collection[str], now: datetime) -> None:
    """Record to which addresses the letter went, and to which it did not."""
    use = EmergencyUse.objects.select_for_update(of=("self",)).select_related("request").get(pk=use.pk)
    left = [address for address in use.untold if address not in told]
    if left == use.untold:
        return
    everybody = sorted({*use.told, *told})
    EmergencyUse.objects.filter(pk=use.pk).update(told=everybody, untold=left, told_at=None if left else now)
    subject = request_subject(use.request)
    # They have the email: without a record they would get it again with every sweep.
    record(verb="breakglass.told", subject=subject, by="worker", now=now, told=sorted(told), untold=left)


@transaction.atomic
def review_use(use: EmergencyUse, verdict: EmergencyUse.Verdict, *, remark: str, by: User, now: datetime) -> None:
    """Record what somebody else says of a use; raises Conflict when it was reviewed before."""
    waiting = EmergencyUse.objects.filter(pk=use.pk, reviewed_at=None)
    if not waiting.update(verdict=verdict, remark=remark, reviewed_by=by, reviewed_at=now):
        raise Conflict("Somebody has reviewed this already.")
    append(
        verb="breakglass.reviewed",
        subject=request_subject(use.request),
        by=by,
        now=now,
        verdict=verdict,
        reason=f"{verdict.label.capitalize()}. {remark}",
    )
