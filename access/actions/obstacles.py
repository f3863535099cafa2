"""What prevents a request or an extension whatever somebody types: forms show it before they are sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from access import admission, stops
from access.actions.requests import pending_count
from access.models import Contractor, Grant, Role, User
from access.rules.checks import check_can_extend, check_pending
from access.rules.facts import Refused, refusal_of
from access.rules.stopping import StopFacts
from access.texts.text import Text

_SHORTEST = timedelta(minutes=1)


def obstacle_to_requests(by: User, *, now: datetime) -> Text | None:
    """Return why this person can submit no request at all; None if they can."""
    return refusal_of(lambda: check_pending(pending_count(by, now=now)))


def obstacle_to_role(role: Role, contractor: Contractor, *, among: Sequence[StopFacts]) -> Text | None:
    """Return why nobody, or not this contractor, can request the role. `among` are the stops in force."""

    def check() -> None:
        stops.check(role=role, contractor=contractor, among=among)
        admission.check_expiry_enforceable(role)

    return refusal_of(check)


def obstacle_to_extension(by: User, grant: Grant, *, now: datetime) -> Text | None:
    """Return why not even the shortest extension of this grant can be requested; None if it can."""

    def check() -> None:
        stops.check_request(grant.request)
        admission.check_expiry_enforceable(grant.role)
        check_pending(pending_count(by, now=now))
        try:
            check_can_extend(
                by.facts(),
                grant.request.facts(),
                grant.facts(),
                ends_at=grant.ends_at + _SHORTEST,
                reason="-",
                pending=0,
                now=now,
            )
        except Refused as error:
            # The form asks for these, so they are not known yet.
            if error.field != "ticket":
                raise

    return refusal_of(check)
