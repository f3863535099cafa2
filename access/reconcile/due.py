"""Which roles need the worker now. The sweep asks; it finds everything, whatever message was lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db.models import F, Q

from access import ledger, pauses
from access.guarding import guarded
from access.models import Grant, HardeningChange, Heartbeat, Role
from access.reconcile import unmanaged
from access.reconcile.lease import length, longest_settling
from access.reconcile.outcome import LONGEST_PAUSE

log = structlog.get_logger(__name__)

WORKER = "worker"
DAY = timedelta(days=1)


def due(*, now: datetime) -> list[int]:
    """Return the ids of the roles that are not in sync, have reached a change, or were not looked at lately."""
    changed = ~Q(reconciled_generation=F("generation")) | Q(reconciled_at=None) | Q(failures__gt=0) | Q(to_update=True)
    hardened = Q(pk__in=HardeningChange.objects.filter(settled_at=None).values("role"))
    lately = timedelta(seconds=settings.DRIFT_SECONDS)
    overdue = (
        Q(next_change_at__lte=now)
        | pauses.reached("settle_until", longest=longest_settling(), now=now)
        | pauses.not_recent("reconciled_at", within=lately, now=now)
    )
    # What a role may do, and when it was last used, is read daily also when nobody touches it.
    unread = Q(pauses.not_recent("permissions_read_at", within=DAY, now=now), to_build=False)
    free = pauses.over("leased_until", longest=length(), now=now)
    may_try = pauses.over("retry_at", longest=timedelta(seconds=LONGEST_PAUSE), now=now)
    waiting = Role.objects.filter(changed | hardened | overdue | unread).filter(free).filter(may_try)
    return list(waiting.order_by(F("waiting_since").asc(nulls_last=True), "reconciled_at").values_list("pk", flat=True))


def revoked() -> set[int]:
    """Return the ids of the roles with a revocation that is not in AWS yet: those overtake everything."""
    return set(Grant.objects.filter(revoked_at__isnull=False, removed_at=None).values_list("role_id", flat=True))


def revocations_due(*, now: datetime) -> list[int]:
    """Return the ids of those that can be worked on now, the longest waiting first."""
    waiting = revoked()
    return [role_id for role_id in due(now=now) if role_id in waiting] if waiting else []


def has_just_begun(*, now: datetime) -> bool:
    """Return whether a sweep began less than half an interval ago."""
    last = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    return last is not None and timedelta(0) <= now - last < timedelta(seconds=settings.SWEEP_SECONDS / 2)


def housekeeping(*, now: datetime) -> None:
    """Record that the worker works, settle what time has decided (requests undecided, sessions half opened), chain what
    was spooled, write to the audit chain what people were refused, and sign its head.

    What cannot be recorded now is left to a later sweep.
    """
    _settle(ledger.chain_spooled, now=now)
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": now})
    steps = (ledger.expire_overdue, ledger.close_abandoned, ledger.record_refusals, unmanaged.settle_left_over)
    for step in (*steps, ledger.checkpoint):
        _settle(step, now=now)


def _settle(step: Callable[..., None], *, now: datetime) -> None:
    failed = guarded(partial(step, now=now))
    if isinstance(failed, Exception):
        log.error("sweep.unsettled", step=step.__name__, exc_info=failed)
