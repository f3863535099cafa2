"""Ask for information about a request, and answer. The request itself does not change."""

from datetime import datetime

from django.db import transaction

from access import tasks
from access.actions.locking import lock_people, locked_request
from access.ledger.notifications import create_notifications
from access.ledger.requests import record_comment
from access.models import Comment, Notification, Request, User
from access.rules.comments import check_can_answer, check_can_ask_for_information, check_comment


@transaction.atomic
def ask_for_information(*, by: User, request: Request, text: str, now: datetime) -> Comment:
    """Store and return an approver's question, and notify the contractor."""
    request = locked_request(request)
    lock_people(by)
    check_can_ask_for_information(by.facts(), request.facts(), now=now)
    comment = _comment(request, by, text, is_question=True, now=now)
    _notify(Notification.Kind.QUESTION, request, [request.requester], now=now)
    return comment


@transaction.atomic
def answer(*, by: User, request: Request, text: str, now: datetime) -> Comment:
    """Store and return the contractor's answer, and notify the approver who asked."""
    request = locked_request(request)
    asked = list(User.objects.filter(comments__request=request, comments__is_question=True, is_active=True).distinct())
    check_can_answer(by.facts(), request.facts(), was_asked=bool(asked))
    comment = _comment(request, by, text, is_question=False, now=now)
    _notify(Notification.Kind.ANSWER, request, asked, now=now)
    return comment


def _comment(request: Request, by: User, text: str, *, is_question: bool, now: datetime) -> Comment:
    check_comment(text, so_far=request.comments.count())
    comment = Comment(request=request, author=by, is_question=is_question, text=text.strip(), written_at=now)
    return record_comment(comment, by=by, now=now)


def _notify(kind: Notification.Kind, request: Request, people: list[User], *, now: datetime) -> None:
    create_notifications(kind, request, people, number=request.comments.count(), now=now)
    tasks.enqueue_notifications()
