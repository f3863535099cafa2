"""Changes of how is decided: rules that approve, deputies, a role's rules, and letters; each with its event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from access.ledger.chain import Entry, append, role_subject, subject_of
from access.ledger.changes import Conflict
from access.ledger.people import person_subject
from access.ledger.spool import record, record_all
from access.models import AutoApproval, Decision, Deputy, Letter, Remark, Request, RoleChange, User

AUTO = "auto-approval"


@transaction.atomic
def decide_by_rule(request: Request, rule: AutoApproval, *, now: datetime) -> Decision:
    """Store the yes of a rule, with who made and who confirmed it."""
    decision = Decision.objects.create(
        request=request,
        rule=rule,
        requester=request.requester,
        verdict=Decision.Verdict.APPROVE,
        content_hash=request.content_hash,
        decided_at=now,
    )
    append(
        verb="decision.approved",
        subject=subject_of(request),
        by=AUTO,
        now=now,
        content_hash=request.content_hash,
        rule=rule.public_id,
        sentence=f"by a rule that {rule.made_by} made and {rule.confirmed_by} confirmed",
    )
    return decision


@transaction.atomic
def make_rule(rule: AutoApproval, *, by: User, now: datetime) -> AutoApproval:
    """Store a rule, which approves nothing before it is confirmed."""
    rule.save(force_insert=True)
    append(verb="auto_approval.made", subject=role_subject(rule.role), by=by, now=now, **terms_of(rule))
    return rule


@transaction.atomic
def confirm_rule(rule: AutoApproval, *, by: User, now: datetime) -> None:
    """Record that a second administrator wants the rule; raises Conflict when it no longer waits for one."""
    waiting = AutoApproval.objects.filter(pk=rule.pk, confirmed_at=None, ended_at=None, expires_at__gt=now)
    if not waiting.exclude(made_by=by).update(confirmed_by=by, confirmed_at=now):
        raise Conflict("This rule no longer waits to be confirmed.")
    append(verb="auto_approval.confirmed", subject=role_subject(rule.role), by=by, now=now, **terms_of(rule))


@transaction.atomic
def end_rule(rule: AutoApproval, *, by: User, now: datetime) -> None:
    """Record that a rule approves nothing any more; raises Conflict when somebody was faster."""
    if not AutoApproval.objects.filter(pk=rule.pk, ended_at=None).update(ended_by=by, ended_at=now):
        raise Conflict("This rule has been ended already.")
    record(verb="auto_approval.ended", subject=role_subject(rule.role), by=by, now=now, rule=rule.public_id)


def terms_of(rule: AutoApproval) -> dict[str, Any]:
    """Give what a rule says, as the record keeps it."""
    hours = rule.office_hours()
    return {
        "rule": rule.public_id,
        "company": rule.company.name,
        "longest_window": rule.longest_window,
        "hours": hours.in_words() if hours else "",
        "per_week": rule.per_week,
        "hours_per_week": rule.hours_per_week,
        "expires_at": rule.expires_at,
        "made_by": rule.made_by.email,
    }


@transaction.atomic
def name_deputy(row: Deputy, *, by: User, now: datetime) -> Deputy:
    """Store who decides in somebody's place."""
    row.save(force_insert=True)
    append(
        verb="deputy.named",
        subject=person_subject(row.approver),
        by=by,
        now=now,
        deputy=row.deputy.email,
        from_at=row.from_at,
        until_at=row.until_at,
    )
    return row


@transaction.atomic
def end_deputies(rows: Iterable[Deputy], *, at: datetime, by: User | str, now: datetime) -> None:
    """Record that deputies decide in nobody's place any more; those that somebody else ended are left alone."""
    ended = [row for row in rows if Deputy.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)]
    entries = [Entry("deputy.ended", person_subject(row.approver), {"deputy": row.deputy.email}) for row in ended]
    record_all(entries, by=by, now=now)


def end_absences(*, now: datetime) -> None:
    """End the deputies whose time is over; they decide nothing from that moment on, whenever this runs."""
    over = Deputy.objects.filter(ended_at=None, until_at__lte=now).select_related("approver", "deputy")
    rows = list(over.order_by("pk")[:100])
    if rows:
        end_deputies(rows, at=now, by="daypass", now=now)


def tell_stage(request: Request, *, now: datetime) -> None:
    """Let those whose turn it is now be told at once: of the next stage, or again when something else is asked."""
    Request.objects.filter(pk=request.pk).update(told=0, tell_next_at=now)


@transaction.atomic
def remark(row: Remark, *, by: User, now: datetime) -> Remark:
    """Store what somebody asked or answered about a request."""
    row.save(force_insert=True)
    verb = "request.questioned" if row.is_question else "request.answered"
    append(verb=verb, subject=subject_of(row.request), by=by, now=now, text=row.text)
    return row


def tell_again(request: Request, *, now: datetime) -> None:
    """Let those who can decide be told at once that there is something new to decide about."""
    Request.objects.filter(pk=request.pk).update(tell_next_at=now)


@transaction.atomic
def tell(request: Request, people: Iterable[User], *, stage: int, next_at: datetime | None, now: datetime) -> bool:
    """Write the letters of one round, and say whether nobody else did: a round is written once, whoever comes."""
    mine = Request.objects.filter(pk=request.pk, told=request.told, tell_next_at=request.tell_next_at)
    if not mine.update(told=F("told") + 1, tell_next_at=next_at):
        return False
    rounds = request.letters.filter(kind=Letter.Kind.ASKED).aggregate(last=Max("number"))["last"]
    number = 0 if rounds is None else rounds + 1
    write_letters(Letter.Kind.ASKED, request, people, stage=stage, number=number, now=now)
    return True


def write_letters(
    kind: Letter.Kind, request: Request, people: Iterable[User], *, now: datetime, stage: int = 1, number: int = 0
) -> None:
    """Write a letter to each of these people; the worker sends it."""
    letters = [
        Letter(kind=kind, request=request, person=person, stage=stage, number=number, made_at=now) for person in people
    ]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def write_letters_of(change: RoleChange, *, now: datetime) -> None:
    """Write a letter to every administrator who may confirm a proposed change; the worker sends it."""
    others = User.objects.filter(is_staff=True, is_active=True, contractor=None).exclude(pk=change.proposed_by_id)
    letters = [Letter(kind=Letter.Kind.ROLE_CHANGE, change=change, person=one, made_at=now) for one in others]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
