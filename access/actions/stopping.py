"""Stop all access in a scope with one button, and lift a stop with two administrators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from access import tasks
from access.actions.attempts import tried
from access.actions.locking import lock_people, locked_grants
from access.actions.stop_targets import Target, check_can_stop
from access.guarding import Result
from access.ledger import stops
from access.ledger.chain import Entry
from access.models import (
    AutoApprovalPolicy,
    BreakGlassPolicy,
    Contractor,
    Grant,
    Request,
    Role,
    Stop,
    User,
    settings_of,
)
from access.rules.checks import check_reason
from access.rules.facts import Refused
from access.rules.stopping import Scope, check_can_lift
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Ending:
    """What a stop ends."""

    grants: Sequence[Grant] = ()
    requests: Sequence[Request] = ()
    auto_approvals: Sequence[AutoApprovalPolicy] = ()
    break_glass: Sequence[BreakGlassPolicy] = ()
    people: frozenset[int] = field(default=frozenset())


def what_ends(target: Target, *, now: datetime) -> Ending:
    """Return what pressing the button ends, and the ids of the people who get an email about it."""
    related = ("role__account", "request__role__account", "request__requester", "contractor__company")
    grants = list(target.grants(now=now).select_related(*related))
    requests = list(target.requests().select_related("role__account", "requester", "contractor__company"))
    return Ending(
        grants=grants,
        requests=requests,
        auto_approvals=list(target.auto_approval_policies(now=now).select_related("role__account", "company")),
        break_glass=list(target.break_glass_policies(now=now).select_related("role__account")),
        people=people_to_notify(target, grants, requests),
    )


def people_to_notify(target: Target, grants: Sequence[Grant], requests: Sequence[Request]) -> frozenset[int]:
    """Return the ids of those who hold or requested what ends, of approvers and sponsors, and of administrators."""
    asked = [*requests, *(grant.request for grant in grants)]
    roles = {request.role_id: request.role for request in asked}
    if isinstance(target.named, Role):
        roles[target.named.pk] = target.named
    contractors = Contractor.objects.filter(
        pk__in={request.contractor_id for request in asked if request.contractor_id}
    )
    found = {request.requester_id for request in asked} | set(contractors.values_list("sponsor_id", flat=True))
    found |= {key for settings in settings_of(list(roles.values())).values() for key in settings.approver_ids}
    named = User.objects.filter(pk__in=found) | User.objects.filter(is_staff=True, contractor=None)
    return frozenset(named.filter(is_active=True).values_list("pk", flat=True))


def stop(*, by: User, target: Target, reason: str, now: datetime, has_new_factor: bool = False) -> Stop:
    """Set the mark and end everything in its scope, in one transaction; return the mark.

    Pressing the button again while the mark is there ends what is left. `has_new_factor` says whether a passkey or code
    was used a moment ago, which stopping everything needs.
    """
    check_reason(reason)
    if target.scope is Scope.EVERYTHING and not has_new_factor:
        raise Refused("confirmation_too_old")
    while (made := _stop(by=by, target=target, reason=reason.strip(), now=now)) is None:
        pass  # somebody joined the scope in the meantime
    return made


@transaction.atomic
def _stop(*, by: User, target: Target, reason: str, now: datetime) -> Stop | None:
    """Return the mark, or None when not everybody in the scope turns out to be locked."""
    contractors = _lock_scope(target, now=now)
    check_can_stop(by, target, now=now)
    requests = _tried(partial(_locked, target.requests().select_related("role__account"))) or []
    if isinstance(target.named, User):
        lock_people(target.named)
    if list(target.contractors().values_list("pk", flat=True)) != contractors:
        return None
    related = ("role__account", "request__role__account")
    grants = locked_grants(target.grants(now=now).select_related(*related))
    mark = target.open_stop()
    if mark is None:
        mark = Stop(**target.columns(), reason=reason, stopped_by=by, stopped_at=now)
        stops.store_stop(mark)
    why = Text("revoked_by_stop", {"scope": Text(f"stopped_{target.scope}"), "comment": reason})
    ended = stops.end_grants(mark, grants, reason=why, by=by, now=now)
    ended += _end_the_rest(mark, target, requests, why=why, by=by, now=now)
    stops.record_stop(mark, ended, by=by, now=now)
    _tried(lambda: stops.create_stop_notifications(mark, people_to_notify(target, grants, requests), now=now))
    tasks.enqueue_all({grant.role_id for grant in grants})
    tasks.enqueue_notifications()
    return mark


def _lock_scope(target: Target, *, now: datetime) -> list[int]:
    """Lock contractors, then roles, in the order of everybody; return the ids of the contractors."""
    contractors = list(target.contractors().select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    # Find their keys first, because the other conditions can change while this query waits for a lock.
    keys = list(target.roles(now=now).values_list("pk", flat=True))
    # A thousand roles have megabytes of documents, which nothing here reads.
    list(Role.objects.lock().filter(pk__in=keys).order_by("pk").only("pk", "state__generation"))
    return contractors


def _locked(rows: QuerySet[Request]) -> list[Request]:
    return list(rows.select_for_update(of=("self",)))


def _end_the_rest(
    mark: Stop, target: Target, requests: Sequence[Request], *, why: Text, by: User, now: datetime
) -> list[Entry]:
    """Withdraw the requests and end the policies, and return the events.

    What fails is logged and left: while the mark is there, none of it grants anything, and the button can be pressed
    again.
    """
    withdrawn = _tried(lambda: stops.withdraw_requests(requests, reason=why, now=now)) or []
    ended = _tried(lambda: _end_policies(target, by=by, now=now)) or []
    _tried(lambda: stops.store_counts(mark, requests=len(withdrawn), policies=len(ended)))
    return withdrawn + ended


def _end_policies(target: Target, *, by: User, now: datetime) -> list[Entry]:
    auto_approvals = list(target.auto_approval_policies(now=now).select_related("role__account"))
    break_glass = list(target.break_glass_policies(now=now))
    return stops.end_policies(auto_approvals, break_glass, by=by, now=now)


def _tried(step: Callable[[], Result]) -> Result | None:
    """Try a step: the grants end in any case."""
    return tried(step, event="stop.step_failed")


@transaction.atomic
def lift(*, by: User, stop: Stop, has_new_factor: bool, now: datetime) -> bool:
    """Propose to lift a stop, or lift what another administrator proposed to; return whether it is lifted.

    Nothing that ended comes back: access has to be requested again.
    """
    if not has_new_factor:
        raise Refused("confirmation_too_old")
    Stop.objects.select_for_update().get(pk=stop.pk)
    lock_people(by)
    stop = Stop.objects.select_related("lift_proposed_by", "role", "account", "company", "person").get(pk=stop.pk)
    is_second = check_can_lift(by.facts(), stop.lift_facts(), now=now)
    (stops.lift if is_second else stops.propose_lift)(stop, by=by, now=now)
    return is_second
