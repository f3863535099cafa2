"""Check whether one more grant fits, and find the role that it would be written to; only reads the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from django.db.models import Prefetch

from access import trust, verify
from access.guarding import guarded
from access.lifecycle import GrantFacts
from access.models import Grant, Request, Role
from access.rules import overlapping
from access.rules.facts import Refused
from access.rules.overlapping import OtherGrant
from access.trust import Capacity

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Placement:
    """The role that would hold the grant: the one that was asked for, or one of its overflow roles, which
    might not be saved yet.
    """

    role: Role
    capacity: Capacity

    @property
    def is_new(self) -> bool:
        return not self.role.pk


def check_overlap(request: Request, one_more: Grant, *, now: datetime, among: Iterable[Grant] | None = None) -> None:
    """Raise Refused if the new grant would overlap one of the same person that was approved after the request.

    `among` are the person's open grants with their requests, where they are already read.
    """
    if among is None:
        own = Grant.objects.filter(request__requester=request.requester_id, request__role=request.role_id)
        newer = own.filter(revoked_at=None, ends_at__gt=now, request__settled_at__gt=request.submitted_at)
        among = newer.select_related("request")
    same = (request.role_id, one_more.principal_arn, one_more.portal_issued)
    found = [
        OtherGrant(grant.window, grant.request.settled_at)
        for grant in among
        if grant.request.settled_at and (grant.request.role_id, grant.principal_arn, grant.portal_issued) == same
    ]
    overlapping.check_overlap(one_more.window, found, asked_at=request.submitted_at, now=now)


def find_placement(role: Role, one_more: GrantFacts, *, now: datetime) -> Placement:
    """Return the first of `role` and its overflow roles that has room for `one_more`; raises Refused with the reason
    why none.

    An overflow role of which sessions could bypass their expiry, as somebody has changed it in AWS, is passed over.
    """
    return Places(role, now=now).take(one_more)


class Places:
    """The role and its overflow roles, where several grants are placed one after the other; each is read once."""

    def __init__(self, role: Role, *, now: datetime) -> None:
        self.role, self.now = role, now
        self._seen: list[_Candidate] = []
        self._unseen = _candidates(role, now=now)

    def take(self, one_more: GrantFacts) -> Placement:
        """Place one more grant, as `find_placement` does; later ones find it there."""
        check_expiry_enforceable(self.role)
        has_capacity = False
        for candidate in self._all():
            if candidate.role.state.can_bypass_expiry and not is_accepted_risk(candidate.role):
                continue
            placement = Placement(candidate.role, _capacity_in(candidate, one_more, now=self.now))
            has_capacity = has_capacity or placement.capacity.fits
            if placement.capacity.fits and placement.capacity.share <= self.role.largest_share / 100:
                check_not_admitted_otherwise(candidate.role, one_more, now=self.now)
                candidate.placed.append(one_more)
                return placement
        if has_capacity:
            raise Refused("role_share_full", field="role", share=self.role.largest_share)
        raise Refused("role_full", field="role")

    def _all(self) -> "Iterator[_Candidate]":
        yield from self._seen
        for candidate in self._unseen:
            self._seen.append(candidate)
            yield candidate


@dataclass(slots=True)
class _Candidate:
    """A role that could hold a grant: the grants that its documents speak of, and those that are placed there."""

    role: Role
    kept: Iterable[Grant]
    placed: list[GrantFacts] = field(default_factory=list)
    _read: tuple[list[GrantFacts], frozenset[str]] | None = None

    def read(self) -> tuple[list[GrantFacts], frozenset[str]]:
        """Return the grants, and the sessions in the expiry policy of former ones, read once."""
        if self._read is None:
            grants, role = [grant.facts() for grant in self.kept], self.role
            shown = role.state.observed_expiry_policy
            former = role.grants.former(shown, role=role.facts(), beside=grants) if role.pk else frozenset[str]()
            self._read = grants, former
        grants, former = self._read
        return [*grants, *self.placed], former


def _kept(role: Role, *, now: datetime) -> Iterable[Grant]:
    return role.grants.in_documents(now=now) if role.pk else ()


def _capacity_in(candidate: _Candidate, one_more: GrantFacts, *, now: datetime) -> Capacity:
    """Return the capacity of one role, with AWS as the worker last read it."""
    capacity = guarded(partial(_capacity, candidate, one_more, now=now))
    if not isinstance(capacity, Exception):
        return capacity
    if isinstance(capacity, trust.NotWritable):
        raise Refused("trust_policy_not_writable", field="role", problem=str(capacity)) from capacity
    log.error("capacity.failed", role=candidate.role.arn, exc_info=capacity)
    raise Refused("unmanaged_statements_unreadable", field="role") from capacity


def _capacity(candidate: _Candidate, one_more: GrantFacts, *, now: datetime) -> Capacity:
    (grants, former), role = candidate.read(), candidate.role
    return trust.capacity(
        role.facts(),
        grants,
        one_more,
        present=role.state.observed_trust,
        now=now,
        quota=role.account.trust_quota,
        other_inline=role.state.other_inline_size,
        expiry_policy=role.state.observed_expiry_policy,
        former=former,
    )


def check_not_admitted_otherwise(role: Role, grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused when unmanaged statements admit the principal by themselves, or that cannot be decided: a window
    would mean nothing. On a managed role no statement stays that does.
    """
    if role.is_managed:
        return
    names = Grant.objects.filter(role=role).values_list("session_name", flat=True) if role.pk else ()
    known = frozenset(names)
    admits = guarded(partial(verify.unmanaged_admits, role.state.observed_trust, grant, known=known, at=now))
    if isinstance(admits, Exception):
        log.error("verifier.failed", role=role.arn, exc_info=admits)
        raise Refused("unmanaged_statements_unreadable", field="role") from admits
    if admits:
        raise Refused("admitted_by_unmanaged_statement", field="role")


