"""Checks for asking for information about a pending request, and for answering."""

from datetime import datetime

from access.lifecycle import RequestState
from access.rules.checks import check_can_decide, check_reason
from access.rules.facts import PersonFacts, Refused, RequestFacts, passes
from access.texts.text import Text

MAX_COMMENTS = 50  # of one request


def check_can_ask_for_information(person: PersonFacts, request: RequestFacts, *, now: datetime) -> None:
    """Raise Refused unless this person can decide the request now: approvers can ask first."""
    check_can_decide(person, request, now=now)


def check_can_answer(person: PersonFacts, request: RequestFacts, *, was_asked: bool) -> None:
    """Raise Refused unless the request is this person's own, still waits, and somebody asked something about it."""
    if person.user_id != request.requester_id:
        raise Refused("not_asked")
    if request.state is not RequestState.PENDING:
        raise Refused("request_closed_for_comments", state=Text(f"state_{request.state}"))
    if not was_asked:
        raise Refused("nothing_asked")


def check_comment(text: str, *, so_far: int) -> None:
    """Raise Refused unless there is something to read, and not too much of it."""
    check_reason(text)
    if so_far >= MAX_COMMENTS:
        raise Refused("too_many_comments", count=so_far)


def can_ask_for_information(person: PersonFacts, request: RequestFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_ask_for_information(person, request, now=now))


def can_answer(person: PersonFacts, request: RequestFacts, *, was_asked: bool) -> bool:
    return passes(lambda: check_can_answer(person, request, was_asked=was_asked))
