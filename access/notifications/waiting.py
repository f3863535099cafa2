"""Letters about requests: who has to decide is told at once and again after growing pauses; rules tell who answers."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from access import ledger, pauses, rules
from access.models import Letter, Request, RoleChange, User
from access.notifications.letters import send

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)  # since it was written; a try after that is the last one
AT_ONCE = 100
SENT_AT_ONCE = 10  # what a task has time for although the mail server answers none


def remind(*, now: datetime) -> None:
    """Write the letters that are due about requests that wait; each round once, whoever else does the same."""
    due = _due(now=now).order_by("tell_next_at")
    for request in due.select_related("role__account", "contractor__company", "contractor__sponsor", "principal")[
        :AT_ONCE
    ]:
        facts = request.facts()
        people = User.objects.filter(pk__in=rules.who_can_decide(facts, now=now), is_active=True, contractor=None)
        first = request.role.first_reminder
        pause = None if first is None else rules.pause_after(request.told + 1, first_pause=first)
        ledger.tell(
            request,
            people,
            stage=rules.present_stage(facts),
            next_at=None if pause is None else now + pause,
            now=now,
        )


def send_waiting(*, now: datetime) -> int:
    """Send the letters that are not sent yet, and give how many were. What the mail server does not take, or was begun
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
    )
    rows = _waiting(now=now).select_related(*related).order_by(F("tried_at").asc(nulls_first=True), "pk")
    return sum(_send(letter, now=now) for letter in rows[:SENT_AT_ONCE])


def any_waiting(*, now: datetime) -> bool:
    """Say whether there are letters to write or to send."""
    return any_written(now=now) or _due(now=now).exists()


def any_written(*, now: datetime) -> bool:
    """Say whether there are letters to send."""
    return _waiting(now=now).exists()


def _due(*, now: datetime) -> QuerySet[Request]:
    return Request.objects.waiting(now=now).filter(
        pauses.reached("tell_next_at", longest=rules.LONGEST_REMINDER_PAUSE, now=now)
    )


def _waiting(*, now: datetime) -> QuerySet[Letter]:
    in_time = Q(tried_at__lte=F("made_at") + GIVE_UP_AFTER)
    tried = Q(in_time, tried_at__lte=now - TRY_AGAIN_AFTER) | Q(tried_at__gt=now + pauses.LARGEST_SKEW)
    free = Q(tried_at=None) | tried
    return Letter.objects.filter(free, sent_at=None)


def _send(letter: Letter, *, now: datetime) -> bool:
    """Send one letter, unless somebody else is at it, and say whether it was."""
    mine = Letter.objects.filter(pk=letter.pk, sent_at=None, tried_at=letter.tried_at)
    if not mine.update(tried_at=now):
        return False
    # What was decided meanwhile is nobody's concern any more.
    gone = _is_gone(letter, now=now)
    if not (gone or send(letter.kind, letter.person.email, _context(letter))):
        if now > letter.made_at + GIVE_UP_AFTER:
            log.error("letter.given_up", letter=letter.pk, kind=letter.kind, person=letter.person_id)
        return False
    Letter.objects.filter(pk=letter.pk).update(sent_at=now)
    return not gone


def _is_gone(letter: Letter, *, now: datetime) -> bool:
    """Say whether what the letter asks somebody to do needs doing no more."""
    if letter.statement is not None:
        return letter.statement.outcome in {letter.statement.Outcome.GONE, letter.statement.Outcome.ACCEPTED}
    if letter.change is not None:
        return not RoleChange.objects.waiting(now=now).filter(pk=letter.change.pk).exists()
    if letter.request is None or letter.kind not in {Letter.Kind.ASKED, Letter.Kind.QUESTION, Letter.Kind.ANSWER}:
        return False
    return letter.request.state != "pending" or letter.request.is_overdue(now=now)


def _context(letter: Letter) -> dict[str, object]:
    """Give what the letter's template is filled with."""
    if letter.statement is not None:
        role = letter.statement.role
        page = settings.BASE_URL + reverse("role", args=[role.account.account_id, role.name])
        return {"statement": letter.statement, "role": role, "page": page}
    about = letter.change or letter.request
    if about is None:
        raise TypeError("a letter is about something")
    deciding = {Letter.Kind.ASKED: "approval", Letter.Kind.ANSWER: "approval", Letter.Kind.ROLE_CHANGE: "role_change"}
    earlier = Letter.objects.filter(request=letter.request, person=letter.person, number__lt=letter.number)
    return {
        "again": letter.request is not None and earlier.exists(),
        "asked": letter.request,
        "change": letter.change,
        "page": settings.BASE_URL + reverse(deciding.get(Letter.Kind(letter.kind), "request"), args=[about.public_id]),
    }
