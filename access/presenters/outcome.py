"""Why a request or its access ended, in the words of the person who ended it."""

from dataclasses import dataclass

from access.ledger.subjects import subject_of
from access.lifecycle import RequestState
from access.models import AuditEvent, Decision
from access.presenters.request_views import CANCELLED, RequestView
from access.texts import stored

_VERBS = {RequestState.WITHDRAWN.value: "request.withdrawn", CANCELLED: "request.expired"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reason, and who gave it; no person when Daypass did."""

    reason: str
    by: str = ""


def build_outcome(view: RequestView) -> Outcome | None:
    """Return the reason of a denial, of an early end or of a withdrawal by somebody else; None where none was given."""
    if view.state == RequestState.DENIED:
        denial = view.request.decisions.filter(verdict=Decision.Verdict.DENY).order_by("-pk").first()
        return Outcome(denial.reason, denial.by) if denial else None
    if view.grant is not None:
        is_other = view.grant.revoked_by_id not in {None, view.request.requester_id}
        return Outcome(str(view.grant.revoked_because), str(view.grant.revoked_by)) if is_other else None
    if view.state not in _VERBS:
        return None
    events = AuditEvent.objects.filter(subject=subject_of(view.request), verb=_VERBS[view.state])
    event = events.order_by("-sequence").first()
    said = " ".join(map(str, stored.texts_in(event.details.get("text")))) if event else ""
    return Outcome(said) if said else None
