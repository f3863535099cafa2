"""Store break-glass policies and break-glass grants, each change with its event."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.spool import record
from access.ledger.subjects import break_glass_policy_subject
from access.ledger.subjects import subject_of as request_subject
from access.models import BreakGlassGrant, BreakGlassPolicy, Request, User
from access.texts import stored
from access.texts.text import Text


@transaction.atomic
def record_break_glass_policy(policy: BreakGlassPolicy, people: Collection[User], *, by: User, now: datetime) -> None:
    """Store a new break-glass policy, which waits for another administrator."""
    policy.save(force_insert=True)
    policy.people.set(people)
    append(
        verb="break_glass_policy.created",
        subject=break_glass_policy_subject(policy),
        by=by,
        now=now,
        role=policy.role.arn,
        people=sorted(person.email for person in people),
        longest_seconds=int(policy.longest.total_seconds()),
        expires_at=policy.expires_at,
        reason=policy.reason,
        content_hash=policy.content_hash(),
    )


@transaction.atomic
def record_break_glass_policy_confirmation(policy: BreakGlassPolicy, *, by: User, now: datetime) -> None:
    """Record the second administrator's confirmation; raises Conflict when somebody else acted first."""
    waiting = BreakGlassPolicy.objects.filter(pk=policy.pk, confirmed_at=None, withdrawn_at=None)
    if not waiting.update(confirmed_by=by, confirmed_at=now):
        raise Conflict("break_glass_policy_decided")
    append(
        verb="break_glass_policy.confirmed",
        subject=break_glass_policy_subject(policy),
        by=by,
        now=now,
        content_hash=policy.content_hash(),
    )


@transaction.atomic
def record_break_glass_policy_withdrawal(policy: BreakGlassPolicy, *, by: User, now: datetime) -> None:
    """Record that a policy no longer allows break-glass; raises Conflict if it was withdrawn before."""
    if not BreakGlassPolicy.objects.filter(pk=policy.pk, withdrawn_at=None).update(withdrawn_by=by, withdrawn_at=now):
        raise Conflict("break_glass_policy_withdrawn")
    record(verb="break_glass_policy.withdrawn", subject=break_glass_policy_subject(policy), by=by, now=now)


@transaction.atomic
def record_break_glass_grant(
    request: Request, policy: BreakGlassPolicy, *, not_notified: Sequence[str], now: datetime
) -> BreakGlassGrant:
    """Record a break-glass grant before anybody gets access; `not_notified` contains the addresses to notify."""
    person = request.requester
    append(
        verb="break_glass_grant.created",
        subject=request_subject(request),
        by=person,
        now=now,
        break_glass_policy=str(policy.public_id),
        made_by=policy.made_by.email,
        confirmed_by=policy.confirmed_by.email if policy.confirmed_by else "",
        role=request.role.arn,
        reason=request.reason,
        ends_at=request.ends_at,
    )
    return BreakGlassGrant.objects.create(
        request=request, break_glass_policy=policy, person=person, used_at=now, not_notified=list(not_notified)
    )


@transaction.atomic
def record_break_glass_notified(
    break_glass_grant: BreakGlassGrant, *, notified: Collection[str], now: datetime
) -> None:
    """Record to which addresses the email was sent, and to which it could not be sent."""
    break_glass_grant = (
        BreakGlassGrant.objects.select_for_update(of=("self",)).select_related("request").get(pk=break_glass_grant.pk)
    )
    left = [address for address in break_glass_grant.not_notified if address not in notified]
    if left == break_glass_grant.not_notified:
        return
    everybody = sorted({*break_glass_grant.notified, *notified})
    BreakGlassGrant.objects.filter(pk=break_glass_grant.pk).update(
        notified=everybody, not_notified=left, notified_at=None if left else now
    )
    subject = request_subject(break_glass_grant.request)
    # They already have the email. Without a record, every sweep would send it again.
    record(
        verb="break_glass_grant.notified",
        subject=subject,
        by="worker",
        now=now,
        notified=sorted(notified),
        not_notified=left,
    )


@transaction.atomic
def record_break_glass_review(
    break_glass_grant: BreakGlassGrant, verdict: BreakGlassGrant.Verdict, *, comment: str, by: User, now: datetime
) -> None:
    """Record another person's review of a break-glass grant; raises Conflict if it was reviewed before."""
    waiting = BreakGlassGrant.objects.filter(pk=break_glass_grant.pk, reviewed_at=None)
    if not waiting.update(verdict=verdict, comment=comment, reviewed_by=by, reviewed_at=now):
        raise Conflict("break_glass_reviewed")
    append(
        verb="break_glass_grant.reviewed",
        subject=request_subject(break_glass_grant.request),
        by=by,
        now=now,
        verdict=verdict,
        text=stored.dump(_words(verdict, comment)),
    )


def _words(verdict: BreakGlassGrant.Verdict, comment: str) -> Text:
    if verdict == BreakGlassGrant.Verdict.JUSTIFIED:
        return Text("break_glass_justified", {"comment": comment})
    return Text("break_glass_not_justified", {"comment": comment})
