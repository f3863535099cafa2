"""Ask back about a request, and answer; what was asked for stays as it is."""

from datetime import datetime

from django.db import transaction

from access import ledger, rules, tasks
from access.actions.locking import hold, locked
from access.models import Letter, Remark, Request, User


@transaction.atomic
def ask_back(*, by: User, request: Request, text: str, now: datetime) -> Remark:
    """Store a question of an approver's and give it; the contractor is told that there is one."""
    request = locked(request)
    hold(by)
    rules.check_can_ask_back(by.facts(), request.facts(), now=now)
    remark = _remark(request, by, text, is_question=True, now=now)
    _tell(Letter.Kind.QUESTION, request, [request.requester], now=now)
    return remark


@transaction.atomic
def answer(*, by: User, request: Request, text: str, now: datetime) -> Remark:
    """Store the contractor's answer and give it; whoever asked is told that there is one."""
    request = locked(request)
    asked = list(User.objects.filter(remarks__request=request, remarks__is_question=True, is_active=True).distinct())
    rules.check_can_answer(by.facts(), request.facts(), was_asked=bool(asked))
    remark = _remark(request, by, text, is_question=False, now=now)
    _tell(Letter.Kind.ANSWER, request, asked, now=now)
    return remark


def _remark(request: Request, by: User, text: str, *, is_question: bool, now: datetime) -> Remark:
    rules.check_remark(text, so_far=request.remarks.count())
    remark = Remark(request=request, author=by, is_question=is_question, text=text.strip(), written_at=now)
    return ledger.remark(remark, by=by, now=now)


def _tell(kind: Letter.Kind, request: Request, people: list[User], *, now: datetime) -> None:
    ledger.write_letters(kind, request, people, number=request.remarks.count(), now=now)
    tasks.enqueue_letters()