def check_expiry_enforceable(role: Role) -> None:
    """Raise Refused when a session of this role could bypass its expiry, unless an administrator lets that be."""
    if role.state.can_bypass_expiry and not is_accepted_risk(role):
        raise Refused("role_can_bypass_expiry", field="role", actions=tuple(role.state.can_bypass_expiry[:3]))


def is_accepted_risk(role: Role) -> bool:
    """Return whether an administrator lets sessions bypass their expiry: said of a role, it holds for its overflow
    roles.
    """
    return (role.overflow_of or role).expiry_not_enforceable


def _candidates(role: Role, *, now: datetime) -> Iterator[_Candidate]:
    """Yield the role, its overflow roles, and the next overflow role, each with the grants that its documents speak of;
    those of all overflow roles are read together.
    """
    yield _Candidate(role, _kept(role, now=now))
    if not role.allows_overflow:
        return
    of_overflow_roles = Prefetch("grants", Grant.objects.in_documents(now=now))
    overflow_roles = list(
        role.overflow_roles.select_related("account").prefetch_related(of_overflow_roles).order_by("pk")
    )
    yield from (_Candidate(overflow_role, overflow_role.grants.all()) for overflow_role in overflow_roles)
    taken = {overflow_role.name for overflow_role in overflow_roles}
    yield next(
        _Candidate(overflow_role, ())
        for number in range(2, len(overflow_roles) + 3)
        if (overflow_role := new_overflow_role(role, number)).name not in taken
    )


def new_overflow_role(role: Role, number: int) -> Role:
    """Return the unsaved overflow role of a role: same permissions, boundary, tags and session length, under a numbered
    name.
    """
    return Role.new(
        account=role.account,
        name=f"{role.name}-{number}",
        path=role.path,
        description=role.description,
        is_active=False,
        permissions_name=role.permissions_name,
        permissions=role.permissions,
        policy_arns=role.policy_arns,
        tags=role.tags,
        max_session_seconds=role.max_session_seconds,
        longest_window=role.longest_window,
        external_id=role.external_id,
        requires_mfa=role.requires_mfa,
        overflow_of=role,
        to_build=True,
    )
