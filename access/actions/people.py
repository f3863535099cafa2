"""Manage people: their contracts, and disabling them, which ends everything that they can do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from access import tasks
from access.actions.locking import lock_people, locked_grants
from access.ledger.browsers import forget_browsers
from access.ledger.grants import record_revocation
from access.ledger.people import (
    change_contract,
    change_person,
    contract_details,
    record_enabled,
    settle_sign_in,
)
from access.ledger.requests import settle
from access.ledger.sessions import end_sessions
from access.lifecycle import RequestState
from access.models import BreakGlassPolicy, Company, Contractor, Grant, Request, Role, User
from access.rules.facts import Refused
from access.rules.people import check_can_administer, check_can_manage, check_can_sponsor, check_contract_end
from access.texts import stored
from access.texts.text import Text

What = User | Company | Contractor


@dataclass(frozen=True, slots=True)
class Ending:
    """What disabling a person or a company ends."""

    contractors: list[Contractor]
    grants: list[Grant]
    requests: list[Request]


def what_ends(what: What, *, now: datetime) -> Ending:
    """Return what disabling `what` ends: the people, their grants and their requests."""
    contractors = _contractors_of(what)
    return Ending(contractors, list(_open_grants(what, contractors, now=now)), list(_waiting(contractors)))


def disable_person_or_company(*, by: User, what: What, now: datetime) -> None:
    """Disable a contractor, a company or an internal user: every grant that depends on them ends immediately, and so do
    their sessions here.
    """
    while not _disable(by=by, what=what, now=now):
        pass  # another contractor got this sponsor in the meantime


@transaction.atomic
def _disable(*, by: User, what: What, now: datetime) -> bool:
    """Return whether it is done: nothing is when not everybody who depends on them turns out to be locked."""
    contractors = _lock_contractors(what)
    _check_can_enable_or_disable(by, what)
    # Lock everything before the audit chain, and in the usual order, so that there are no deadlocks.
    _lock_roles(what, list(_open_grants(what, contractors, now=now)))
    requests = list(_waiting(contractors).select_for_update())
    people = _hold_people(what, contractors)
    if _contractors_of(what) != contractors:
        return False
    grants = locked_grants(_open_grants(what, contractors, now=now))
    record_enabled(what, enabled=False, by=by, now=now)
    settle_sign_in(_contractors_of(what))
    reason = Text("revoked_disabled", {"name": str(what)})
    for grant in grants:
        record_revocation(grant, verb="grant.revoked", reason=reason, by=by, now=now)
        tasks.enqueue(grant.role_id, urgent=True)
    for request in requests:
        settle(request, "expire", by=by, now=now, is_ending=True, text=stored.dump(reason))
    end_sessions([person.pk for person in people])
    for person in people:
        forget_browsers(person, why="disabled", by=by, now=now)
    return True


@transaction.atomic
def enable_person_or_company(*, by: User, what: What, now: datetime) -> None:
    """Enable a person or a company again. Grants that ended stay ended and have to be requested again."""
    contractors = _lock_contractors(what)
    _check_can_enable_or_disable(by, what)
    _hold_people(what, contractors)
    record_enabled(what, enabled=True, by=by, now=now)
    settle_sign_in(_contractors_of(what))


@transaction.atomic
def set_rights(*, by: User, colleague: User, sponsor: bool, now: datetime) -> None:
    """Make an internal user a sponsor, or no longer; contractors whom they sponsor stay theirs."""
    check_can_administer(by.facts())
    before, colleague.is_sponsor = colleague.is_sponsor, sponsor
    change_person(colleague, {"is_sponsor": (before, sponsor)}, by=by, now=now)


@transaction.atomic
def set_contract(
    *, by: User, contractor: Contractor, ends_at: datetime, role_ids: Collection[int], sponsor: User, now: datetime
) -> None:
    """Change a contract's end, the roles that can be requested, and the sponsor. Disabled roles stay in the contract,
    and the present sponsor can stay without the right to invite.
    """
    (contractor,) = _lock_contractors(contractor)
    check_can_manage(by.facts(), contractor.sponsor_id)
    check_contract_end(ends_at, now=now)
    if _open_grants(contractor, [contractor], now=now).filter(ends_at__gt=ends_at).exists():
        raise Refused("contract_ends_before_access", field="contract_ends_at")
    roles = [*offered(role_ids), *contractor.roles.filter(is_active=False)]
    # After the roles, as always. If the new sponsor is disabled now, this contractor's access ends too.
    lock_people(sponsor)
    if sponsor.pk != contractor.sponsor_id:
        check_can_sponsor(sponsor.facts())
    before = contract_details(contractor)
    contractor.contract_ends_at, contractor.sponsor = ends_at, sponsor
    change_contract(contractor, before, roles, by=by, now=now)


def _check_can_enable_or_disable(by: User, what: What) -> None:
    if isinstance(what, Contractor):
        check_can_manage(by.facts(), what.sponsor_id)
        return
    check_can_administer(by.facts())
    if what == by:
        raise Refused("cannot_disable_yourself")


def _contractors_of(what: What) -> list[Contractor]:
    rows = Contractor.objects.select_related("user", "company", "sponsor").order_by("pk")
    if isinstance(what, Contractor):
        return list(rows.filter(pk=what.pk))
    return list(rows.filter(company=what) if isinstance(what, Company) else rows.filter(sponsor=what))


def _lock_contractors(what: What) -> list[Contractor]:
    """Return the contractors, their rows locked as those who ask lock theirs: before any role."""
    keys = [contractor.pk for contractor in _contractors_of(what)]
    list(Contractor.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    return _contractors_of(what)


def _lock_roles(what: What, grants: Collection[Grant]) -> None:
    """Lock the roles of these grants, and those with a break-glass policy that names the person: no break-glass grant
    starts meanwhile.
    """
    roles = Q(pk__in={grant.role_id for grant in grants})
    if isinstance(what, User):
        named = BreakGlassPolicy.objects.filter(people=what).values("role")
        roles |= Q(pk__in=named) | Q(overflow_of__in=named)
    list(Role.objects.lock().filter(roles).order_by("pk"))


def _hold_people(what: What, contractors: Collection[Contractor]) -> list[User]:
    """Return, locked, the people whose permission to sign in changes."""
    people = [contractor.user for contractor in contractors] + ([what] if isinstance(what, User) else [])
    lock_people(*people)
    return people


def _open_grants(what: What, contractors: Collection[Contractor], *, now: datetime) -> QuerySet[Grant]:
    """Return the grants that can be ended: those of these contractors, and what an internal user gave themselves."""
    rows = Grant.objects.select_related("role__account", "role__state", "request__requester")
    whose = Q(contractor__in=contractors)
    if isinstance(what, User):
        whose |= Q(contractor=None, request__requester=what)
    return rows.filter(whose).to_end(now=now).order_by("pk")


def _waiting(contractors: Collection[Contractor]) -> QuerySet[Request]:
    return Request.objects.filter(contractor__in=contractors, state=RequestState.PENDING).order_by("pk")


def offered(role_ids: Collection[int]) -> list[Role]:
    """Return the roles of these ids that can be requested, locked because storing a reference to one waits for
    decisions about it. Raises Refused when one of them cannot be requested.
    """
    rows = Role.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=role_ids, is_active=True, overflow_of=None
    )
    roles = list(rows.order_by("pk"))
    if len(roles) != len(set(role_ids)):
        raise Refused("role_not_requestable", field="roles")
    return roles
