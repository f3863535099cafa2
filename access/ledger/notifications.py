"""Notifications: the emails that the worker sends. They have no events of their own."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max

from access.models import Notification, Request, RoleChange, User


def notify_stage(request: Request, *, now: datetime) -> None:
    """Notify the approvers of the current stage immediately, because the stage is new or the terms have changed."""
    Request.objects.filter(pk=request.pk).update(times_notified=0, notify_next_at=now)


def notify_again(request: Request, *, now: datetime) -> None:
    """Immediately notify the people who can decide that there is something new to decide."""
    Request.objects.filter(pk=request.pk).update(notify_next_at=now)


@transaction.atomic
def notify_approvers(
    request: Request, people: Iterable[User], *, stage: int, next_at: datetime | None, now: datetime
) -> bool:
    """Write the emails of one round and return whether this call wrote them: each round is written only once."""
    mine = Request.objects.filter(
        pk=request.pk, times_notified=request.times_notified, notify_next_at=request.notify_next_at
    )
    if not mine.update(times_notified=F("times_notified") + 1, notify_next_at=next_at):
        return False
    rounds = request.notifications.filter(kind=Notification.Kind.ASKED).aggregate(last=Max("number"))["last"]
    number = 0 if rounds is None else rounds + 1
    create_notifications(Notification.Kind.ASKED, request, people, stage=stage, number=number, now=now)
    return True


def create_notifications(
    kind: Notification.Kind, request: Request, people: Iterable[User], *, now: datetime, stage: int = 1, number: int = 0
) -> None:
    """Write an email to each of these people; the worker sends it."""
    notifications = [
        Notification(kind=kind, request=request, person=person, stage=stage, number=number, made_at=now)
        for person in people
    ]
    Notification.objects.bulk_create(notifications, ignore_conflicts=True)


def create_change_notifications(change: RoleChange, *, now: datetime) -> None:
    """Write an email to every administrator who can confirm a proposed change; the worker sends it."""
    others = User.objects.filter(is_staff=True, is_active=True, contractor=None).exclude(pk=change.proposed_by_id)
    notifications = [
        Notification(kind=Notification.Kind.ROLE_CHANGE, change=change, person=one, made_at=now) for one in others
    ]
    Notification.objects.bulk_create(notifications, ignore_conflicts=True)


def claim_notification(notification: Notification, *, now: datetime) -> bool:
    """Store that an email is being sent, and return whether no other process is sending it."""
    mine = Notification.objects.filter(pk=notification.pk, sent_at=None, tried_at=notification.tried_at)
    return bool(mine.update(tried_at=now))


def mark_notification_sent(notification: Notification, *, now: datetime) -> None:
    """Store that an email needs no more attempts: the mail server accepted it, or nobody needs it any more."""
    Notification.objects.filter(pk=notification.pk).update(sent_at=now)
