"""Whether one more grant may be given, and which role would hold it; reads the database, changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db.models import Prefetch

from access import trust, verify
from access.guarding import guarded
from access.lifecycle import GrantFacts
from access.models import Grant, Role
from access.rules import Refused
from access.trust import Capacity

log = structlog.get_logger(__name__)

UNREADABLE = (
    "Daypass cannot tell whom other statements of this role admit, so no access can be granted here. "
    "An administrator must change them in IAM."
)


@dataclass(frozen=True, slots=True)
class Place:
    """The role that would hold the grant: the one that was asked for, or one of its twins, which may yet be unsaved."""

    role: Role
    capacity: Capacity

    @property
    def is_new(self) -> bool:
        return not self.role.pk


def find_place(role: Role, one_more: GrantFacts, *, now: datetime) -> Place:
    """Give the first of `role` and its twins that has room for `one_more`; raises Refused with the reason why none.

    A twin of which sessions could undo their end, as somebody has changed it in AWS, is passed over.
    """
    check_end_enforceable(role)
    has_room = False
    for candidate, kept in _candidates(role, now=now):
        if candidate.may_undo_end and not is_let_be(candidate):
            continue
        place = Place(candidate, _room_in(candidate, kept, one_more, now=now))
        has_room = has_room or place.capacity.fits
        if place.capacity.fits and place.capacity.share <= role.largest_share / 100:
            check_alone(candidate, one_more, now=now)
            return place
    if has_room:
        raise Refused(f"One contractor may fill at most {role.largest_share} % of a role. End another access first.")
    raise Refused("No more access fits into this role at the moment. Try again when another access has ended.")


def _kept(role: Role, *, now: datetime) -> Iterable[Grant]:
    return role.grants.in_documents(now=now) if role.pk else ()


def _room_in(role: Role, kept: Iterable[Grant], one_more: GrantFacts, *, now: datetime) -> Capacity:
    """Give the capacity of one role, with AWS as the worker last read it."""
    room = guarded(partial(_capacity, role, kept, one_more, now=now))
    if not isinstance(room, Exception):
        return room
    if isinstance(room, trust.NotWritable):
        raise Refused(f"{room} Until then no more access can be given here.") from room
    log.error("capacity.failed", role=role.arn, exc_info=room)
    raise Refused(UNREADABLE) from room


def _capacity(role: Role, kept: Iterable[Grant], one_more: GrantFacts, *, now: datetime) -> Capacity:
    facts, grants = role.facts(), [grant.facts() for grant in kept]
    former = role.grants.former(role.seen_closing, role=facts, beside=grants) if role.pk else ()
    return trust.capacity(
        facts,
        grants,
        one_more,
        present=role.seen_trust,
        now=now,
        quota=role.account.trust_quota,
        other_inline=role.other_inline_size,
        closing=role.seen_closing,
        former=former,
    )


def check_alone(role: Role, grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused when unmanaged statements admit the principal by themselves, or that cannot be decided: a window
    would mean nothing. On a managed role no statement stays that does.
    """
    if role.is_managed:
        return
    names = Grant.objects.filter(role=role).values_list("session_name", flat=True) if role.pk else ()
    known = frozenset(names)
    admits = guarded(partial(verify.foreign_admits, role.seen_trust, grant, known=known, at=now))
    if isinstance(admits, Exception):
        log.error("verifier.failed", role=role.arn, exc_info=admits)
        raise Refused(UNREADABLE) from admits
    if admits:
        raise Refused(
            "Other statements of this role admit the same principal at any time, or could. "
            "An administrator must change them in IAM."
        )


def check_end_enforceable(role: Role) -> None:
    """Raise Refused when a session of this role could undo its own end, unless an administrator lets that be."""
    if role.may_undo_end and not is_let_be(role):
        raise Refused(
            "This role's own permissions could undo the end of the access "
            f"({', '.join(role.may_undo_end[:3])}). An administrator must mend the role first."
        )


def is_let_be(role: Role) -> bool:
    """Say whether an administrator lets sessions undo their end: said of a role, it holds for its twins."""
    return (role.twin_of or role).end_not_enforceable


def _candidates(role: Role, *, now: datetime) -> Iterator[tuple[Role, Iterable[Grant]]]:
    """Give the role, its twins, and the next twin, each with the grants that its documents speak of; those of all twins
    are read together.
    """
    yield role, _kept(role, now=now)
    if not role.spills:
        return
    of_twins = Prefetch("grants", Grant.objects.in_documents(now=now))
    twins = list(role.twins.select_related("account").prefetch_related(of_twins).order_by("pk"))
    yield from ((twin, twin.grants.all()) for twin in twins)
    taken = {twin.name for twin in twins}
    yield next((twin, ()) for number in range(2, len(twins) + 3) if (twin := new_twin(role, number)).name not in taken)


def new_twin(role: Role, number: int) -> Role:
    """Give the unsaved twin of a role: same permissions, boundary, tags and session length, under a numbered name."""
    return Role(
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
        twin_of=role,
        to_build=True,
    )
