"""Emails about requests: Daypass notifies people who must decide immediately, and again after growing intervals."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from access import pauses
from access.ledger.notifications import claim_notification, mark_notification_sent, notify_approvers
from access.lifecycle import RequestState
from access.models import Decision, FactorReset, Notification, Request, RoleChange, User
from access.notifications.emails import send
from access.rules.deciding import present_stage, who_can_decide
from access.rules.reminding import LONGEST_PAUSE, pause_after

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)  # after it was stored; the next attempt after that is the last one
AT_ONCE = 100
SENT_AT_ONCE = 10  # how many a task can send even if the mail server does not respond


def remind(*, now: datetime) -> None:
    """Write the emails that are due about pending requests; each round only once, even when sweeps overlap."""
    due = _due(now=now).order_by("notify_next_at")
    for request in due.select_related("role__account", "contractor__company", "contractor__sponsor", "principal")[
        :AT_ONCE
    ]:
        facts = request.facts()
        people = User.objects.filter(pk__in=who_can_decide(facts, now=now), is_active=True, contractor=None)
        first = request.role.first_reminder
        pause = None if first is None else pause_after(request.times_notified + 1, first_pause=first)
        notify_approvers(
            request,
            people,
            stage=present_stage(facts),
            next_at=None if pause is None else now + pause,
            now=now,
        )


def send_waiting(*, now: datetime) -> int:
    """Send the emails that are not sent yet, and return how many were. What the mail server does not take, or was begun
    by a process that died, is tried again later, after those that were not tried yet, and given up after three days.
    """
    related = (
        "person",
        "request__role__account",
        "request__requester",
        "request__contractor__company",
        "change__role__account",
        "change__proposed_by",
        "statement__role__account",
        "stop__stopped_by",
        "stop__role",
        "stop__account",
        "stop__company",
        "stop__person",
        "factor_reset__person",
        "factor_reset__proposed_by",
        "factor_reset__confirmed_by",
    )
    rows = _waiting(now=now).select_related(*related).order_by(F("tried_at").asc(nulls_first=True), "pk")
    return sum(_send(notification, now=now) for notification in rows[:SENT_AT_ONCE])


def any_waiting(*, now: datetime) -> bool:
    """Return whether there are emails to write or to send."""
    return any_written(now=now) or _due(now=now).exists()


def any_written(*, now: datetime) -> bool:
    """Return whether there are emails to send."""
    return _waiting(now=now).exists()


def _due(*, now: datetime) -> QuerySet[Request]:
    return Request.objects.waiting(now=now).filter(pauses.reached("notify_next_at", longest=LONGEST_PAUSE, now=now))


def _waiting(*, now: datetime) -> QuerySet[Notification]:
    in_time = Q(tried_at__lte=F("made_at") + GIVE_UP_AFTER)
    tried = Q(in_time, tried_at__lte=now - TRY_AGAIN_AFTER) | Q(tried_at__gt=now + pauses.LARGEST_SKEW)
    free = Q(tried_at=None) | tried
    return Notification.objects.filter(free, sent_at=None)


def _send(notification: Notification, *, now: datetime) -> bool:
    """Send one email, unless somebody else is at it, and say whether it was."""
    if not claim_notification(notification, now=now):
        return False
    # If somebody has decided in the meantime, nobody needs this email any more.
    gone = _is_gone(notification, now=now)
    if not (gone or send(notification.kind, notification.person.email, _context(notification))):
        if now > notification.made_at + GIVE_UP_AFTER:
            log.error(
                "notification.given_up",
                notification=notification.pk,
                kind=notification.kind,
                person=notification.person_id,
            )
        return False
    mark_notification_sent(notification, now=now)
    return not gone


def _is_gone(notification: Notification, *, now: datetime) -> bool:
    """Return whether what the email asks somebody to do needs doing no more."""
    if notification.statement is not None:
        return notification.statement.outcome in {
            notification.statement.Outcome.GONE,
            notification.statement.Outcome.ACCEPTED,
        }
    if notification.change is not None:
        return not RoleChange.objects.waiting(now=now).filter(pk=notification.change.pk).exists()
    if notification.factor_reset is not None:
        is_waiting = FactorReset.objects.waiting(now=now).filter(pk=notification.factor_reset.pk).exists()
        return notification.kind == Notification.Kind.FACTOR_RESET_PROPOSED and not is_waiting
    if notification.request is None or notification.kind not in {
        Notification.Kind.ASKED,
        Notification.Kind.QUESTION,
        Notification.Kind.ANSWER,
    }:
        return False
    return notification.request.state != "pending" or notification.request.is_overdue(now=now)


def _denial_of(request: Request | None) -> Decision | None:
    """Return the decision that denied the request, with its reason."""
    if request is None or request.state != RequestState.DENIED:
        return None
    denials = request.decisions.filter(verdict=Decision.Verdict.DENY).select_related("approver")
    return denials.order_by("-decided_at").first()


def _context(notification: Notification) -> dict[str, object]:
    """Return what the email's template is filled with."""
    if notification.statement is not None:
        role = notification.statement.role
        page = settings.BASE_URL + reverse("role", args=[role.account.account_id, role.name])
        return {"statement": notification.statement, "role": role, "page": page}
    if notification.stop is not None:
        return {"stop": notification.stop, "page": settings.BASE_URL + reverse("home")}
    if notification.factor_reset is not None:
        page = reverse("factor_reset", args=[notification.factor_reset.person.public_id])
        return {"reset": notification.factor_reset, "page": settings.BASE_URL + page}
    about = notification.change or notification.request
    if about is None:
        raise TypeError("an email is about something")
    deciding = {
        Notification.Kind.ASKED: "approval",
        Notification.Kind.ANSWER: "approval",
        Notification.Kind.ROLE_CHANGE: "role_change",
    }
    earlier = Notification.objects.filter(
        request=notification.request, person=notification.person, number__lt=notification.number
    )
    return {
        "again": notification.request is not None and earlier.exists(),
        "asked": notification.request,
        "denial": _denial_of(notification.request),
        "starts_on_approval": notification.request is not None and notification.request.starts_on_approval,
        "change": notification.change,
        "page": settings.BASE_URL
        + reverse(deciding.get(Notification.Kind(notification.kind), "request"), args=[about.public_id]),
    }
