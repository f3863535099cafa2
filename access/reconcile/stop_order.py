"""Write every Deny of a stop before any trust policy: roles that a stop ends access on wait for each other.

Each attempt writes the Denies of its role. If other roles of the same stop have no Deny yet, the trust policy waits.
Nothing else waits: neither a Deny, nor a role on which access was revoked in another way. See docs/adr/0057-stops.md.
"""

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import F, Q

from access import pauses
from access.guarding import guarded
from access.ledger.role_states import store_denied
from access.lifecycle import Problem
from access.models import Grant, Role
from access.models.grants import GrantQuerySet

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(minutes=10)  # after this time, a trust policy no longer waits for the Denies of other roles

_IS_DENIED = Q(role__state__denied_generation=F("role__state__generation"))
# If an attempt failed for another reason than throttling, waiting for the role could take hours.
_IS_FAILING = Q(role__state__failures__gt=0) & ~Q(role__state__problem=Problem.AWS_THROTTLED)


class TrustWaits(Exception):
    """The Denies of a role are in AWS. Its trust policy waits for the Denies of other roles."""


def must_wait(role_id: int, *, now: datetime) -> bool:
    """Return whether the Denies of a role are in AWS, and its trust policy waits for those of other roles."""
    mine = _ending(now=now).filter(_IS_DENIED, role=role_id)
    return mine.exists() and _waits(role_id, now=now)


def await_denies(row: Role, *, now: datetime) -> None:
    """Record that AWS has the Denies of this role; raises TrustWaits if other roles of the same stop have none yet.

    If this cannot be found out, the trust policy does not wait.
    """
    waits = guarded(partial(_record, row, now=now))
    if isinstance(waits, Exception):
        log.error("stop.order_unknown", role=row.arn, exc_info=waits)
    elif waits:
        log.info("role.trust_waits", role=row.arn)
        raise TrustWaits(row.arn)


def waiting(*, now: datetime) -> set[int]:
    """Return the IDs of the roles whose trust policy waits for the Denies of other roles."""
    stops = set(_lacking(now=now).values_list("ended_by_stop", flat=True))
    if not stops:
        return set()
    denied = set(_ending(now=now).filter(_IS_DENIED, ended_by_stop__in=stops).values_list("role", flat=True))
    return denied - set(_revoked_otherwise().filter(role__in=denied).values_list("role", flat=True))


def denied(*, now: datetime) -> set[int]:
    """Return the IDs of the roles whose Denies are in AWS, and on which a stop still ends access."""
    return set(_ending(now=now).filter(_IS_DENIED).values_list("role", flat=True))


def stops_without_deny(role_id: int, *, now: datetime) -> set[int]:
    """Return the IDs of the stops that end access on this role, if its Denies are not in AWS yet."""
    return set(_lacking(now=now).filter(role=role_id).values_list("ended_by_stop", flat=True))


def released(stops: set[int], *, now: datetime) -> set[int]:
    """Return the IDs of the roles of these stops that waited until now: every other role has its Denies."""
    if not stops:
        return set()
    mine = _ending(now=now).filter(_IS_DENIED, ended_by_stop__in=stops)
    return set(mine.values_list("role", flat=True)) - waiting(now=now)


def _record(row: Role, *, now: datetime) -> bool:
    if not _ending(now=now).filter(role=row.pk).exists():
        return False
    # Commit this before asking about the others: otherwise, two workers could each wait for the role of the other.
    store_denied(row)
    return _waits(row.pk, now=now)


def _waits(role_id: int, *, now: datetime) -> bool:
    if _revoked_otherwise().filter(role=role_id).exists():
        return False
    stops = _ending(now=now).filter(role=role_id).values("ended_by_stop")
    return _lacking(now=now).filter(ended_by_stop__in=stops).exclude(role=role_id).exists()


def _ending(*, now: datetime) -> GrantQuerySet:
    """Return the grants that a stop ended recently, and that are not gone from AWS."""
    lately = pauses.recent("revoked_at", within=LONGEST_WAIT, now=now)
    return Grant.objects.filter(lately, ended_by_stop__isnull=False, removed_at=None)


def _lacking(*, now: datetime) -> GrantQuerySet:
    return _ending(now=now).exclude(_IS_DENIED).exclude(_IS_FAILING)


def _revoked_otherwise() -> GrantQuerySet:
    return Grant.objects.filter(revoked_at__isnull=False, ended_by_stop=None, removed_at=None)
