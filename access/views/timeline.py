"""The life of a request as sentences: what was, from the audit chain, and what is to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from access import ledger
from access.models import AuditEvent, User
from access.views.stories import Story


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    text: str
    kind: Literal["done", "next", "bad"]
    by: str = ""


_SENTENCES = {
    "request.submitted": "Asked for",
    "decision.approved": "Approved",
    "decision.denied": "Denied",
    "breakglass.used": "Broke the glass",
    "breakglass.told": "Everybody was told",
    "breakglass.reviewed": "Reviewed",
    "request.questioned": "Asked back",
    "request.answered": "Answered",
    "request.withdrawn": "Withdrawn",
    "request.lapsed": "Lapsed undecided",
    "grant.applied": "Written to AWS and read back",
    "grant.extended": "Extended",
    "grant.revoked": "Revoked",
    "grant.returned": "Given back",
    "grant.removed": "Removed from AWS and read back",
    "grant.refused": "Seen that AWS refuses the portal's own identity",
    "grant.admitted_after_end": "AWS still let the portal's own identity in",
    "grant.problem": "Problem",
    "grant.problem_gone": "Problem gone",
}
_BAD = {"grant.problem", "decision.denied", "grant.revoked", "grant.admitted_after_end"}
_PROCESSES = {"worker", "daypass", "builder", "issuer", ledger.AUTO}


def of(story: Story, *, now: datetime) -> list[Entry]:
    """Give what happened, oldest first, then what time alone will bring."""
    events = AuditEvent.objects.filter(subject=ledger.subject_of(story.request), verb__in=_SENTENCES)
    # Not in the order of the chain: what was spooled is chained later.
    listed = list(events.order_by("at", "sequence"))
    people = {event.actor for event in listed} | {event.details.get("deputy_of", "") for event in listed}
    names = dict(User.objects.filter(email__in=people).values_list("email", "name"))
    return [*(_past(event, names) for event in listed), *_future(story, now=now)]


def _past(event: AuditEvent, names: dict[str, str]) -> Entry:
    extra = event.details.get("sentence") or (event.details.get("reason") if event.verb != "request.submitted" else "")
    if deputised := event.details.get("deputy_of"):
        extra = f"as deputy of {names.get(deputised) or deputised}" + (f": {extra}" if extra else "")
    text = _SENTENCES[event.verb] + (f": {extra}" if extra else "")
    by = "" if event.actor in _PROCESSES else names.get(event.actor) or event.actor
    return Entry(event.at, text, "bad" if event.verb in _BAD else "done", by)


def _future(story: Story, *, now: datetime) -> Iterator[Entry]:
    if story.state in {"denied", "withdrawn", "lapsed", "ending", "ended"}:
        return
    if story.state == "pending":
        yield Entry(story.request.last_moment, "Lapses if nobody decides", "next")
        return
    if story.starts_at > now:
        yield Entry(story.starts_at, "Access begins", "next")
    yield Entry(story.ends_at, "AWS ends the access", "next")
