"""Which roles need the worker now. The sweep asks; it finds everything, whatever message was lost."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from access import ledger
from access.models import Grant, Heartbeat, Role, TrustOrder

WORKER = "worker"
DAY = timedelta(days=1)


def due(*, now: datetime) -> list[int]:
    """Give the ids of the roles that are not in line, have reached a change, or were not looked at lately."""
    changed = ~Q(reconciled_generation=F("generation")) | Q(reconciled_at=None) | Q(failures__gt=0) | Q(to_update=True)
    ordered = Q(pk__in=TrustOrder.objects.filter(settled_at=None).values("role"))
    looked_at_before = now - timedelta(seconds=settings.DRIFT_SECONDS)
    overdue = Q(next_change_at__lte=now) | Q(quiet_until__lte=now) | Q(reconciled_at__lte=looked_at_before)
    # What a role may do, and when it was last used, is read daily also when nobody touches it.
    unread = Q(permissions_read_at__lte=now - DAY, to_build=False)
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    may_try = Q(retry_at=None) | Q(retry_at__lte=now)
    waiting = Role.objects.filter(changed | ordered | overdue | unread).filter(free).filter(may_try)
    return list(waiting.order_by(F("waiting_since").asc(nulls_last=True), "reconciled_at").values_list("pk", flat=True))


def revoked() -> set[int]:
    """Give the ids of the roles with a revocation that is not in AWS yet: those overtake everything."""
    return set(Grant.objects.filter(revoked_at__isnull=False, removed_at=None).values_list("role_id", flat=True))


def beat(*, now: datetime) -> None:
    """Record that the worker works, settle what time has decided (requests undecided, sessions half opened), and write
    to the audit chain what people were refused.
    """
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": now})
    ledger.lapse_overdue(now=now)
    ledger.close_abandoned(now=now)
    ledger.record_refusals(now=now)
