"""Names for background work. A message carries a role's id and nothing else: it is a hint, never authority."""

import functools

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from access import reconcile

log = structlog.get_logger(__name__)


@shared_task(name="access.tasks.reconcile_role")
def reconcile_role(role_id: int) -> None:
    """Bring one role in line."""
    reconcile.role(role_id, now=timezone.now)


@shared_task(name="access.tasks.sweep")
def sweep() -> None:
    """Find every role that is not in line, whatever message was lost, and ask for it."""
    now = timezone.now()
    reconcile.beat(now=now)
    reconcile.read_quotas(now=now)
    for role_id in [*reconcile.due(now=now), *reconcile.drifted(now=now)]:
        _publish(role_id, urgent=False)


def hint(role_id: int, *, urgent: bool = False) -> None:
    """Ask for one role once the transaction is committed; when the queue is down, the next sweep finds it."""
    transaction.on_commit(functools.partial(_publish, role_id, urgent=urgent), robust=True)


def _publish(role_id: int, *, urgent: bool) -> None:
    try:
        reconcile_role.apply_async(args=(role_id,), queue="urgent" if urgent else "default")
    except reconcile_role.OperationalError as error:
        log.warning("hint.lost", role_id=role_id, reason=type(error).__name__)
