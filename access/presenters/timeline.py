"""The timeline of a request: past events from the audit chain, and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.ledger.auto_approvals import AUTO_APPROVAL
from access.ledger.subjects import subject_of
from access.models import AuditEvent, User
from access.presenters.request_views import RequestView
from access.rules.windows import Window
from access.texts import stored


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    text: str
    kind: Literal["done", "next", "bad"]
    by: str = ""


_SENTENCES = {
    "request.submitted": _("Requested"),
    "decision.approved": _("Approved"),
    "decision.denied": _("Denied"),
    "break_glass_grant.created": _("Break-glass access used"),
    "break_glass_grant.notified": _("Everyone notified"),
    "break_glass_grant.reviewed": _("Reviewed"),
    "request.information_requested": _("Information requested"),
    "request.answered": _("Answered"),
    "request.withdrawn": _("Withdrawn"),
    "request.expired": _("Expired without a decision"),
    "grant.applied": _("Applied in AWS and confirmed"),
    "grant.extended": _("Extended"),
    "grant.revoked": _("Revoked"),
    "grant.returned": _("Returned"),
    "grant.removed": _("Removed from AWS and confirmed"),
    "grant.refused": _("AWS confirmed that it refuses new sessions"),
    "grant.admitted_after_end": _("After the end, Daypass's identity could still assume the role"),
    "grant.problem": _("Problem"),
    "grant.problem_gone": _("Problem resolved"),
}
_BAD = {"grant.problem", "decision.denied", "grant.revoked", "grant.admitted_after_end"}
_PROCESSES = {"worker", "daypass", "builder", "issuer", AUTO_APPROVAL}


def build_timeline(request_view: RequestView, *, now: datetime) -> list[Entry]:
    """Return what happened, oldest first, then what follows with time."""
    events = AuditEvent.objects.filter(subject=subject_of(request_view.request), verb__in=_SENTENCES)
    # Do not use the order of the chain, because spooled events are added to it later.
    listed = list(events.order_by("at", "sequence"))
    people = {event.actor for event in listed} | {event.details.get("delegate_of", "") for event in listed}
    names = dict(User.objects.filter(email__in=people).values_list("email", "name"))
    return [*(_past(event, names) for event in listed), *_future(request_view, now=now)]


def _past(event: AuditEvent, names: dict[str, str]) -> Entry:
    said = " ".join(map(str, stored.texts_in(event.details.get("text"))))
    extra = said or (event.details.get("reason") if event.verb != "request.submitted" else "")
    if delegated_by := event.details.get("delegate_of"):
        person = names.get(delegated_by) or delegated_by
        delegated = gettext("as delegate of {person}").format(person=person)
        extra = f"{delegated}: {extra}" if extra else delegated
    cancelled = event.verb == "request.expired" and extra  # an expiry by time has no reason
    title = gettext("Cancelled") if cancelled else str(_SENTENCES[event.verb])
    text = f"{title}: {extra}" if extra else title
    by = "" if event.actor in _PROCESSES else names.get(event.actor) or event.actor
    return Entry(event.at, text, "bad" if event.verb in _BAD else "done", by)


def _future(request_view: RequestView, *, now: datetime) -> Iterator[Entry]:
    if request_view.state in {"denied", "withdrawn", "expired", "cancelled", "ending", "ended"}:
        return
    if request_view.state == "pending":
        yield Entry(request_view.request.expires_at, gettext("Expires without a decision"), "next")
        return
    window = request_view.window
    if isinstance(window, Window):
        if window.starts_at > now:
            yield Entry(window.starts_at, gettext("Access starts"), "next")
        yield Entry(window.ends_at, gettext("Access ends"), "next")
