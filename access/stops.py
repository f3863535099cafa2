"""Refuse requests, approvals, break-glass, sessions and confirmations of policies while a stop covers them.

A caller of `check` has locked the role, and the contractor if there is one, as a stop locks them: so the stop is either
seen here, or ends what is being created.
"""

from collections.abc import Sequence

from access.models import Contractor, Grant, Request, Role, Stop
from access.rules.stopping import Concerned, StopFacts, check_not_stopped


def open_stops() -> tuple[StopFacts, ...]:
    """Return the stops in force."""
    return tuple(stop.facts() for stop in Stop.objects.open().order_by("pk"))


def check(
    *,
    role: Role,
    contractor: Contractor | None = None,
    company_id: int | None = None,
    person_id: int | None = None,
    among: Sequence[StopFacts] | None = None,
) -> None:
    """Raise Refused if a stop covers the role, or the contractor, company or internal user. `among` are the stops in
    force, where they are already read.
    """
    check_not_stopped(
        open_stops() if among is None else among,
        Concerned(
            role_id=role.overflow_of_id or role.pk,
            account_id=role.account_id,
            company_id=contractor.company_id if contractor else company_id,
            person_id=contractor.user_id if contractor else person_id,
            sponsor_id=contractor.sponsor_id if contractor else None,
        ),
    )


def check_request(request: Request, *, among: Sequence[StopFacts] | None = None) -> None:
    """Raise Refused if a stop covers this request."""
    check(role=request.role, contractor=request.contractor, person_id=request.requester_id, among=among)


def check_grant(grant: Grant) -> None:
    """Raise Refused if a stop covers this grant, by the role that was requested or by the one that holds it."""
    requester = grant.request.requester
    contractor = getattr(requester, "contractor", None)
    check(role=grant.request.role, contractor=contractor, person_id=requester.pk)
