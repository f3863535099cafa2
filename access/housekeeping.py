"""Do the part of each sweep that does not concern roles: the heartbeat, expired requests, counters, the audit chain."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings

from access.guarding import guarded
from access.ledger.chaining import chain_spooled
from access.ledger.checkpoints import checkpoint
from access.ledger.extensions import withdraw_left_over
from access.ledger.form_drafts import delete_old_drafts
from access.ledger.heartbeats import beat
from access.ledger.issuances import close_abandoned
from access.ledger.refusals import record_refusals
from access.ledger.requests import expire_overdue
from access.models import Heartbeat
from access.reconcile import unmanaged

log = structlog.get_logger(__name__)

WORKER = "worker"


def has_just_begun(*, now: datetime) -> bool:
    """Return whether a sweep began less than half an interval ago."""
    last = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    return last is not None and timedelta(0) <= now - last < timedelta(seconds=settings.SWEEP_SECONDS / 2)


def run(*, now: datetime) -> None:
    """Record that the worker works, settle what time has decided (requests undecided, extensions of ended access,
    sessions half opened), chain what was spooled, write to the audit chain what people were refused, sign its head, and
    delete drafts that are over.

    What cannot be recorded now is left to a later sweep.
    """
    _settle(chain_spooled, now=now)
    beat(WORKER, now=now)
    steps = (expire_overdue, withdraw_left_over, close_abandoned, record_refusals, unmanaged.settle_left_over)
    for step in (*steps, checkpoint, delete_old_drafts):
        _settle(step, now=now)


def _settle(step: Callable[..., None], *, now: datetime) -> None:
    failed = guarded(partial(step, now=now))
    if isinstance(failed, Exception):
        log.error("sweep.unsettled", step=step.__name__, exc_info=failed)
